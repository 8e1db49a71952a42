//! How often a client may ask: 600 requests at once, then ten a second, for each credential.

use super::keys::Fingerprint;
use crate::base::Clock;
use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::time::Duration;

const PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
const AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(599);

/// The house's clock, read the way the limiter wants it.
#[derive(Clone, Debug)]
struct Ticks(Clock);

impl GovernorClock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.now().timestamp_micros()).unwrap_or(0))
    }
}

type Limiter = RateLimiter<Fingerprint, DashMapStateStore<Fingerprint>, Ticks, NoOpMiddleware<Duration>>;

/// A bucket for each credential that was accepted; strangers never get one, so they cannot fill the memory.
#[derive(Debug)]
pub(in crate::ops) struct Limits {
    limiter: Limiter,
    clock: Ticks,
}

impl Limits {
    /// Full buckets for everybody.
    #[must_use]
    pub(in crate::ops) fn new(clock: Clock) -> Self {
        let clock = Ticks(clock);
        let quota = Quota::per_second(PER_SECOND).allow_burst(AT_ONCE);
        Self { limiter: RateLimiter::new(quota, DashMapStateStore::default(), clock.clone()), clock }
    }

    /// Takes one request out of a bucket. Empty: whole seconds until the next one is there.
    pub(in crate::ops) fn take(&self, credential: &Fingerprint) -> Result<(), u64> {
        self.limiter.check_key(credential).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }

    /// Forgets credentials whose bucket is full again.
    pub(in crate::ops) fn sweep(&self) {
        self.limiter.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Time;
    use chrono::TimeDelta;

    #[test]
    fn six_hundred_at_once_then_ten_a_second() {
        let clock = Clock::manual(Time::UNIX_EPOCH + TimeDelta::days(1));
        let limits = Limits::new(clock.clone());
        assert!((0..600).all(|_| limits.take(&[1; 32]).is_ok()));
        assert_eq!(limits.take(&[1; 32]), Err(1));
        assert_eq!(limits.take(&[2; 32]), Ok(()), "another credential has a bucket of its own");
        clock.advance(TimeDelta::seconds(1));
        assert_eq!((0..20).filter(|_| limits.take(&[1; 32]).is_ok()).count(), 10);
        clock.advance(TimeDelta::seconds(62));
        limits.sweep();
        assert!(limits.limiter.is_empty());
    }
}
