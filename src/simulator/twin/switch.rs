//! What leaves the twin: calls and reports, signed with the token of the account they belong to.

use super::books::{Job, TwinAccount, Way};
use super::options::TwinOptions;
use crate::base::Clock;
use crate::simulator::archive::Archive;
use crate::simulator::http::{Target, Webhook};
use crate::simulator::sids::Sids;
use crate::simulator::{Carrier, CarrierSettings, SimulatorError};
use reqwest::Url;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Account, token and address: what a connection pool is for.
type Line = (String, String, String);

#[derive(Debug)]
pub(super) struct Switch {
    routes: Vec<Target>,
    api_base: String,
    archive: Archive,
    clock: Clock,
    carriers: Mutex<HashMap<Line, Carrier>>,
}

impl Switch {
    pub(super) fn new(options: &TwinOptions, api_base: String, archive: Archive) -> Self {
        let (routes, clock) = (options.routes.clone(), options.clock.clone());
        Self { routes, api_base, archive, clock, carriers: Mutex::default() }
    }

    /// A carrier that reaches `url` and calls for `account`.
    pub(super) fn carrier(&self, account: &TwinAccount, url: &Url) -> Result<Carrier, SimulatorError> {
        let origin = url.origin().ascii_serialization();
        let line = (account.sid.clone(), account.token.expose().to_owned(), origin.clone());
        let mut carriers = self.carriers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = carriers.get(&line) {
            return Ok(known.clone());
        }
        let known = self.routes.iter().find(|target| target.answers_for(url)).cloned();
        let target = known.map_or_else(|| Target::new(&origin, None), Ok)?;
        let settings = CarrierSettings {
            api_base: self.api_base.clone(),
            // Documents may lead anywhere, as they may with Twilio.
            roams: true,
            fallback: None,
            status: None,
            ..CarrierSettings::new(target, account.sid.clone(), account.token.clone())
        };
        let carrier = Carrier::new(settings, self.archive.clone())?;
        Ok(carriers.entry(line).or_insert(carrier).clone())
    }

    /// A carrier whose number has these URLs.
    pub(super) fn number(
        &self,
        account: &TwinAccount,
        voice: Way,
        fallback: Option<Way>,
        status: Option<Way>,
    ) -> Result<Carrier, SimulatorError> {
        let mut carrier = self.carrier(account, &voice.0)?;
        (carrier.voice, carrier.voice_method) = voice;
        if let Some((url, method)) = fallback {
            (carrier.fallback, carrier.fallback_method) = (Some(url), method);
        }
        if let Some((url, method)) = status {
            (carrier.status, carrier.status_method) = (Some(url), method);
        }
        Ok(carrier)
    }

    /// Does what a request has set going.
    pub(super) async fn run(&self, account: &TwinAccount, job: Job) -> Result<(), SimulatorError> {
        match job {
            Job::Call { voice, fallback, plan, .. } => {
                // A document of its own needs no voice URL; something must say where its callbacks go first.
                let reports = plan.reports.as_ref().map(|reports| (reports.url.clone(), reports.method));
                let voice = voice.or(reports).or_else(|| fallback.clone()).map_or_else(|| self.somewhere(), Ok)?;
                match self.number(account, voice, fallback, None) {
                    Ok(carrier) => drop(carrier.place_outbound(*plan).await),
                    Err(why) => {
                        self.archive.end(&plan.sid, "failed", self.clock.now(), 0);
                        return Err(why);
                    }
                }
            }
            Job::Reports { to: (url, method), reports, .. } => {
                let carrier = self.carrier(account, &url)?;
                let seed = reports.iter().flatten().map(|(_, value)| value.len() as u128).sum();
                let (mut tokens, mut cookies) = (Sids::seeded(seed), Vec::new());
                for fields in &reports {
                    let (token, cookies) = (&tokens.delivery_token(), &mut cookies);
                    let webhook = Webhook { method, url: &url, fields, token, cookies, turn: 0, mishap: None };
                    carrier.client.send(webhook, &self.clock).await;
                }
            }
        }
        Ok(())
    }

    fn somewhere(&self) -> Result<Way, SimulatorError> {
        let target = self.routes.first().cloned().map_or_else(|| Target::new("http://127.0.0.1", None), Ok)?;
        Ok((target.resolve("/")?, crate::twiml::Method::Post))
    }
}
