//! How often a request is repeated, and how long silence may last.

use sha2::{Digest, Sha256};
use std::time::Duration;

/// Bounds of one request with all its repetitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Requests at most, the first included.
    pub attempts: u32,
    /// Between two signs of life: a piece taken, a piece given, an answer. A large copy takes as long as it takes.
    pub silence: Duration,
    /// Before the first repetition; it doubles from there.
    pub first_wait: Duration,
    /// The longest wait, also when the store asks for more: who waits longer comes back later.
    pub longest_wait: Duration,
}

impl Patience {
    /// For workers.
    pub const USUAL: Self = Self {
        attempts: 4,
        silence: Duration::from_secs(20),
        first_wait: Duration::from_millis(300),
        longest_wait: Duration::from_secs(5),
    };

    /// How long to wait after so many failures, or `None` when it is enough. Half of it is chance, which follows from
    /// instance and object, so that many who failed together do not come back together.
    pub(super) fn wait(&self, failures: u32, asked_for: Option<u64>, (seed, key): (u64, &str)) -> Option<Duration> {
        if failures >= self.attempts {
            return None;
        }
        let whole = self.first_wait.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(self.longest_wait);
        let chance = Sha256::digest(format!("{seed}/{key}/{failures}")).first().copied().unwrap_or(0);
        let wait = whole / 2 + (whole / 2).mul_f64(f64::from(chance) / 255.0);
        Some(asked_for.map_or(wait, |seconds| wait.max(Duration::from_secs(seconds)).min(self.longest_wait)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_with_chance_up_to_a_bound_and_end() {
        let ms = |failures, seed| Patience::USUAL.wait(failures, None, (seed, "k")).map(|wait| wait.as_millis());
        for (failures, least, most) in [(1, 150, 300), (2, 300, 600), (3, 600, 1200)] {
            let waited = ms(failures, 7).expect("a wait");
            assert!((least..=most).contains(&waited), "{failures}: {waited}");
        }
        assert_eq!(ms(4, 7), None);
        assert_ne!(ms(3, 7), ms(3, 8));
        let asked = |seconds| Patience::USUAL.wait(1, Some(seconds), (7, "k"));
        assert_eq!((asked(2), asked(100)), (Some(Duration::from_secs(2)), Some(Duration::from_secs(5))));
    }
}
