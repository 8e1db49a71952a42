//! What Twilio's debugger would show.

use serde::Serialize;

/// An error or a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Twilio's code.
    pub code: u32,
    /// In words.
    pub text: String,
}
