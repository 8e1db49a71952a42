//! Counters that are more than one number, or that we read ourselves.

use metrics::Counter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that differ in the value of one label.
#[derive(Clone, Debug)]
pub struct Family(pub(super) Vec<(&'static str, Counter)>);

impl Family {
    /// The counter of a word; a word that is not on the list counts as the last one, so lists that can meet
    /// surprises end in `other`.
    pub fn count(&self, word: &str) {
        self.add(word, 1);
    }

    /// The same, `times` times.
    pub fn add(&self, word: &str, times: u64) {
        let known = self.0.iter().find(|(name, _)| *name == word).or(self.0.last());
        if let Some((_, counter)) = known {
            counter.increment(times);
        }
    }
}

/// A counter that the house itself reads too.
#[derive(Clone, Debug)]
pub struct Sum(pub(super) Counter, pub(super) Arc<AtomicU64>);

impl Sum {
    /// Counts.
    pub fn add(&self, times: u64) {
        if times > 0 {
            self.0.increment(times);
            self.1.fetch_add(times, Ordering::Relaxed);
        }
    }

    /// Since the start of the process.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.1.load(Ordering::Relaxed)
    }
}
