//! What becomes of recordings: `[recordings]` of `switchboard.toml`.

/// Whether audio is copied to our own storage, and what becomes of the carrier's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recordings {
    /// Each recording is fetched and kept in our own storage; `false`: it stays with the carrier alone.
    pub copy: bool,
    /// The carrier's copy is deleted once ours is durable.
    pub delete_at_carrier: bool,
    /// Days that a copy is tried.
    pub give_up_days: u32,
}

/// An S3-compatible bucket that takes copies: `[recordings.s3]`. Its keys are in the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3 {
    /// Its address, without a slash at the end.
    pub endpoint: String,
    /// What requests are signed for.
    pub region: String,
    /// Its name.
    pub bucket: String,
    /// In front of the names of copies; no slash at either end. May be empty.
    pub prefix: String,
    /// The bucket is in the path of addresses; `false`: it is in the host.
    pub path_style: bool,
}

impl Default for Recordings {
    fn default() -> Self {
        Self { copy: true, delete_at_carrier: false, give_up_days: 7 }
    }
}
