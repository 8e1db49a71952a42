//! Recordings, and what is said in them.

use crate::base::Time;

/// A recording that runs, or is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// `RE…`
    pub sid: String,
    /// Whose it is.
    pub account_sid: String,
    /// The call it is of.
    pub call_sid: String,
    /// Its length.
    pub seconds: u64,
    /// 1, or 2 with a side of the conversation on each.
    pub channels: u8,
    /// `RecordVerb`, `DialVerb`, `OutboundAPI`.
    pub source: &'static str,
    /// When it began.
    pub started: Time,
    /// `in-progress`, `paused`, `stopped` while its call goes on; `completed`.
    pub status: &'static str,
    /// When the REST API ended it.
    pub stopped: Option<Time>,
}

impl Recording {
    /// Whether it goes on, or could.
    #[must_use]
    pub fn runs(&self) -> bool {
        matches!(self.status, "in-progress" | "paused")
    }
}

/// The carrier's transcript of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// `TR…`
    pub sid: String,
    /// Whose it is.
    pub account_sid: String,
    /// The recording it is of.
    pub recording_sid: String,
    /// What was said.
    pub text: String,
    /// Length of the recording.
    pub seconds: u64,
    /// When it was made.
    pub created: Time,
}
