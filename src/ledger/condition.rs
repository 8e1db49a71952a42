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
    state: Mutex<State>,
    unstored: AtomicU64,
}

#[derive(Clone, Debug)]
struct State {
    phase: Phase,
    since: Time,
    cause: Option<String>,
}

impl Condition {
    /// Starting, since `now`.
    #[must_use]
    pub fn new(now: Time) -> Self {
        let state = Mutex::new(State { phase: Phase::Starting, since: now, cause: None });
        Self(Arc::new(Inner { state, unstored: AtomicU64::new(0) }))
    }

    /// Where storage stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.state().phase
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
    pub(super) fn up(&self, now: Time) {
        if self.change(Phase::Up, now, None) {
            tracing::info!("storage is up");
        }
    }

    /// A lane lost its connection, or cannot get one.
    pub(super) fn down(&self, now: Time, cause: &str) {
        if self.change(Phase::Down, now, Some(cause.to_owned())) {
            tracing::error!(cause, "storage is away: calls are answered from memory, nothing is recorded");
        }
    }

    fn change(&self, phase: Phase, now: Time, cause: Option<String>) -> bool {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.phase == phase {
            return false;
        }
        *state = State { phase, since: now, cause };
        true
    }

    fn state(&self) -> State {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
