//! A copy that is still being written.

use super::error::ShelfError;
use super::hex::hex;
use md5::Md5;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt;

/// As much of the beginning as a reader of headers may want.
pub(super) const HEAD: usize = 4096;
/// Read at once when a copy is compared.
const PIECE: usize = 64 * 1024;

/// A file beside the shelf, written piece by piece. Dropping it leaves the file, which a later draft of the same name
/// writes over.
#[derive(Debug)]
pub struct Draft {
    file: tokio::fs::File,
    path: PathBuf,
    hash: Sha256,
    md5: Md5,
    bytes: u64,
    head: Vec<u8>,
}

/// A draft that is complete and durable, and that was read back.
#[derive(Debug)]
pub struct Whole {
    /// Length.
    pub bytes: u64,
    /// Digest in hex.
    pub sha256: String,
    /// What stores compare, all of them.
    pub(super) md5: [u8; 16],
    pub(super) path: PathBuf,
}

impl Draft {
    pub(super) async fn begin(path: PathBuf) -> Result<Self, ShelfError> {
        let file = tokio::fs::File::create(&path).await?;
        Ok(Self { file, path, hash: Sha256::new(), md5: Md5::new(), bytes: 0, head: Vec::new() })
    }

    /// Length so far.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its first 4 KiB.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Adds a piece.
    ///
    /// # Errors
    /// [`ShelfError::Io`]: the disk is full, for one.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), ShelfError> {
        self.file.write_all(piece).await?;
        self.hash.update(piece);
        self.md5.update(piece);
        self.bytes += piece.len() as u64;
        let missing = HEAD - self.head.len();
        self.head.extend(piece.iter().take(missing));
        Ok(())
    }

    /// Makes it durable, and reads it back: what counts is what the disk holds.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn finish(mut self) -> Result<Whole, ShelfError> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let sha256 = hex(&self.hash.finalize());
        if digest(&self.path).await? != (self.bytes, sha256.clone()) {
            return Err(ShelfError::Different);
        }
        Ok(Whole { bytes: self.bytes, sha256, md5: self.md5.finalize().into(), path: self.path })
    }

    /// Throws it away.
    pub async fn abandon(self) {
        // What stays is written over by the next draft, or tidied away.
        let _ = tokio::fs::remove_file(&self.path).await;
    }
}

/// Length and digest of a file, in hex.
pub(super) async fn digest(path: &Path) -> Result<(u64, String), ShelfError> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || -> io::Result<(u64, String)> {
        let (mut file, mut hash, mut bytes) = (File::open(path)?, Sha256::new(), 0);
        let mut piece = vec![0; PIECE];
        loop {
            let length = file.read(&mut piece)?;
            if length == 0 {
                return Ok((bytes, hex(&hash.finalize())));
            }
            hash.update(piece.get(..length).unwrap_or_default());
            bytes += length as u64;
        }
    });
    Ok(read.await.map_err(io::Error::other)??)
}
