//! What can go wrong between us and a speech engine.

/// Why there is no sound, or no words. The text is for the log: it holds no key and nothing that a caller said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpeechError {
    /// A key is missing in the environment.
    #[error("{0} is not set")]
    NoKey(&'static str),
    /// The engine does not take this request; the operator's to mend.
    #[error("the engine refused with {status}: {why}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The engine's own word for it.
        why: String,
    },
    /// The credit is used up.
    #[error("the engine's credit is used up: {0}")]
    Spent(String),
    /// Too many requests at once.
    #[error("the engine is busy: {0}")]
    Busy(String),
    /// The engine is not to be had.
    #[error("the engine is away: {0}")]
    Away(String),
    /// It failed too often and is left alone for a while.
    #[error("the engine failed too often and rests")]
    Resting,
    /// What it sent is no sound, or no transcript.
    #[error("the engine's answer cannot be used: {0}")]
    Unreadable(String),
    /// The program.
    #[error("the command failed: {0}")]
    Command(String),
    /// More than an engine takes.
    #[error("the text is too long: {0} characters")]
    TooLong(usize),
}

impl SpeechError {
    /// Whether the same may go well another time.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Away(_) | Self::Resting | Self::Spent(_) | Self::Unreadable(_))
    }

    /// Whether it says something of the engine, and not of the one request.
    pub(super) const fn counts(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Spent(_) | Self::Command(_) | Self::Unreadable(_))
            || matches!(self, Self::Refused { status: 401 | 403, .. })
    }
}
