//! When an output is due.

use crate::config::paging::Paging;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Slots in a frame of 20 ms.
pub(super) const PER_FRAME: u64 = 20;
/// Outputs that share a slot before the next one is taken: so many leave in well under a millisecond.
const SHARE: usize = 32;

/// Slots since the clock was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    base: Instant,
}

impl Grid {
    pub(super) const fn new(base: Instant) -> Self {
        Self { base }
    }

    pub(super) fn time(self, slot: u64) -> Instant {
        self.base + Duration::from_millis(slot)
    }

    /// The last slot that has begun.
    pub(super) fn slot(self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.base).as_millis()).unwrap_or(u64::MAX)
    }
}

/// The slot of each output inside a frame.
#[derive(Debug, Default)]
pub(super) struct Slots {
    of: HashMap<String, usize>,
    share: usize,
}

impl Slots {
    /// Zone by zone, in the order of the file.
    pub(super) fn arranged(paging: &Paging) -> Self {
        let mut of = HashMap::new();
        let zones = paging.zones.iter().flat_map(|zone| &zone.outputs);
        for output in zones.chain(&paging.outputs) {
            let next = of.len();
            of.entry(output.name.clone()).or_insert(next);
        }
        let share = SHARE.max(of.len().div_ceil(PER_FRAME as usize));
        Self { of, share }
    }

    /// Of the output of that name, which is the `nth` of its page.
    pub(super) fn of(&self, name: &str, nth: usize, page: usize) -> u64 {
        let unknown = SHARE.max(page.div_ceil(PER_FRAME as usize));
        let (place, share) = self.of.get(name).map_or((nth, unknown), |place| (*place, self.share));
        (place / share) as u64 % PER_FRAME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_leave_together_and_many_spread_over_the_frame() {
        let slots = Slots::default();
        let of = |page: usize| -> Vec<u64> { (0..page).map(|nth| slots.of("x", nth, page)).collect() };
        assert!(of(32).iter().all(|slot| *slot == 0));
        let many = of(2_000);
        assert!(many.is_sorted());
        assert!((0..PER_FRAME).all(|slot| many.iter().filter(|of| **of == slot).count() == 100));
    }
}
