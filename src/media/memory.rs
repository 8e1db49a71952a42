//! What this process remembers of streams for a few minutes: tokens that were used, and how streams ended.

use crate::base::CallSid;
use crate::ledger::StreamEnd;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A step of a call.
type Of = (CallSid, u32);

/// Used tokens, until they have expired: the process's own guard, which also holds while the database is away.
#[derive(Debug, Default)]
pub(super) struct Used(Mutex<HashMap<Of, i64>>);

impl Used {
    /// Takes the token of a step; `false`: it was taken. Seconds since 1970.
    pub(super) fn take(&self, of: Of, forgotten_at: i64, now: i64) -> bool {
        let mut used = lock(&self.0);
        // A token that has expired is refused before it comes here.
        if used.len() == used.capacity() {
            used.retain(|_, at| *at > now);
        }
        used.insert(of, forgotten_at).is_none()
    }
}

/// How long an end is remembered, in seconds: the carrier asks what follows within a few, also after its retries.
const REMEMBERED_S: i64 = 120;

/// How streams of this process ended. What is forgotten is in the timeline.
#[derive(Debug, Default)]
pub(super) struct Ends(Mutex<HashMap<Of, (StreamEnd, i64)>>);

impl Ends {
    pub(super) fn remember(&self, of: Of, end: StreamEnd, now: i64) {
        let mut ends = lock(&self.0);
        if ends.len() == ends.capacity() {
            ends.retain(|_, (_, at)| *at + REMEMBERED_S > now);
        }
        ends.insert(of, (end, now));
    }

    pub(super) fn get(&self, of: &Of) -> Option<StreamEnd> {
        lock(&self.0).get(of).map(|(end, _)| end.clone())
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::StreamNext;

    fn of(n: u32) -> Of {
        (CallSid::parse("CA1").expect("a call"), n)
    }

    #[test]
    fn a_token_is_taken_once_and_memory_stays_small() {
        let used = Used::default();
        assert!(used.take(of(0), 180, 0));
        assert!(!used.take(of(0), 180, 1));
        for second in 0..10_000 {
            assert!(used.take(of(second + 1), i64::from(second) + 180, i64::from(second)));
        }
        assert!(lock(&used.0).len() < 2_000);
    }

    #[test]
    fn ends_are_remembered_for_a_while() {
        let ends = Ends::default();
        let end = StreamEnd { next: StreamNext::Hangup, reason: "over".to_owned(), say: None };
        for second in 0..10_000 {
            ends.remember(of(second), end.clone(), i64::from(second));
        }
        assert_eq!(ends.get(&of(9_999)), Some(end));
        assert!(lock(&ends.0).len() < 2_000);
    }
}
