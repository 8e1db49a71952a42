//! How often a request is repeated, and how long everything may take.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bounds of one request with all its repetitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Requests at most, the first included.
    pub attempts: u32,
    /// For one answer, from the request to its last byte.
    pub each: Duration,
    /// For all of them, waits included.
    pub total: Duration,
    /// Before the first repetition; it doubles from there.
    pub first_wait: Duration,
    /// The longest wait of our own choice.
    pub longest_wait: Duration,
}

impl Patience {
    /// For workers.
    pub const USUAL: Self = Self {
        attempts: 4,
        each: Duration::from_secs(15),
        total: Duration::from_secs(40),
        first_wait: Duration::from_millis(300),
        longest_wait: Duration::from_secs(8),
    };

    /// While an operator waits and a caller is on the line.
    pub const LIVE: Self = Self {
        attempts: 3,
        each: Duration::from_secs(4),
        total: Duration::from_secs(8),
        first_wait: Duration::from_millis(150),
        longest_wait: Duration::from_secs(1),
    };

    /// How long to wait after so many failures, or `None` when it is enough. Half of it is chance, so that many who
    /// failed together do not come back together. Whoever asks for more time gets it.
    #[must_use]
    pub(super) fn wait(&self, failures: u32, asked_for: Option<Duration>, chance: u32) -> Option<Duration> {
        if failures >= self.attempts {
            return None;
        }
        let doublings = failures.saturating_sub(1).min(16);
        let whole = self.first_wait.saturating_mul(1 << doublings).min(self.longest_wait);
        let wait = whole / 2 + (whole / 2).mul_f64(f64::from(chance) / f64::from(u32::MAX));
        Some(wait.max(asked_for.unwrap_or_default()))
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self::USUAL
    }
}

/// Numbers that look like chance and follow from a seed.
#[derive(Debug)]
pub(super) struct Chance(AtomicU64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next one (SplitMix64, upper half).
    pub(super) fn next(&self) -> u32 {
        let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: Patience = Patience {
        attempts: 5,
        each: Duration::from_secs(1),
        total: Duration::from_secs(9),
        first_wait: Duration::from_millis(100),
        longest_wait: Duration::from_millis(300),
    };

    #[test]
    fn waits_double_up_to_a_bound_and_end() {
        let longest: Vec<_> = (1..=5).map(|failures| P.wait(failures, None, u32::MAX)).collect();
        let ms = |ms| Some(Duration::from_millis(ms));
        assert_eq!(longest, [ms(100), ms(200), ms(300), ms(300), None]);
        assert_eq!(P.wait(2, None, 0), ms(100));
    }

    #[test]
    fn the_carrier_may_ask_for_more_but_not_for_less() {
        assert_eq!(P.wait(1, Some(Duration::from_secs(4)), 0), Some(Duration::from_secs(4)));
        assert_eq!(P.wait(1, Some(Duration::ZERO), u32::MAX), Some(Duration::from_millis(100)));
    }

    #[test]
    fn chance_follows_from_its_seed_and_spreads() {
        let draw = |seed| {
            (0..1000).map(|_| 0).scan(Chance::new(seed), |chance, _: i32| Some(chance.next())).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let low = draw(7).into_iter().filter(|n| *n < u32::MAX / 2).count();
        assert!((400..600).contains(&low), "{low}");
    }
}
