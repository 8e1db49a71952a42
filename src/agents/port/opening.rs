//! What an agent is told about a call when it begins.

use crate::base::CallSid;
use std::collections::BTreeMap;

/// A call, as its agent gets to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The call.
    pub call: CallSid,
    /// Name of the line.
    pub line: String,
    /// The caller's number as the carrier writes it; what the agent gets of it is the line's choice.
    pub from: String,
    /// The number called.
    pub to: String,
    /// BCP 47.
    pub language: String,
    /// The menu that the caller comes from.
    pub menu: String,
    /// Notes on the call so far.
    pub tags: BTreeMap<String, String>,
}
