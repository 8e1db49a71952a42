//! What callers hear who are not let in.

use super::text::Text;

/// What a caller hears who is over a limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Busy {
    /// `<Reject reason="busy"/>`, HTTP 200.
    #[default]
    Reject,
    /// A sentence, then hang up.
    Message(Text),
    /// The mailbox.
    Voicemail,
    /// A plain HTTP 429.
    Status429,
}
