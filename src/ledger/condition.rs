//! Whether facts can be stored now; read by the gate before each decision and by the health page.

use crate::base::Time;
use std::sync::atomic::{AtomicU64, Ordering};
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
    unstored: AtomicU64,
}

#[derive(Clone, Debug)]
struct State {
    phase: Phase,
    since: Time,
    cause: Option<String>,
    /// Lanes that have a connection.
    connected: usize,
}

impl Condition {
    /// Starting, since `now`; up once every one of `lanes` has its connection.
    #[must_use]
    pub fn new(lanes: usize, now: Time) -> Self {
        let state = Mutex::new(State { phase: Phase::Starting, since: now, cause: None, connected: 0 });
        Self(Arc::new(Inner { lanes, state, unstored: AtomicU64::new(0) }))
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

    /// Counts one unit that could not be stored.
    pub fn count_unstored(&self) {
        self.0.unstored.fetch_add(1, Ordering::Relaxed);
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
        if state.phase != Phase::Down {
            tracing::error!(cause, "storage is away: calls are answered from memory, nothing is recorded");
            *state = State { phase: Phase::Down, since: now, cause: Some(cause.to_owned()), ..*state };
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> State {
        self.lock().clone()
    }
}
