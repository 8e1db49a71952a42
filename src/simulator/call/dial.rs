//! Dial: whom, in which order, and what the action is told (PROTOCOL.md 2.8 and 3.5).

use super::run::{Fetch, Next, Run};
use super::stage::HungUp;
use crate::simulator::http::Fields;
use crate::twiml::{self, Callee, Dial, LegEvent, LegEvents, Method};

/// Somebody to ring, whatever noun they are.
#[derive(Clone, Debug)]
pub(super) struct Phone {
    pub(super) to: String,
    /// Heard by who answers, before being connected.
    pub(super) whisper: Option<(String, Method)>,
    status: Option<(String, Method)>,
    events: Option<LegEvents>,
}

impl Phone {
    /// Where `event` of this leg is told, if it is.
    pub(super) fn told_of(&self, event: LegEvent) -> Option<&(String, Method)> {
        let wanted = self.events.as_ref().map_or(event == LegEvent::Completed, |events| events.contains(&event));
        self.status.as_ref().filter(|_| wanted)
    }
}

/// What came of a Dial.
#[derive(Clone, Debug)]
pub(super) struct DialResult {
    /// Twilio's DialCallStatus.
    pub(super) status: &'static str,
    /// The leg that decided it.
    pub(super) sid: Option<String>,
    /// Seconds since the callee answered.
    pub(super) duration: Option<u64>,
    pub(super) bridged: bool,
    /// Where the conversation was recorded.
    pub(super) recording: Option<String>,
}

impl DialResult {
    pub(super) const fn unanswered(status: &'static str, sid: Option<String>) -> Self {
        Self { status, sid, duration: None, bridged: false, recording: None }
    }

    fn fields(self) -> Fields {
        let Self { status, sid, duration, bridged, recording } = self;
        let mut fields: Fields = vec![("DialCallStatus", status.to_owned())];
        fields.extend(sid.map(|sid| ("DialCallSid", sid)));
        fields.extend(duration.map(|seconds| ("DialCallDuration", seconds.to_string())));
        fields.push(("DialBridged", bridged.to_string()));
        fields.extend(recording.map(|url| ("RecordingUrl", url)));
        if status == "failed" {
            let message = "Dial: Twilio does not support calling this number or the number is invalid";
            fields.extend([("ErrorCode", "13224".to_owned()), ("ErrorMessage", message.to_owned())]);
        }
        fields
    }
}

impl Run<'_, '_> {
    pub(super) async fn dial(&mut self, dial: &Dial) -> Result<Next, HungUp> {
        for name in left_out(dial) {
            self.stage.warn(0, format!("{name} is not simulated by this version; going on without it"));
        }
        let result = match (&dial.callee, phones(&dial.callee)) {
            (Callee::Queue(queue), _) => self.dequeue(dial, queue).await,
            (_, Ok(phones)) => self.ring_in_order(dial, phones).await,
            (_, Err(noun)) => {
                self.stage.warn(0, format!("<{noun}> is not simulated by this version: the dial counts as failed"));
                DialResult::unanswered("failed", None)
            }
        };
        let action = dial.action.as_ref().filter(|url| !url.is_empty());
        let fetch = action.map(|url| Fetch::action("dial action", Some(url), dial.method, result.fields()));
        if self.stage.has_hung_up() {
            self.leg.status = "completed";
            if let Some(fetch) = fetch {
                self.tell(fetch).await;
            }
            return Err(HungUp);
        }
        Ok(fetch.map_or(Next::Verb, Next::Fetch))
    }

    /// All at once, or one after the other until somebody answers.
    async fn ring_in_order(&mut self, dial: &Dial, phones: Vec<Phone>) -> DialResult {
        if dial.sequential != Some(true) {
            return self.ring(dial, phones).await;
        }
        let mut result = DialResult::unanswered("failed", None);
        for phone in phones {
            result = self.ring(dial, vec![phone]).await;
            if result.duration.is_some() || self.stage.must_stop() {
                break;
            }
        }
        result
    }
}

/// The phones of a Dial, or the noun that has none.
fn phones(callee: &Callee) -> Result<Vec<Phone>, &'static str> {
    match callee {
        Callee::Bare(number) => Ok(vec![plain(number.trim())]),
        Callee::Legs(legs) => Ok(legs.as_slice().iter().map(phone).collect()),
        Callee::Conference(_) => Err("Conference"),
        Callee::Queue(_) => Err("Queue"),
    }
}

/// Attributes that would change what happens, if this version knew them.
fn left_out(dial: &Dial) -> Vec<&'static str> {
    let mut found = Vec::new();
    if dial.hangup_on_star == Some(true) {
        found.push("hangupOnStar");
    }
    let Callee::Legs(legs) = &dial.callee else { return found };
    for leg in legs.as_slice() {
        let (keys, detection) = match leg {
            twiml::Leg::Number(number) => (number.send_digits.is_some(), number.machine_detection.is_some()),
            twiml::Leg::Sip(sip) => (false, sip.machine_detection.is_some()),
            _ => (false, false),
        };
        found.extend(keys.then_some("sendDigits"));
        found.extend(detection.then_some("machineDetection"));
    }
    found
}

fn plain(to: &str) -> Phone {
    Phone { to: to.to_owned(), whisper: None, status: None, events: None }
}

fn phone(leg: &twiml::Leg) -> Phone {
    /// The five attributes all nouns share.
    macro_rules! phone {
        ($noun:ident, $to:expr) => {{
            let url = |to: &Option<String>, method: Option<Method>| {
                to.clone().filter(|url| !url.is_empty()).map(|url| (url, method.unwrap_or(Method::Post)))
            };
            Phone {
                to: $to.trim().to_owned(),
                whisper: url(&$noun.url, $noun.method),
                status: url(&$noun.status_callback, $noun.status_callback_method),
                events: $noun.status_callback_event.clone(),
            }
        }};
    }
    match leg {
        twiml::Leg::Number(noun) => phone!(noun, noun.number),
        twiml::Leg::Sip(noun) => phone!(noun, noun.address.uri),
        twiml::Leg::Client(noun) => phone!(noun, format!("client:{}", noun.identity.name)),
        twiml::Leg::Application(noun) => phone!(noun, noun.application.sid),
        twiml::Leg::Sim(noun) => phone!(noun, noun.sid),
        twiml::Leg::WhatsApp(noun) => phone!(noun, noun.number),
    }
}
