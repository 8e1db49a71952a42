//! How late packets left.

use std::time::Duration;

/// Lateness is counted in steps of 20 us, up to 100 ms.
const STEP_US: u128 = 20;
const STEPS: usize = 5_000;

/// Packets, and how far behind their own deadline they had left.
#[derive(Clone, Debug)]
pub struct Pacing {
    late: Vec<u64>,
    /// Frames that a stall left out, over all pages.
    pub skipped: u64,
}

impl Default for Pacing {
    fn default() -> Self {
        Self { late: vec![0; STEPS + 1], skipped: 0 }
    }
}

impl Pacing {
    pub(super) fn left(&mut self, packets: u64, late: Duration) {
        let step = usize::try_from(late.as_micros() / STEP_US).unwrap_or(STEPS).min(STEPS);
        self.late.iter_mut().skip(step).take(1).for_each(|count| *count += packets);
    }

    /// Packets so far.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.late.iter().sum()
    }

    /// The lateness that this share of the packets (0 to 1) kept within; a step of 20 us more at most.
    #[must_use]
    pub fn within(&self, share: f64) -> Duration {
        let wanted = (share * self.packets() as f64).ceil() as u64;
        let mut counted = 0;
        let reaches = |count: &u64| {
            counted += count;
            counted >= wanted
        };
        let steps = self.late.iter().position(reaches).unwrap_or(STEPS) + 1;
        Duration::from_micros(steps as u64 * STEP_US as u64)
    }

    /// The share of the packets that left within `limit` of their deadline.
    #[must_use]
    pub fn share(&self, limit: Duration) -> f64 {
        let steps = usize::try_from(limit.as_micros() / STEP_US).unwrap_or(STEPS);
        self.late.iter().take(steps).sum::<u64>() as f64 / (self.packets() as f64).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_is_counted_by_packets() {
        let mut pacing = Pacing::default();
        pacing.left(98, Duration::from_micros(130));
        pacing.left(2, Duration::from_millis(7));
        assert_eq!(pacing.packets(), 100);
        assert_eq!(pacing.within(0.98), Duration::from_micros(140));
        assert_eq!(pacing.within(1.0), Duration::from_micros(7_020));
        assert!((pacing.share(Duration::from_millis(2)) - 0.98).abs() < 1e-9);
    }
}
