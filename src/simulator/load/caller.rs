//! What one caller of a chaotic day met.

use super::mix::Scenario;
use crate::simulator::problem::Problem;
use crate::simulator::transcript::Report;
use serde::Serialize;

/// One caller.
#[derive(Clone, Debug, Serialize)]
pub struct CallerReport {
    /// The call's number: with the seed it names everything the call was.
    pub call: u64,
    /// The call's SID.
    pub call_sid: String,
    /// What they wanted.
    pub scenario: &'static str,
    /// What went wrong on purpose.
    pub accidents: String,
    /// Twilio's last word on the call.
    pub status: &'static str,
    /// How it ended, in a few words.
    pub ended: &'static str,
    /// Whether they were left with the carrier's own apology.
    pub without_twiml: bool,
    /// All the words they heard, in order.
    pub heard: Vec<String>,
    /// What went wrong and was not meant to.
    pub errors: Vec<Problem>,
}

impl CallerReport {
    pub(super) fn of(call: u64, scenario: Scenario, accidents: String, report: &Report) -> Self {
        Self {
            call,
            call_sid: report.call_sid.clone(),
            scenario: scenario.as_str(),
            accidents,
            status: report.status,
            ended: report.ended,
            without_twiml: report.without_twiml,
            heard: report.heard().map(str::to_owned).collect(),
            errors: report.errors.clone(),
        }
    }

    /// Whether the house did wrong by them.
    pub(super) fn is_wronged(&self) -> bool {
        self.without_twiml || !self.errors.is_empty()
    }
}
