//! When the house does what an agent asks of it.

/// When something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// When all that was given has been heard (10 s at most).
    AfterSpeech,
}
