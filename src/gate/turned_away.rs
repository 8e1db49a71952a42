//! Who was turned away because too many came: counted, and remembered for a while by SID, so that what the carrier
//! reports of these calls afterwards does not cost what turning them away saved.

use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Calls that are remembered: some seconds of a flood. A bound, not a promise: what is reported of older ones is stored.
const REMEMBERED: usize = 65_536;

/// How long a crowd keeps the house from calling itself healthy.
const LATELY: Duration = Duration::from_secs(60);

/// Why a new call was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No place became free in time: the processor is full, or whatever those before it wait for.
    Crowd,
    /// The lane of the database would take too long.
    Storage,
    /// The database is away and the spool is filling up: what is left of it is for running calls.
    Spool,
}

impl Cause {
    /// The label `reason` of `turned_away_total`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Crowd => "crowd",
            Self::Storage => "storage",
            Self::Spool => "spool",
        }
    }
}

/// Counts and remembers calls that were turned away.
#[derive(Debug, Default)]
pub struct TurnedAway {
    state: Mutex<State>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct State {
    sids: HashSet<u64>,
    order: VecDeque<u64>,
    untold: Option<Crowd>,
    total: u64,
    last: Option<Instant>,
}

/// What was counted between two looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// Calls turned away.
    pub calls: u64,
    /// One of them, for whoever wants an example.
    pub call_sid: Option<String>,
    /// Why the first of them was.
    pub cause: Cause,
}

impl TurnedAway {
    pub(super) fn count(&self, call_sid: Option<&str>, cause: Cause) {
        let mut state = self.lock();
        state.total += 1;
        state.last = Some(Instant::now());
        match state.untold.as_mut() {
            Some(crowd) => crowd.calls += 1,
            None => state.untold = Some(Crowd { calls: 1, call_sid: call_sid.map(ToOwned::to_owned), cause }),
        }
        let Some(sid) = call_sid.map(|sid| self.hasher.hash_one(sid)) else { return };
        if state.sids.insert(sid) {
            state.order.push_back(sid);
        }
        if state.order.len() > REMEMBERED
            && let Some(oldest) = state.order.pop_front()
        {
            state.sids.remove(&oldest);
        }
    }

    /// Whether this call was turned away, as far as is remembered.
    pub(super) fn remembers(&self, call_sid: &str) -> bool {
        let state = self.lock();
        !state.sids.is_empty() && state.sids.contains(&self.hasher.hash_one(call_sid))
    }

    /// The carrier asked again, and the call came in.
    pub(super) fn let_in(&self, call_sid: &str) {
        let mut state = self.lock();
        if !state.sids.is_empty() {
            state.sids.remove(&self.hasher.hash_one(call_sid));
        }
    }

    /// What was counted since the last call. A worker logs it once a second.
    #[must_use]
    pub fn take(&self) -> Option<Crowd> {
        self.lock().untold.take()
    }

    /// Calls turned away since the start, if one was in the last minute; else none: whoever looks now is not alarmed by
    /// last week.
    #[must_use]
    pub fn lately(&self) -> u64 {
        let state = self.lock();
        if state.last.is_some_and(|last| last.elapsed() < LATELY) { state.total } else { 0 }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_remembered_until_it_comes_in_after_all() {
        let turned = TurnedAway::default();
        turned.count(Some("CA1"), Cause::Crowd);
        turned.count(Some("CA2"), Cause::Storage);
        assert!(turned.remembers("CA1") && !turned.remembers("CA3"));
        turned.let_in("CA1");
        assert!(!turned.remembers("CA1") && turned.remembers("CA2"));
        let crowd = Crowd { calls: 2, call_sid: Some("CA1".to_owned()), cause: Cause::Crowd };
        assert_eq!((turned.take(), turned.take(), turned.lately()), (Some(crowd), None, 2));
    }

    #[test]
    fn memory_is_bounded() {
        let turned = TurnedAway::default();
        (0..REMEMBERED + 10).for_each(|n| turned.count(Some(&format!("CA{n}")), Cause::Crowd));
        let state = turned.lock();
        assert_eq!((state.sids.len(), state.order.len()), (REMEMBERED, REMEMBERED));
    }
}
