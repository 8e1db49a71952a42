//! What became of a call, as one JSON document.

use super::{Kind, Step};
use crate::simulator::chaos::Sent;
use crate::simulator::problem::Problem;
use crate::simulator::stream::StreamReport;
use serde::Serialize;

/// A call that is over.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The call's SID.
    pub call_sid: String,
    /// Who called.
    pub from: String,
    /// Which number.
    pub to: String,
    /// Twilio's last word on it: `completed`, `busy`, `no-answer`.
    pub status: &'static str,
    /// How it ended, in a few words.
    pub ended: &'static str,
    /// Seconds from the answer to the end, in the call's own time.
    pub duration_s: u64,
    /// Whether nothing went wrong on the way; a call that the fallback URL rescued did not go through.
    pub went_through: bool,
    /// Whether the caller was left with the carrier's own apology: neither the URL nor the fallback URL gave a document.
    pub without_twiml: bool,
    /// What Twilio would log as errors.
    pub errors: Vec<Problem>,
    /// What Twilio would log as warnings.
    pub warnings: Vec<Problem>,
    /// Whom the caller was connected to, or not.
    pub dialled: Vec<Dialled>,
    /// What was recorded.
    pub recordings: Vec<Recorded>,
    /// Its streams: what was measured on them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<StreamReport>,
    /// Every webhook of a chaotic call, as it was sent; empty for others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Sent>,
    /// All that happened, in order.
    pub steps: Vec<Step>,
}

/// One leg of a `<Dial>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dialled {
    /// The leg's own call SID.
    pub sid: String,
    /// Number, SIP address or client.
    pub to: String,
    /// `completed`, `busy`, `no-answer`, `failed`, `canceled`.
    pub status: &'static str,
    /// Whether caller and callee were connected.
    pub bridged: bool,
    /// Seconds from the callee's answer to the end of the leg.
    pub duration_s: u64,
}

/// One recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Its SID.
    pub sid: String,
    /// Where its audio is; nowhere when nothing was said.
    pub url: String,
    /// Its length.
    pub seconds: u64,
    /// What ended it: a key, `hangup`, or nothing (silence, or the longest time).
    pub digits: String,
    /// Nothing was said, and there is no audio.
    pub absent: bool,
}

impl Report {
    /// Everything the line said, in order.
    pub fn heard(&self) -> impl Iterator<Item = &str> {
        let line = |step: &&Step| step.kind == Kind::Said && step.actor == super::Actor::Line;
        self.steps.iter().filter(line).map(|step| step.text.as_str())
    }

    pub(in crate::simulator) fn problems(steps: &[Step], kind: Kind) -> Vec<Problem> {
        let these = steps.iter().filter(|step| step.kind == kind);
        these.map(|step| Problem { code: step.code.unwrap_or_default(), text: step.text.clone() }).collect()
    }
}
