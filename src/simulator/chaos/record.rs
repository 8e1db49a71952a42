//! What the carrier really did: the truth that others are compared with.

use crate::simulator::masked;
use serde::Serialize;

/// One webhook, sent or meant to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Milliseconds of the call's own time since it began.
    pub at_ms: u64,
    /// Why: `voice`, `gather action`, `call status`.
    pub purpose: &'static str,
    /// The public URL, as it was signed.
    pub url: String,
    /// The fields, in the order they were sent.
    pub fields: Vec<(&'static str, String)>,
    /// What became of it.
    pub fate: Fate,
    /// The same webhook had been sent before: its number in the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<usize>,
    /// The answer's body, as far as it came; shown without the tokens of its streams.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "masked::some")]
    pub body: Option<String>,
    /// A report that contradicts one before it; the carrier knows better.
    pub is_false: bool,
    /// It was meant to fail.
    pub on_purpose: bool,
}

/// What became of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// There was an answer of this status.
    Answered(u16),
    /// There was none: it may have been processed, or not.
    Unanswered,
    /// It was never sent, or broke off on the way: it cannot have been processed.
    NeverSent,
}

impl Sent {
    /// A field's value.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the carrier was told that it arrived.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        matches!(self.fate, Fate::Answered(200..=299))
    }

    /// Whether it may have been processed.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        self.fate != Fate::NeverSent
    }
}
