//! Text messages: those that were sent, and those that came in.

use crate::base::Time;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinMessage {
    /// `SM…`
    pub sid: String,
    /// Whose it is.
    pub account_sid: String,
    /// `outbound-api`, `outbound-reply` or `inbound`.
    pub direction: &'static str,
    /// Who sent it.
    pub from: String,
    /// Who gets it.
    pub to: String,
    /// The words; empty once they are redacted.
    pub body: String,
    /// `delivered`, `undelivered`, `received`.
    pub status: &'static str,
    /// Why it did not arrive.
    pub error_code: Option<u32>,
    /// Parts on the air: 160 characters, or 70 with characters outside GSM 7 bit.
    pub segments: usize,
    /// When it was sent.
    pub created: Time,
}
