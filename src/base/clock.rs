//! Time is an input. This file is the only one that asks the system for it.

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use std::sync::{Arc, Mutex};

/// An instant, UTC, whole microseconds (what both database engines can hold).
pub type Time = DateTime<Utc>;

/// Where the time comes from: the system, or a hand that tests move.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A clock that stands still until it is moved.
    Manual(Arc<Mutex<Time>>),
}

impl Clock {
    /// A clock that stands at `at` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(at: Time) -> Self {
        Self::Manual(Arc::new(Mutex::new(at)))
    }

    /// Now, truncated to microseconds.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask")]
    pub fn now(&self) -> Time {
        match self {
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Manual(at) => *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    }

    /// Moves a manual clock forward; the system's clock is not ours to move.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Manual(at) = self {
            *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += by;
        }
    }
}

/// `2026-11-20T16:00:00.000Z`: how times leave the house in JSON.
#[must_use]
pub fn rfc3339_ms(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
