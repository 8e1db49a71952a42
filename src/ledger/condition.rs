//! Whether the database takes units now; read by the gate before each decision and by the health page.
//!
//! This is the breaker: it opens on a lost connection or when three deadlines in a row are missed, and only the replay
//! closes it, when the database answers and nothing waits any more. A caller never tries: while it is open the lanes do.

use crate::base::{Clock, Time};
use chrono::TimeDelta;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Where storage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not reached yet since the start.
    Starting,
    /// Units are stored before their answers leave.
    Up,
    /// The database answers again, and what was spooled is being replayed. New units queue behind it.
    Behind,
    /// The database is away; units go to the spool.
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
    /// Deadlines missed since the last commit.
    missed: AtomicU32,
    /// The phase is up, for whoever asks before each webhook.
    up: AtomicBool,
    changed: Notify,
}

/// So many missed deadlines in a row are no accident.
const MISSES: u32 = 3;

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
            missed: AtomicU32::new(0),
            up: AtomicBool::new(false),
            changed: Notify::new(),
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

    /// Whether units go to the lanes; otherwise they go to the spool.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.0.up.load(Ordering::Acquire)
    }

    /// A lane has its connection.
    pub(super) fn connected(&self, now: Time) {
        let mut state = self.lock();
        state.connected += 1;
        if state.connected == self.0.lanes && state.phase != Phase::Up {
            tracing::info!("the database answers");
            self.go(&mut state, Phase::Behind, now, None);
        }
    }

    /// Nothing waits in the spool any more.
    pub(super) fn caught_up(&self, now: Time) {
        let mut state = self.lock();
        if state.phase == Phase::Behind {
            tracing::info!("storage is up");
            self.go(&mut state, Phase::Up, now, None);
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
            tracing::error!(cause, "the database is away: calls are answered from memory, what happens is spooled");
            self.go(&mut state, Phase::Down, since, Some(cause));
        }
    }

    /// A deadline passed while the lane stored nothing at all.
    pub(super) fn missed(&self, now: Time) {
        if self.0.missed.fetch_add(1, Ordering::AcqRel) + 1 >= MISSES && self.is_up() {
            self.unreachable(now, "it did not answer in time three times in a row");
        }
    }

    /// A lane stored something.
    pub(super) fn committed(&self, now: Time) {
        // The breaker can be open with nothing missed: a commit may come between a deadline and its being counted.
        if self.0.missed.load(Ordering::Acquire) == 0 && self.is_up() {
            return;
        }
        self.0.missed.store(0, Ordering::Release);
        let mut state = self.lock();
        if state.phase == Phase::Down && state.connected == self.0.lanes {
            tracing::info!("the database answers");
            self.go(&mut state, Phase::Behind, now, None);
        }
    }

    /// Returns when the database answers.
    pub(super) async fn answers(&self) {
        while !matches!(self.phase(), Phase::Up | Phase::Behind) {
            self.changed().await;
        }
    }

    /// Returns at the next change of the phase, or at once if one was missed. For one waiter.
    pub(super) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    fn go(&self, state: &mut State, phase: Phase, since: Time, cause: Option<&str>) {
        *state = State { phase, since, cause: cause.map(ToOwned::to_owned), ..*state };
        self.0.up.store(phase == Phase::Up, Ordering::Release);
        self.0.changed.notify_one();
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
    fn storage_is_up_when_every_lane_is_and_nothing_waits() {
        let condition = Condition::new(2, Clock::System);
        let now = Time::UNIX_EPOCH;
        condition.connected(now);
        condition.caught_up(now);
        assert_eq!(condition.phase(), Phase::Starting);
        condition.connected(now);
        assert_eq!((condition.phase(), condition.is_up()), (Phase::Behind, false));
        condition.caught_up(now);
        assert_eq!((condition.phase(), condition.is_up()), (Phase::Up, true));
        condition.disconnected(now, "gone");
        assert_eq!((condition.phase(), condition.since().1.as_deref()), (Phase::Down, Some("gone")));
        assert!(!condition.is_up());
        condition.connected(now);
        assert_eq!(condition.phase(), Phase::Behind);
    }

    #[test]
    fn three_missed_deadlines_in_a_row_open_the_breaker_and_a_commit_begins_to_close_it() {
        let condition = Condition::new(1, Clock::System);
        let now = Time::UNIX_EPOCH;
        condition.connected(now);
        condition.caught_up(now);
        for _ in 0..2 {
            condition.missed(now);
            condition.missed(now);
            assert!(condition.is_up());
            condition.committed(now);
        }
        (0..3).for_each(|_| condition.missed(now));
        assert_eq!((condition.phase(), condition.is_up()), (Phase::Down, false));
        condition.caught_up(now);
        assert_eq!(condition.phase(), Phase::Down, "an empty spool proves nothing");
        condition.committed(now);
        assert_eq!(condition.phase(), Phase::Behind);
    }

    #[test]
    fn a_commit_closes_a_breaker_that_opened_with_nothing_missed_since() {
        let condition = Condition::new(1, Clock::System);
        let now = Time::UNIX_EPOCH;
        condition.connected(now);
        condition.caught_up(now);
        condition.unreachable(now, "counted after the commit");
        condition.committed(now);
        assert_eq!(condition.phase(), Phase::Behind);
    }
}
