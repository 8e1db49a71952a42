//! What can go wrong with a shelf.

use super::fault::BucketError;
use std::io;

/// A copy that could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The disk, or leave to use it.
    #[error("audio storage: {0}")]
    Io(#[from] io::Error),
    /// The bucket.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// What the storage holds is not what was written.
    #[error("audio storage does not hold what was written to it")]
    Different,
    /// A copy in a store that is not ours.
    #[error("the copy is in a store that is not within reach")]
    Elsewhere,
    /// A name that would lead out of the folder.
    #[error("not a name of a copy")]
    Name,
}

impl ShelfError {
    /// Seconds that the storage asked for.
    #[must_use]
    pub const fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Bucket(error) => error.retry_after_s(),
            _ => None,
        }
    }
}
