//! One call, or one leg that was dialled, as the REST API tells it.

use crate::base::Time;

/// A call as the carrier knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// `CA…`
    pub sid: String,
    /// The call that dialled this one.
    pub parent_sid: Option<String>,
    /// Whose call it is.
    pub account_sid: String,
    /// Who calls.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// `inbound`, `outbound-api` or `outbound-dial`.
    pub direction: &'static str,
    /// Twilio's CallStatus.
    pub status: &'static str,
    /// When it was made.
    pub created: Time,
    /// When it was answered.
    pub answered: Option<Time>,
    /// When it was over.
    pub ended: Option<Time>,
    /// Seconds from the answer to the end.
    pub duration_s: u64,
}

impl CallRecord {
    /// Whether it is over.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.ended.is_some()
    }
}
