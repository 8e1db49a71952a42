//! Why a webhook is answered whose facts are not stored.

/// Why a unit is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotStored {
    /// The database is away.
    #[error("the database is away")]
    Away,
    /// It took longer than the caller can wait, and no disk could keep it. It was taken back and will not be stored,
    /// unless the database stalled in the middle of the very transaction.
    #[error("storing took longer than a caller can wait")]
    Late,
    /// Too many are waiting already: overload, not trouble.
    #[error("too many webhooks are waiting to be stored")]
    Full,
    /// The database refuses these data; `errors` says why.
    #[error("the database refuses what the webhook wants to store")]
    Refused,
}
