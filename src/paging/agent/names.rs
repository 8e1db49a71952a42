//! Tags, branches and numbers that nobody can guess: a secret key and a counter, hashed.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Makes them.
#[derive(Clone, Debug)]
pub(in crate::paging) struct Names {
    key: [u8; 32],
    count: u64,
}

impl Names {
    pub(in crate::paging) const fn new(key: [u8; 32]) -> Self {
        Self { key, count: 0 }
    }

    /// Sixteen hexadecimal digits.
    pub(in crate::paging) fn tag(&mut self) -> String {
        let number = self.number();
        format!("{number:016x}")
    }

    /// A branch for a request of ours.
    pub(in crate::paging) fn branch(&mut self) -> String {
        format!("z9hG4bK{}", self.tag())
    }

    /// Any number.
    pub(in crate::paging) fn number(&mut self) -> u64 {
        self.count += 1;
        first(Sha256::new().chain_update(self.key).chain_update(self.count.to_be_bytes()))
    }

    /// The same tag for the same grain: for answers that nobody remembers.
    pub(in crate::paging) fn tag_of(&self, grain: &str) -> String {
        let mut text = String::from("s");
        let _ = write!(text, "{:016x}", first(Sha256::new().chain_update(self.key).chain_update(grain.as_bytes())));
        text
    }

    /// A key for something else.
    pub(in crate::paging) fn another_key(&self, what: &str) -> [u8; 32] {
        Sha256::new().chain_update(what.as_bytes()).chain_update(self.key).finalize().into()
    }
}

fn first(hash: Sha256) -> u64 {
    hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
