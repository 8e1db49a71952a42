//! The carrier: one account, one number, and the webhooks it was given.

use super::SimulatorError;
use super::archive::Archive;
use super::http::{Client, Target};
use crate::base::Secret;
use crate::twiml::Method;
use reqwest::Url;

/// What a carrier is made of.
#[derive(Clone, Debug)]
pub struct CarrierSettings {
    /// `AC…`
    pub account_sid: String,
    /// The account's token: signs every webhook, opens every recording.
    pub token: Secret,
    /// Where the service is, and what it is called in public.
    pub target: Target,
    /// The number's voice URL: a path of the target, or a whole URL.
    pub voice: String,
    /// How it is asked.
    pub voice_method: Method,
    /// The number's fallback URL.
    pub fallback: Option<String>,
    /// How it is asked.
    pub fallback_method: Method,
    /// The number's status callback.
    pub status: Option<String>,
    /// How it is told.
    pub status_method: Method,
    /// What recordings' URLs begin with; Twilio's own is `https://api.twilio.com`.
    pub api_base: String,
    /// Also follow documents that lead to other hosts.
    pub roams: bool,
}

impl CarrierSettings {
    /// The number is set up as CONTRACT.md 4 names the routes.
    #[must_use]
    pub fn new(target: Target, account_sid: impl Into<String>, token: Secret) -> Self {
        Self {
            account_sid: account_sid.into(),
            token,
            target,
            voice: "/twilio/voice".to_owned(),
            voice_method: Method::Post,
            fallback: Some("/twilio/fallback".to_owned()),
            fallback_method: Method::Post,
            status: Some("/twilio/status".to_owned()),
            status_method: Method::Post,
            api_base: "https://api.twilio.com".to_owned(),
            roams: false,
        }
    }
}

/// An honest Twilio. Cheap to share: all calls of a carrier use one connection pool and one archive.
#[derive(Clone, Debug)]
pub struct Carrier {
    pub(super) account_sid: String,
    pub(super) voice: Url,
    pub(super) voice_method: Method,
    pub(super) fallback: Option<Url>,
    pub(super) fallback_method: Method,
    pub(super) status: Option<Url>,
    pub(super) status_method: Method,
    pub(super) client: Client,
    pub(super) api_base: String,
    pub(super) archive: Archive,
}

impl Carrier {
    /// A carrier that remembers its calls in `archive`.
    ///
    /// # Errors
    /// A URL that is none, or no HTTP client.
    pub fn new(settings: CarrierSettings, archive: Archive) -> Result<Self, SimulatorError> {
        let CarrierSettings { account_sid, token, target, voice, fallback, status, api_base, roams, .. } = settings;
        let CarrierSettings { voice_method, fallback_method, status_method, .. } = settings;
        Ok(Self {
            account_sid,
            voice: target.resolve(&voice)?,
            voice_method,
            fallback_method,
            status_method,
            fallback: fallback.map(|url| target.resolve(&url)).transpose()?,
            status: status.map(|url| target.resolve(&url)).transpose()?,
            client: Client::new(target, token, roams)?,
            api_base: api_base.trim_end_matches('/').to_owned(),
            archive,
        })
    }

    /// The public URL of a path; a whole URL stays as it is.
    pub(super) fn resolve(&self, url: &str) -> Result<Url, SimulatorError> {
        self.client.resolve(url)
    }

    /// `https://api.twilio.com/2010-04-01/Accounts/{AC}{rest}`
    pub(super) fn api_url(&self, rest: &str) -> String {
        format!("{}/2010-04-01/Accounts/{}{rest}", self.api_base, self.account_sid)
    }
}
