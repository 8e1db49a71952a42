//! What is to be looked at, and when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

/// Reminders in the order in which they are due. One that is not needed any more stays, and finds nothing to do.
pub(in crate::paging) struct Reminders<T>(BinaryHeap<Reverse<(Instant, T)>>);

impl<T: Ord> Reminders<T> {
    pub(in crate::paging) fn new() -> Self {
        Self(BinaryHeap::new())
    }

    pub(in crate::paging) fn put(&mut self, at: Option<Instant>, what: T) {
        self.0.extend(at.map(|at| Reverse((at, what))));
    }

    /// When the next one is due.
    pub(in crate::paging) fn next(&self) -> Option<Instant> {
        self.0.peek().map(|Reverse((at, _))| *at)
    }

    /// The next one that is due by now.
    pub(in crate::paging) fn due(&mut self, now: Instant) -> Option<T> {
        self.next().filter(|at| *at <= now)?;
        self.0.pop().map(|Reverse((_, what))| what)
    }
}
