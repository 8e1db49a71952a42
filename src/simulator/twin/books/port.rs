//! Orders to bring numbers here from another carrier.

use crate::base::Time;
use serde_json::Value;

/// An order, as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct PortOrder {
    /// `KW…`
    pub sid: String,
    /// Who gets the numbers.
    pub account_sid: String,
    /// `In Review` at first; what comes next is asked for, or `Canceled`.
    pub status: String,
    /// Number, and its own SID (`PU…`).
    pub numbers: Vec<(String, String)>,
    /// What was ordered, word for word.
    pub asked: Value,
    /// When.
    pub created: Time,
}

impl PortOrder {
    /// The numbers are here.
    pub(crate) const COMPLETED: &'static str = "Completed";
    /// Taken back.
    pub(crate) const CANCELED: &'static str = "Canceled";

    /// Whether nothing will come of it any more, or all has.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.status.as_str(), Self::COMPLETED | Self::CANCELED | "Expired" | "Rejected")
    }
}
