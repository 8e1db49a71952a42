//! Where a unit is while its sender waits: in the queue, in a transaction, or taken back.

use super::record::Record;
use super::work::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shared by a unit's sender and its lane. Whoever takes the unit first has it; of a unit in a transaction the sender
/// can still write a record, because the lane lends its whole batch.
#[derive(Debug)]
pub(super) struct Slot(Mutex<Place>);

#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a slot is made for its unit; a box would be one more allocation a webhook"
)]
enum Place {
    Queued(Entry),
    /// A lane is just making it part of a batch: a matter of a microsecond.
    Moving,
    InBatch(Arc<Vec<Entry>>, usize),
    Back,
}

impl Slot {
    pub(super) const fn new(entry: Entry) -> Self {
        Self(Mutex::new(Place::Queued(entry)))
    }

    /// The lane takes it; `None` when the sender took it back.
    pub(super) fn take(&self) -> Option<Entry> {
        let mut place = self.place();
        match std::mem::replace(&mut *place, Place::Moving) {
            Place::Queued(entry) => Some(entry),
            other => {
                *place = other;
                None
            }
        }
    }

    /// The lane lends the batch that it is part of.
    pub(super) fn lend(&self, batch: &Arc<Vec<Entry>>, at: usize) {
        *self.place() = Place::InBatch(Arc::clone(batch), at);
    }

    /// The sender waits no longer: the record, to be kept elsewhere. If it was still in the queue it stays out of the
    /// lane now.
    pub(super) async fn late(&self) -> Option<Record> {
        loop {
            match self.try_late() {
                Some(record) => return record,
                None => tokio::task::yield_now().await,
            }
        }
    }

    /// `None`: just moving.
    fn try_late(&self) -> Option<Option<Record>> {
        let mut place = self.place();
        let record = match &*place {
            Place::Moving => return None,
            Place::Back => return Some(None),
            Place::InBatch(batch, at) => return Some(batch.get(*at).map(Record::of)),
            Place::Queued(entry) => Record::of(entry),
        };
        *place = Place::Back;
        Some(Some(record))
    }

    /// The sender gives it up: `true` when no transaction has it, and none will.
    pub(super) fn give_up(&self) -> bool {
        let mut place = self.place();
        match *place {
            Place::Queued(_) | Place::Back => {
                *place = Place::Back;
                true
            }
            Place::Moving | Place::InBatch(..) => false,
        }
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl Slot {
    pub(super) fn try_late_is_moving(&self) -> bool {
        self.try_late().is_none()
    }
}
