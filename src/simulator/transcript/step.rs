//! One step after the other, as it happens.

use crate::simulator::masked;
use serde::Serialize;
use std::time::Duration;

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// The person who calls.
    Caller,
    /// The voice of the service.
    Line,
    /// The person, or the mailbox, that is dialled.
    Callee,
    /// The carrier itself.
    Carrier,
}

impl Actor {
    /// The word in transcripts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Line => "line",
            Self::Callee => "callee",
            Self::Carrier => "carrier",
        }
    }
}

/// What sort of step it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Words that were spoken: `text` is exactly those.
    Said,
    /// Anything else that was done.
    Did,
    /// A webhook was sent and answered.
    Request,
    /// Twilio would log a warning and go on.
    Warning,
    /// Twilio would log an error.
    Error,
}

/// One line of a transcript.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Milliseconds of the call's own time since it began.
    pub at_ms: u64,
    /// Who.
    pub actor: Actor,
    /// What sort.
    pub kind: Kind,
    /// What.
    pub text: String,
    /// Twilio's error code, of a warning or an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// The webhook, of a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestLine>,
}

/// A webhook and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct RequestLine {
    /// Why it was sent: `voice`, `gather action`, `call status`.
    pub purpose: &'static str,
    /// What it tells, in a word: `ringing`, `no-answer`, the keys that were pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The public URL.
    pub url: String,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What it really took, milliseconds.
    pub ms: f64,
    /// How often it was tried.
    pub attempts: u32,
    /// A second delivery of the webhook before it; whether the answer was the same, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_same: Option<bool>,
    /// The document, when one was asked for; shown without the tokens of its streams.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "masked::some")]
    pub twiml: Option<String>,
}

/// Told of each step as it happens.
type Listener<'a> = Box<dyn FnMut(&Step) + Send + 'a>;

/// Collects the steps, and lets somebody watch.
pub(in crate::simulator) struct Transcript<'a> {
    steps: Vec<Step>,
    listener: Listener<'a>,
}

impl<'a> Transcript<'a> {
    pub(in crate::simulator) fn watched_by(listener: impl FnMut(&Step) + Send + 'a) -> Self {
        Self { steps: Vec::new(), listener: Box::new(listener) }
    }

    pub(in crate::simulator) fn add(&mut self, step: Step) {
        (self.listener)(&step);
        self.steps.push(step);
    }

    pub(in crate::simulator) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}

impl std::fmt::Debug for Transcript<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transcript").field("steps", &self.steps.len()).finish_non_exhaustive()
    }
}

impl Step {
    pub(in crate::simulator) fn new(at: Duration, actor: Actor, kind: Kind, text: impl Into<String>) -> Self {
        let at_ms = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        Self { at_ms, actor, kind, text: text.into(), code: None, request: None }
    }
}
