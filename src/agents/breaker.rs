//! Whether an agent is worth a try: who failed three times within a minute rests for half a minute, then one caller
//! tries.

use super::port::{Cause, Ms};
use std::collections::VecDeque;

const FAILURES: usize = 3;
const WITHIN_MS: Ms = 60_000;
const REST_MS: Ms = 30_000;
/// Of one who says that our key or our credit is no good.
const LONG_REST_MS: Ms = 60_000;

/// What is known of one agent.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: VecDeque<Ms>,
    rests_until: Option<Ms>,
    probing: bool,
}

impl Breaker {
    /// Whether a call may try. After a rest the first that asks is the probe; the others wait for what becomes of it.
    pub(super) fn allows(&mut self, at: Ms) -> bool {
        match self.rests_until {
            None => true,
            Some(until) if at < until || self.probing => false,
            Some(_) => {
                self.probing = true;
                true
            }
        }
    }

    /// It was ready for a call.
    pub(super) fn ready(&mut self) {
        if self.probing {
            *self = Self::default();
        }
    }

    /// A call gave up before anything was known.
    pub(super) const fn left(&mut self) {
        self.probing = false;
    }

    /// It failed. Whether it rests from now on.
    pub(super) fn failed(&mut self, at: Ms, cause: Cause) -> bool {
        if cause == Cause::Declined {
            // It works; it only had no time for this call.
            self.ready();
            return false;
        }
        self.failures.push_back(at);
        while self.failures.front().is_some_and(|first| first + WITHIN_MS < at) {
            self.failures.pop_front();
        }
        let rest = match cause {
            Cause::Denied => LONG_REST_MS,
            _ if self.probing || self.failures.len() >= FAILURES => REST_MS,
            _ => return false,
        };
        (self.probing, self.rests_until) = (false, Some(at + rest));
        self.failures.clear();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_in_a_minute_rest_it_and_a_probe_wakes_it() {
        let mut breaker = Breaker::default();
        assert!(!breaker.failed(0, Cause::Late) && !breaker.failed(50_000, Cause::Late));
        assert!(!breaker.failed(70_000, Cause::Closed), "the first is forgotten");
        assert!(breaker.failed(71_000, Cause::Closed));
        assert!(!breaker.allows(100_999));
        assert!(breaker.allows(101_000) && !breaker.allows(101_001), "one probe");
        assert!(breaker.failed(102_000, Cause::Refused), "a failed probe rests it again");
        assert!(breaker.allows(132_000));
        breaker.left();
        assert!(breaker.allows(132_001), "a probe that left is not a failure");
        breaker.ready();
        assert!(breaker.allows(132_002) && breaker.allows(132_003));
    }

    #[test]
    fn a_refused_key_rests_at_once_and_a_full_agent_never() {
        let mut breaker = Breaker::default();
        (0..9).for_each(|at| assert!(!breaker.failed(at, Cause::Declined)));
        assert!(breaker.failed(10, Cause::Denied));
        assert!(!breaker.allows(60_009) && breaker.allows(60_010));
    }
}
