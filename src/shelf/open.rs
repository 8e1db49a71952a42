//! A copy on its way to whoever plays it.

use super::part::Part;
use bytes::Bytes;
use futures_util::Stream;
use std::fmt;
use std::io;
use std::pin::Pin;

/// A copy, or a part of it, to be read.
pub struct Open {
    /// Length of the whole copy.
    pub total: u64,
    /// Which part this is; `None`: all of it.
    pub part: Option<Part>,
    pieces: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
}

impl Open {
    pub(super) fn new(
        total: u64,
        part: Option<Part>,
        pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self { total, part, pieces: Box::pin(pieces) }
    }

    /// Its bytes, piece by piece.
    pub fn into_stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        self.pieces
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open").field("total", &self.total).field("part", &self.part).finish_non_exhaustive()
    }
}

/// A copy that was found under its name.
#[derive(Debug)]
pub struct Kept {
    /// Name of the store that has it.
    pub shelf: String,
    /// Length.
    pub bytes: u64,
    /// Digest in hex.
    pub sha256: String,
    /// Its first 4 KiB.
    pub head: Vec<u8>,
}

/// What a player gets.
#[derive(Debug)]
pub enum Found {
    /// The copy or the part.
    Open(Open),
    /// No such part of a copy of this length.
    Nowhere(u64),
    /// No such copy where it should be.
    Absent,
    /// In a store that is not ours.
    Elsewhere,
}
