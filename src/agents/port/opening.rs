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

#[cfg(test)]
impl Opening {
    /// A call to a made-up bakery.
    pub(crate) fn example() -> Self {
        Self {
            call: CallSid::parse("CA1").expect("a call"),
            line: "bakery".to_owned(),
            from: "+15875550123".to_owned(),
            to: "+15875550100".to_owned(),
            language: "en-US".to_owned(),
            menu: "main".to_owned(),
            tags: BTreeMap::new(),
        }
    }
}
