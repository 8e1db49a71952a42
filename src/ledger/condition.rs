//! Whether facts can be stored now; read by the gate before each decision and by the health page.

use crate::base::{Clock, Time};
use chrono::TimeDelta;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Where storage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not reached yet since the start.
    Starting,
    /// Facts are stored.
    Up,
    /// The database is away; facts are lost and counted.
    Down,
}

/// Shared by lanes (who know), gate (who asks) and health (who tells).
#[derive(Clone, Debug)]
pub struct Condition(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lanes: usize,
    state: Mutex<State>,
    clock: Clock,
    unstored: AtomicU64,
    /// Seconds since 1970 of the last unit that could not be stored; 0 for none.
    last_unstored: AtomicI64,
}

/// How long a loss keeps the house from calling itself healthy.
const LATELY: TimeDelta = TimeDelta::hours(1);

#[derive(Clone, Debug)]
struct State {
    phase: Phase,
    since: Time,
    cause: Option<String>,
    /// Lanes that have a connection.
    connected: usize,
}

impl Condition {
    /// Starting; up once every one of `lanes` has its connection.
    #[must_use]
    pub fn new(lanes: usize, clock: Clock) -> Self {
        let state = State { phase: Phase::Starting, since: clock.now(), cause: None, connected: 0 };
        Self(Arc::new(Inner {
            lanes,
            state: Mutex::new(state),
            clock,
            unstored: AtomicU64::new(0),
            last_unstored: AtomicI64::new(0),
        }))
    }

    /// Where storage stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.lock().phase
    }

    /// Since when, and why when it is down.
    #[must_use]
    pub fn since(&self) -> (Time, Option<String>) {
        let state = self.state();
        (state.since, state.cause)
    }

    /// Units that were answered and could not be stored since the start.
    #[must_use]
    pub fn unstored(&self) -> u64 {
        self.0.unstored.load(Ordering::Relaxed)
    }

    /// The same, but none once the last one is an hour ago: whoever looks now is not alarmed by last week.
    #[must_use]
    pub fn unstored_lately(&self) -> u64 {
        let since = self.0.clock.now() - LATELY;
        let recent = self.0.last_unstored.load(Ordering::Relaxed) >= since.timestamp();
        if recent { self.unstored() } else { 0 }
    }

    /// Counts one unit that could not be stored.
    pub fn count_unstored(&self) {
        self.0.unstored.fetch_add(1, Ordering::Relaxed);
        self.0.last_unstored.store(self.0.clock.now().timestamp(), Ordering::Relaxed);
    }

    /// A lane has its connection.
    pub(super) fn connected(&self, now: Time) {
        let mut state = self.lock();
        state.connected += 1;
        if state.connected == self.0.lanes {
            tracing::info!("storage is up");
            *state = State { phase: Phase::Up, since: now, cause: None, ..*state };
        }
    }

    /// A lane lost its connection.
    pub(super) fn disconnected(&self, now: Time, cause: &str) {
        let mut state = self.lock();
        state.connected = state.connected.saturating_sub(1);
        drop(state);
        self.unreachable(now, cause);
    }

    /// A lane cannot get a connection.
    pub(super) fn unreachable(&self, now: Time, cause: &str) {
        let mut state = self.lock();
        let since = if state.phase == Phase::Down { state.since } else { now };
        // Another cause is news: first nobody listens, then the password is wrong.
        if state.phase != Phase::Down || state.cause.as_deref() != Some(cause) {
            tracing::error!(cause, "storage is away: calls are answered from memory, nothing is recorded");
            *state = State { phase: Phase::Down, since, cause: Some(cause.to_owned()), ..*state };
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> State {
        self.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_told_for_an_hour_and_counted_for_good() {
        let clock = Clock::manual(Time::UNIX_EPOCH + TimeDelta::days(20_000));
        let condition = Condition::new(1, clock.clone());
        assert_eq!(condition.unstored_lately(), 0);
        condition.count_unstored();
        clock.advance(TimeDelta::minutes(59));
        assert_eq!((condition.unstored_lately(), condition.unstored()), (1, 1));
        clock.advance(TimeDelta::minutes(2));
        assert_eq!((condition.unstored_lately(), condition.unstored()), (0, 1));
    }

    #[test]
    fn storage_is_up_when_every_lane_is() {
        let condition = Condition::new(2, Clock::System);
        let now = Time::UNIX_EPOCH;
        condition.connected(now);
        assert_eq!(condition.phase(), Phase::Starting);
        condition.connected(now);
        assert_eq!(condition.phase(), Phase::Up);
        condition.disconnected(now, "gone");
        assert_eq!((condition.phase(), condition.since().1.as_deref()), (Phase::Down, Some("gone")));
        condition.connected(now);
        assert_eq!(condition.phase(), Phase::Up);
    }
}
