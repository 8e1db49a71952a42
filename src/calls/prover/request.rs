//! What the carrier sends next.

use super::circumstances::Circumstance;
use crate::base::Time;
use crate::calls::state::{Choice, State, Tongue};
use crate::config::line::Line;
use crate::gate::{Route, Storage, Webhook};
use crate::ledger::Unit;
use crate::twilio::form::Form;

/// The call of every walk.
const CALL: &str = "CA00000000000000000000000000000001";

/// One request: where it goes, and what it says.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub route: Route,
    query: String,
    fields: Vec<(&'static str, String)>,
    at: Time,
    /// Whether somebody waits for the answer.
    pub heard: bool,
    /// The request whose answer the carrier could not use, if that is what this one is about.
    failed: Option<(Route, String)>,
}

impl Request {
    /// A call comes in.
    pub(super) fn arrival(line: &Line, under: &Circumstance<'_>) -> Self {
        // A default line has no number of its own: any that nobody lists will do.
        let to = line.numbers.first().map_or("+15875550199", |number| number.as_str());
        let mut request = Self::coming(to, under.from, Time::UNIX_EPOCH);
        request.fields.extend(under.verstat.map(|found| ("StirVerstat", found.to_owned())));
        request
    }

    /// A call comes in to a number, from a number, at a time.
    pub(super) fn coming(to: &str, from: &str, at: Time) -> Self {
        let (query, fields) = (String::new(), Vec::new());
        let mut request = Self { route: Route::Voice, query, fields, at, heard: true, failed: None };
        request.fields.extend([("CallSid", CALL.to_owned()), ("From", from.to_owned()), ("To", to.to_owned())]);
        request.fields.extend([("Direction", "inbound".to_owned()), ("CallStatus", "ringing".to_owned())]);
        request
    }

    /// The request that follows `self`; `None` when `url` is none of ours.
    pub(super) fn follow(&self, public_url: &str, url: &str) -> Option<Self> {
        let (route, query) = ours(public_url, url)?;
        let lasting = ["CallSid", "From", "To", "Direction", "ParentCallSid"];
        let mut fields: Vec<_> = self.fields.iter().filter(|(name, _)| lasting.contains(name)).cloned().collect();
        fields.push(("CallStatus", "in-progress".to_owned()));
        Some(Self { route, query: query.to_owned(), fields, at: self.at, heard: true, failed: None })
    }

    /// The carrier cannot use the answer, and asks at the second door. Nobody is asked a third time.
    pub(super) fn failed(&self, public_url: &str) -> Option<Self> {
        let of = self.failed.is_none().then(|| (self.route, self.query.clone()))?;
        let url = format!("{public_url}/twilio/{}?{}", of.0.name(), of.1);
        let asked = Self { route: Route::Fallback, query: String::new(), failed: Some(of), ..self.clone() };
        Some(asked.with(&[("ErrorCode", "11200"), ("ErrorUrl", &url)]))
    }

    /// What the carrier says in a field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Whether somebody was rung for the caller, who is still there, and did not talk to him.
    pub(super) fn nobody_came(&self) -> bool {
        let rung = self.route == Route::Dial && self.field("DialCallStatus").is_some();
        rung && self.field("DialBridged") != Some("true") && self.field("CallStatus") == Some("in-progress")
    }

    /// The same with what happened.
    pub(super) fn with(mut self, fields: &[(&'static str, &str)]) -> Self {
        for (name, value) in fields {
            self.fields.retain(|(known, _)| known != name);
            self.fields.push((name, (*value).to_owned()));
        }
        self
    }

    /// Whether it is about a person who is called, not about the caller.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.fields.iter().any(|(name, _)| *name == "ParentCallSid")
    }

    /// Whether somebody who was called has not pressed the key that he is asked for.
    pub(super) fn has_not_accepted(&self) -> bool {
        let asked = self.is_elsewhere() && asks_for_key(&format!("?{}", self.query));
        asked && self.field("Digits") != Some("1")
    }

    /// The line as it speaks to this caller: in the language that he chose.
    pub(super) fn spoken<'l>(&self, line: &'l Line) -> &'l Line {
        spoken(self.failed.as_ref().map_or(&self.query, |(_, query)| query), line)
    }

    /// Whether the call goes on where the document ends: a person who is called is connected, a caller in a queue is asked
    /// again or connected.
    pub(super) fn goes_on(&self) -> bool {
        let query = self.failed.as_ref().map_or(&self.query, |(_, query)| query);
        let query = Form::parse(query.as_bytes());
        self.is_elsewhere() || State::read(&query).is_some_and(|state| state.spot.is_some())
    }

    /// The same, with nobody listening.
    pub(super) fn unheard(mut self) -> Self {
        self.heard = false;
        self
    }

    /// Equal for requests that differ in nothing but the step and what follows from it: then all that comes after
    /// is equal too.
    pub(super) fn place(&self) -> String {
        let mut place = format!("{} {}", self.route.name(), self.heard);
        let failed = self.failed.as_ref();
        if let Some((route, _)) = failed {
            place.push_str(&format!(" behind {}", route.name()));
        }
        for query in std::iter::once(&self.query).chain(failed.map(|(_, query)| query)) {
            let form = Form::parse(query.as_bytes());
            for (key, value) in form.iter().filter(|(key, _)| !matches!(*key, "n" | "id")) {
                place.push_str(&format!("\n{key}={value}"));
            }
        }
        for (key, value) in self.fields.iter().filter(|(key, _)| *key != "ErrorUrl") {
            place.push_str(&format!("\n{key}={value}"));
        }
        place
    }

    /// Lets `decide` answer it.
    pub(super) fn answered(&self, storage: Storage, decide: impl FnOnce(&Webhook<'_>) -> Unit) -> Unit {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish();
        let (state, fields) = (Form::parse(self.query.as_bytes()), Form::parse(body.as_bytes()));
        decide(&Webhook {
            route: self.route,
            state: &state,
            fields: &fields,
            at: self.at,
            key: [0; 16],
            storage,
            carrier_token: None,
            by_get: false,
            end: None,
        })
    }

    /// The setting that is to blame for what this request meets.
    pub(super) fn setting(&self, line: &Line, under: &Circumstance<'_>) -> Option<String> {
        let (route, query) = self.failed.as_ref().map_or((self.route, &self.query), |(route, query)| (*route, query));
        let query = Form::parse(query.as_bytes());
        let state = State::read(&query).unwrap_or_default();
        let menu = if state.menu.is_empty() { &line.entry } else { state.menu };
        match (route, state.choice, self.field("Digits")) {
            _ if state.tongue == Tongue::Asked => Some("languages".to_owned()),
            (Route::Voice, ..) => Some(under.blame.map_or_else(|| format!("menus.{menu}"), str::to_owned)),
            (Route::Dial | Route::Screen | Route::Queue, Some(Choice::Key(key)), _) => {
                Some(format!("menus.{menu}.keys.{key}"))
            }
            (Route::Dial | Route::Queue, Some(Choice::Vip), _) => Some("callers.vip".to_owned()),
            (Route::Dial | Route::Queue, Some(Choice::Closed), _) => Some("hours.closed".to_owned()),
            (Route::Dial, Some(Choice::Emergency), _) => Some("emergency.number".to_owned()),
            (Route::Dial, Some(Choice::Target), _) => Some(format!("agent.targets.{}", state.menu)),
            (Route::Dial, Some(Choice::Failed), _) => Some("agent.on_failure".to_owned()),
            (Route::Dial, Some(Choice::Ended), _) => Some("agent.on_end".to_owned()),
            (Route::Dtmf, _, Some(key)) if !key.is_empty() => Some(format!("menus.{menu}.keys.{key}")),
            (Route::Dial | Route::Dtmf | Route::Queue, ..) => Some(format!("menus.{menu}.otherwise")),
            (Route::Stream, ..) => Some("agent".to_owned()),
            (Route::Voicemail | Route::Recording | Route::Transcription, ..) => Some("voicemail".to_owned()),
            _ => None,
        }
    }
}

/// Our route and query in an absolute URL.
pub(super) fn ours<'u>(public_url: &str, url: &'u str) -> Option<(Route, &'u str)> {
    let rest = url.strip_prefix(public_url)?.strip_prefix("/twilio/")?;
    let rest = rest.split('#').next()?;
    let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
    Route::ALL.into_iter().find(|route| route.name() == name).map(|route| (route, query))
}

/// Whether a URL that is asked when somebody picks up asks him for a key.
pub(super) fn asks_for_key(url: &str) -> bool {
    let query = Form::parse(url.split_once('?').map_or("", |(_, query)| query).as_bytes());
    State::read(&query).is_some_and(|state| state.screen)
}

/// The line in the language that the query of a URL names.
pub(super) fn spoken<'l>(query: &str, line: &'l Line) -> &'l Line {
    let query = Form::parse(query.as_bytes());
    match State::read(&query).map(|state| state.tongue) {
        Some(Tongue::Chosen(tag)) => line.in_language(tag),
        _ => line,
    }
}
