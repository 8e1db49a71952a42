//! Numbers that only the tables know, read at most once a second: `/health` is public and meets no limit.

use crate::base::Time;
use crate::db::Db;
use crate::ledger::read::{self, Counts};
use chrono::TimeDelta;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How old numbers may be.
const FRESH: TimeDelta = TimeDelta::seconds(1);

/// Longer than this nobody waits for a number.
const PATIENCE: Duration = Duration::from_millis(500);

/// The last numbers read, and when somebody last went to read them.
#[derive(Debug, Default)]
pub(in crate::ops) struct CountCache(Mutex<(Option<Time>, Counts)>);

impl CountCache {
    /// The numbers, at most a second old while the database answers; the last known ones while it does not.
    pub(in crate::ops) async fn read(&self, db: &Db, now: Time, storage_up: bool) -> Counts {
        let last = self.claim(now);
        let Some(last) = last.filter(|_| storage_up) else { return self.known() };
        let Ok(Ok(counts)) = tokio::time::timeout(PATIENCE, read::counts(db, now)).await else { return last };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = counts;
        counts
    }

    fn known(&self) -> Counts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    /// The last numbers, if it is time for somebody to read new ones; that somebody is the one who asked.
    fn claim(&self, now: Time) -> Option<Counts> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0.is_some_and(|read_at| now - read_at < FRESH) {
            return None;
        }
        kept.0 = Some(now);
        Some(kept.1)
    }
}
