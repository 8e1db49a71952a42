//! What callers hear who are not let in.

/// What a caller hears who is over a limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Busy {
    /// `<Reject reason="busy"/>`, HTTP 200.
    #[default]
    Reject,
    /// A sentence, then hang up.
    Message(String),
    /// The mailbox.
    Voicemail,
    /// A plain HTTP 429.
    Status429,
}
