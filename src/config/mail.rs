//! Who gets the messages of a mailbox by mail, and how: `mail` of `[lines.voicemail]`.

use super::hours::Range;

/// Who gets the messages of a mailbox by mail, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailing {
    /// Addresses; nobody gets a mail without one. Each has passed the check of a mail's address.
    pub to: Vec<String>,
    /// The audio goes with the mail; without, a link does.
    pub attach: bool,
    /// Larger audio becomes a link. Megabytes of 1,000,000 bytes, 1 to 50.
    pub max_mb: u32,
    /// Days for which a link plays the message. 1 to 90.
    pub link_days: u32,
    /// Times of the line's clock at which mails wait until they are over.
    pub quiet: Vec<Range>,
    /// The caller's words are sent too.
    pub transcript: bool,
}

impl Mailing {
    /// What counts where nothing else is written.
    #[must_use]
    pub const fn to(to: Vec<String>) -> Self {
        Self { to, attach: true, max_mb: 10, link_days: 7, quiet: Vec::new(), transcript: true }
    }
}
