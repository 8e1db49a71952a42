//! What waits in memory because no disk takes it. It has a lock of its own: who answers a call must not wait for a disk.

use crate::base::Time;
use std::collections::VecDeque;

/// Bytes that may wait: some 6,000 webhooks.
const MOST: usize = 16 << 20;

#[derive(Debug, Default)]
pub(super) struct Memory {
    /// With the time at which each happened.
    records: VecDeque<(Time, Vec<u8>)>,
    bytes: usize,
}

impl Memory {
    /// `false`: it is full.
    pub(super) fn remember(&mut self, record: Vec<u8>, at: Time) -> bool {
        if self.bytes + record.len() > MOST {
            return false;
        }
        self.bytes += record.len();
        self.records.push_back((at, record));
        true
    }

    /// When the first happened.
    pub(super) fn first(&self) -> Option<Time> {
        self.records.front().map(|(at, _)| *at)
    }

    /// The first, at most so many; only those that happened before `until`, if it is given.
    pub(super) fn some(&self, most: usize, until: Option<Time>) -> Vec<Vec<u8>> {
        let in_time = |at| until.is_none_or(|until| at < until);
        let some = self.records.iter().take(most).take_while(|(at, _)| in_time(*at));
        some.map(|(_, record)| record.clone()).collect()
    }

    /// The first so many have been replayed.
    pub(super) fn forget(&mut self, units: usize) {
        let gone = self.records.drain(..units.min(self.records.len()));
        self.bytes -= gone.map(|(_, record)| record.len()).sum::<usize>();
    }

    pub(super) fn units(&self) -> usize {
        self.records.len()
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}
