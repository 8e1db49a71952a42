//! What waits in memory because no disk takes it. It has a lock of its own: who answers a call must not wait for a disk.

use std::collections::VecDeque;

/// Bytes that may wait: some 6,000 webhooks.
const MOST: usize = 16 << 20;

#[derive(Debug, Default)]
pub(super) struct Memory {
    records: VecDeque<Vec<u8>>,
    bytes: usize,
}

impl Memory {
    /// `false`: it is full.
    pub(super) fn remember(&mut self, record: Vec<u8>) -> bool {
        if self.bytes + record.len() > MOST {
            return false;
        }
        self.bytes += record.len();
        self.records.push_back(record);
        true
    }

    /// The first, at most so many.
    pub(super) fn some(&self, most: usize) -> Vec<Vec<u8>> {
        self.records.iter().take(most).cloned().collect()
    }

    /// The first so many have been replayed.
    pub(super) fn forget(&mut self, units: usize) {
        let gone = self.records.drain(..units.min(self.records.len()));
        self.bytes -= gone.map(|record| record.len()).sum::<usize>();
    }

    pub(super) fn units(&self) -> usize {
        self.records.len()
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}
