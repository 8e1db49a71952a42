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

impl Default for Recordings {
    fn default() -> Self {
        Self { copy: true, delete_at_carrier: false, give_up_days: 7 }
    }
}
