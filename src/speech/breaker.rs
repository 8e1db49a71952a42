//! An engine that fails is left alone for a while: callers would only wait for it.

use crate::base::Time;
use chrono::TimeDelta;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// As many failures …
const FAILURES: usize = 3;
/// … within this time …
const WITHIN: TimeDelta = TimeDelta::seconds(60);
/// … give it this rest. Then one request tries.
const REST: TimeDelta = TimeDelta::seconds(30);

/// Of one engine.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: Vec<Time>,
    rests_until: Option<Time>,
}

impl Breaker {
    /// Whether it may be asked now. After a rest only one may, until it is known how that went or another rest is over.
    pub(super) fn may_ask(&self, now: Time) -> bool {
        let mut state = self.state();
        match state.rests_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.rests_until = Some(now + REST);
                true
            }
            None => true,
        }
    }

    /// Whether it is left alone now.
    pub(super) fn rests(&self, now: Time) -> bool {
        self.state().rests_until.is_some_and(|until| now < until)
    }

    /// How it went.
    pub(super) fn note(&self, failed: bool, now: Time) {
        let mut state = self.state();
        if !failed {
            *state = State::default();
            return;
        }
        state.failures.retain(|at| now - *at < WITHIN);
        state.failures.push(now);
        if state.failures.len() >= FAILURES || state.rests_until.is_some() {
            state.rests_until = Some(now + REST);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_rest_and_one_request_tries() {
        let (breaker, at) = (Breaker::default(), |s| Time::UNIX_EPOCH + TimeDelta::seconds(s));
        for second in [0, 100, 120] {
            assert!(breaker.may_ask(at(second)));
            breaker.note(true, at(second));
        }
        assert!(breaker.may_ask(at(121)), "the first one was long ago");
        breaker.note(true, at(121));
        assert!(!breaker.may_ask(at(122)) && !breaker.may_ask(at(150)));
        assert!(breaker.may_ask(at(151)));
        assert!(!breaker.may_ask(at(152)), "one is enough to try");
        breaker.note(true, at(152));
        assert!(!breaker.may_ask(at(180)));
        assert!(breaker.may_ask(at(183)));
        breaker.note(false, at(184));
        assert!(breaker.may_ask(at(184)) && breaker.may_ask(at(184)));
    }
}
