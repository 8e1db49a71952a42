//! Text messages.

use crate::base::Time;

/// A message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinMessage {
    /// `SM…`
    pub sid: String,
    /// Whose it is.
    pub account_sid: String,
    /// Who sent it.
    pub from: String,
    /// Who gets it.
    pub to: String,
    /// The words; empty once they are redacted.
    pub body: String,
    /// `delivered`; `canceled` for one that was scheduled.
    pub status: &'static str,
    /// Parts on the air: 160 characters, or 70 with characters outside GSM 7 bit.
    pub segments: usize,
    /// When it was sent.
    pub created: Time,
}

impl TwinMessage {
    /// How many parts a text has.
    pub(crate) fn segments_of(text: &str) -> usize {
        let (alone, joined) = if text.is_ascii() { (160, 153) } else { (70, 67) };
        let length = text.chars().count();
        if length <= alone { 1 } else { length.div_ceil(joined) }
    }
}
