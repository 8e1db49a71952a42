//! Names the carrier gives to things (PROTOCOL.md 2.2): two letters and 32 hex digits.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// A row of SIDs that follows from its seed: the same seed is the same call, byte for byte.
#[derive(Clone, Debug)]
pub(super) struct Sids {
    seed: u128,
    count: u64,
}

impl Sids {
    /// A row of its own for each seed.
    pub(super) const fn seeded(seed: u128) -> Self {
        Self { seed, count: 0 }
    }

    /// The next SID, like `CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d`.
    pub(super) fn next(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.hex())
    }

    /// The next value for `I-Twilio-Idempotency-Token`: a UUID in its look.
    pub(super) fn delivery_token(&mut self) -> String {
        let hex = self.hex();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }

    /// A number nobody could have foreseen, and the same again for the same seed.
    pub(super) fn chance(&mut self) -> u64 {
        u64::from_str_radix(self.hex().get(..15).unwrap_or_default(), 16).unwrap_or_default()
    }

    fn hex(&mut self) -> String {
        self.count += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(self.count.to_be_bytes());
        hash.finalize().iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_sids_again_and_no_other_seed_does() {
        let (mut a, mut b, mut c) = (Sids::seeded(7), Sids::seeded(7), Sids::seeded(8));
        let first = a.next("CA");
        assert_eq!(first, b.next("CA"));
        assert_ne!(first, c.next("CA"));
        assert_ne!(first, a.next("CA"));
        assert!(first.len() == 34 && first.bytes().skip(2).all(|b| b.is_ascii_hexdigit()));
        assert_eq!(a.delivery_token().len(), 36);
    }
}
