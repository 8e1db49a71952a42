//! What waits in memory because no disk takes it. It has a lock of its own: who answers a call must not wait for a disk.

use crate::base::Time;
use crate::ledger::record::Record;
use std::collections::VecDeque;

/// Bytes that may wait: some 6,000 webhooks.
const MOST: usize = 16 << 20;

#[derive(Debug, Default)]
pub(super) struct Memory {
    /// As things happened.
    records: VecDeque<Record>,
    bytes: usize,
    /// So many of the first are just being replayed.
    taken: usize,
}

impl Memory {
    /// `false`: it is full. What happened earlier than others, and gave up waiting for a disk later, goes before them.
    pub(super) fn remember(&mut self, record: Record) -> bool {
        if self.bytes + record.bytes.len() > MOST {
            return false;
        }
        self.bytes += record.bytes.len();
        let later = self.records.iter().skip(self.taken).rev().take_while(|other| other.at > record.at).count();
        self.records.insert(self.records.len() - later, record);
        true
    }

    /// When the first happened.
    pub(super) fn first(&self) -> Option<Time> {
        self.records.front().map(|record| record.at)
    }

    /// Takes the first, at most so many; only those that happened before `until`, if it is given. They stay until they are
    /// forgotten.
    pub(super) fn take(&mut self, most: usize, until: Option<Time>) -> Vec<Vec<u8>> {
        let in_time = |at| until.is_none_or(|until| at < until);
        let some = self.records.iter().take(most).take_while(|record| in_time(record.at));
        let some: Vec<_> = some.map(|record| record.bytes.clone()).collect();
        self.taken = some.len();
        some
    }

    /// The first so many have been replayed.
    pub(super) fn forget(&mut self, units: usize) {
        let gone = self.records.drain(..units.min(self.records.len()));
        self.bytes -= gone.map(|record| record.bytes.len()).sum::<usize>();
        self.taken = 0;
    }

    pub(super) fn units(&self) -> usize {
        self.records.len()
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn record(second: u8) -> Record {
        let at = Time::UNIX_EPOCH + TimeDelta::seconds(second.into());
        Record { bytes: vec![second], at, event_id: second.into(), calls: Vec::new() }
    }

    #[test]
    fn what_gave_up_later_keeps_its_place_and_what_is_being_replayed_stays_first() {
        let mut memory = Memory::default();
        assert!([3, 5, 4].into_iter().all(|second| memory.remember(record(second))));
        assert_eq!(memory.take(2, None), [[3], [4]]);
        assert!(memory.remember(record(1)));
        memory.forget(2);
        assert_eq!((memory.bytes(), memory.first()), (2, Some(record(1).at)));
        assert_eq!(memory.take(9, Some(record(5).at)), [[1]]);
        memory.forget(1);
        assert_eq!((memory.take(9, None), memory.units()), (vec![vec![5]], 1));
    }
}
