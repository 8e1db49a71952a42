//! How long things took.

use hdrhistogram::Histogram;
use std::time::Duration;

/// Microseconds, three digits exact, up to a minute.
#[derive(Debug)]
pub(in crate::simulator) struct Latencies(pub(in crate::simulator) Histogram<u64>);

impl Default for Latencies {
    #[expect(clippy::expect_used, reason = "constant bounds that a histogram accepts, as every test of it shows")]
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, 60_000_000, 3).expect("1 us to 60 s with three digits"))
    }
}

impl Latencies {
    pub(in crate::simulator) fn add(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Milliseconds.
    pub(in crate::simulator) fn at(&self, quantile: f64) -> f64 {
        f64::from(u32::try_from(self.0.value_at_quantile(quantile)).unwrap_or(u32::MAX)) / 1000.0
    }
}
