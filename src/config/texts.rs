//! What a line writes by itself: `[lines.texts]` of `switchboard.toml`.

/// Texts of a line. Empty ones are not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// Answered to a text.
    pub reply: String,
    /// Answered while the line is closed; `reply` when empty. `{opens}` is when it opens.
    pub reply_closed: String,
    /// Hours until the same sender gets a reply again. 1 to 720.
    pub reply_every_h: u32,
    /// Sent to a caller who reached nobody and left no message.
    pub missed: String,
    /// Hours until the same caller is sent one again. 1 to 720.
    pub missed_every_h: u32,
}

impl Default for Texts {
    fn default() -> Self {
        let none = String::new;
        Self { reply: none(), reply_closed: none(), reply_every_h: 24, missed: none(), missed_every_h: 24 }
    }
}
