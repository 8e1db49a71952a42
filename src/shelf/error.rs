//! What can go wrong with a shelf.

use std::io;

/// A copy that could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The disk, or leave to use it.
    #[error("audio storage: {0}")]
    Io(#[from] io::Error),
    /// What the disk holds is not what was written.
    #[error("audio storage does not hold what was written to it")]
    Different,
    /// A name that would lead out of the folder.
    #[error("not a name of a copy")]
    Name,
}
