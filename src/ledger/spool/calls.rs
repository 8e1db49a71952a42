//! Which calls have something that waits to be replayed. What comes next of such a call goes behind it, whatever the
//! database does meanwhile: or its end would be told before what happened first, and a later step would be taken for
//! the one that proved a consent.

use crate::base::CallSid;
use crate::ledger::record::Record;
use crate::ledger::unit::Unit;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Shared by who keeps records, who replays them, and who has to know before a webhook goes to a lane.
#[derive(Clone, Debug, Default)]
pub(in crate::ledger) struct WaitingCalls(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// How many calls: nobody takes the lock while nothing waits.
    calls: AtomicUsize,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Records of each call that wait or are on their way.
    calls: HashMap<CallSid, usize>,
    /// Those that wait, by event id. What an earlier process left is not among them: until all of it is replayed
    /// everything goes behind it.
    records: HashMap<i64, Vec<CallSid>>,
}

impl State {
    fn count(&mut self, calls: &[CallSid]) {
        for sid in calls {
            *self.calls.entry(sid.clone()).or_default() += 1;
        }
    }

    fn discount(&mut self, calls: &[CallSid]) {
        for sid in calls {
            if let Some(records) = self.calls.get_mut(sid) {
                *records = records.saturating_sub(1);
                if *records == 0 {
                    self.calls.remove(sid);
                }
            }
        }
    }
}

/// A place in the line for a record that is on its way to the spool or to memory.
#[derive(Debug)]
pub(in crate::ledger) struct OnItsWay {
    waiting: WaitingCalls,
    calls: Vec<CallSid>,
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        self.waiting.change(|state| state.discount(&self.calls));
    }
}

impl WaitingCalls {
    /// Whether something waits of a call that this unit tells of.
    pub(in crate::ledger) fn has(&self, unit: &Unit) -> bool {
        self.0.calls.load(Ordering::Acquire) > 0 && self.state().has(unit)
    }

    /// What comes next of its calls goes behind this record from now on.
    pub(in crate::ledger) fn set_out(&self, record: &Record) -> OnItsWay {
        let calls = record.calls.clone();
        self.change(|state| state.count(&calls));
        OnItsWay { waiting: self.clone(), calls }
    }

    /// A record waits. The same one may wait in two places: the first that is replayed counts for both.
    pub(super) fn begins(&self, record: &Record) {
        self.change(|state| {
            if state.records.insert(record.event_id, record.calls.clone()).is_none() {
                state.count(&record.calls);
            }
        });
    }

    /// A record waits no longer.
    pub(super) fn is_over(&self, event_id: i64) {
        self.change(|state| {
            if let Some(calls) = state.records.remove(&event_id) {
                state.discount(&calls);
            }
        });
    }

    /// Returns when this record waits no longer.
    pub(in crate::ledger) async fn until_over(&self, event_id: i64) {
        self.until(|state| !state.records.contains_key(&event_id)).await;
    }

    /// Returns when nothing waits of the calls that this unit tells of.
    pub(in crate::ledger) async fn until_free(&self, unit: &Unit) {
        self.until(|state| !state.has(unit)).await;
    }

    async fn until(&self, is_so: impl Fn(&State) -> bool) {
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if is_so(&self.state()) {
                return;
            }
            changed.await;
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        self.0.calls.store(state.calls.len(), Ordering::Release);
        drop(state);
        self.0.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has(&self, unit: &Unit) -> bool {
        unit.changes().any(|change| self.calls.contains_key(&change.sid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Time;
    use crate::ledger::unit::{CallChange, CallFact, Facts, Webhook};
    use crate::ledger::work::Entry;

    fn change(sid: &str) -> CallChange {
        let (sid, fact) = (CallSid::parse(sid).expect("a SID"), CallFact::default());
        CallChange { sid, fact, state: None, outcome: None, reason: None, duration_s: None }
    }

    fn unit(call: &str, parent: Option<&str>) -> Unit {
        Unit {
            key: [1; 16],
            at: Time::UNIX_EPOCH,
            call: Some(change(call)),
            parent: parent.map(change),
            webhook: Webhook::default(),
            facts: Facts::default(),
            answer: "<Response/>".into(),
            limits: Vec::new(),
            busy: None,
        }
    }

    fn record(event_id: i64, unit: Unit) -> Record {
        Record::of(&Entry { event_id, unit, judged: true })
    }

    #[test]
    fn a_leg_keeps_its_call_waiting_and_the_other_way_round() {
        let waiting = WaitingCalls::default();
        waiting.begins(&record(1, unit("CA2", Some("CA1"))));
        assert!(waiting.has(&unit("CA1", None)) && waiting.has(&unit("CA2", None)));
        assert!(waiting.has(&unit("CA3", Some("CA1"))) && !waiting.has(&unit("CA3", None)));
        waiting.is_over(1);
        assert!(!waiting.has(&unit("CA1", None)) && !waiting.has(&unit("CA2", None)));
        assert_eq!(waiting.0.calls.load(Ordering::Acquire), 0);
    }

    #[test]
    fn a_call_is_free_when_its_last_record_is_over_and_none_is_on_its_way() {
        let (waiting, next) = (WaitingCalls::default(), unit("CA1", None));
        let on_its_way = waiting.set_out(&record(1, next.clone()));
        waiting.begins(&record(1, next.clone()));
        waiting.begins(&record(1, next.clone()));
        waiting.begins(&record(2, next.clone()));
        drop(on_its_way);
        waiting.is_over(1);
        waiting.is_over(1);
        waiting.is_over(7);
        assert!(waiting.has(&next), "the second waits");
        waiting.is_over(2);
        assert!(!waiting.has(&next));
    }

    #[tokio::test]
    async fn who_waits_for_a_record_is_told_when_it_is_over() {
        let waiting = WaitingCalls::default();
        waiting.begins(&record(1, unit("CA1", None)));
        let (told, next) = (waiting.clone(), unit("CA1", None));
        let free = tokio::spawn(async move { tokio::join!(told.until_over(1), told.until_free(&next)) });
        tokio::task::yield_now().await;
        assert!(!free.is_finished());
        waiting.is_over(1);
        free.await.expect("no panic");
    }
}
