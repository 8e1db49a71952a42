//! Counts and latencies by what the caller was about.

use super::line::{Answer, Trouble};
use crate::simulator::load::Latencies;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a webhook was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A call came, and was let in.
    LetIn,
    /// A call came, and was told that it is busy.
    TurnedAway,
    /// The next step of a call of the flood that was let in.
    Step,
    /// The next step of a call from before the flood.
    Running,
    /// The last word on a call that was turned away.
    Report,
}

impl Class {
    pub(super) const ALL: [(Self, &'static str); 5] = [
        (Self::LetIn, "new calls let in"),
        (Self::TurnedAway, "new calls turned away"),
        (Self::Step, "steps of calls let in"),
        (Self::Running, "steps of calls from before"),
        (Self::Report, "ends of calls turned away"),
    ];
}

/// How long an answer took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    /// From the connection that carried it: what the carrier's own clock of 15 s counts.
    pub(super) took: Duration,
    /// From when the webhook was due, the wait for one of the connections included.
    pub(super) since_due: Duration,
}

/// One class.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) latencies: Latencies,
    pub(super) since_due: Latencies,
    pub(super) server_errors: u64,
    pub(super) other_errors: u64,
    pub(super) timeouts: u64,
    pub(super) broken: u64,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<[Row; Class::ALL.len()]>);

impl Tally {
    pub(super) fn note(&self, class: Class, time: Time, outcome: Result<&Answer, Trouble>) {
        let mut rows = self.rows();
        let Some(row) = rows.get_mut(class as usize) else { return };
        match outcome {
            Ok(answer) => {
                row.latencies.add(time.took);
                row.since_due.add(time.since_due);
                row.server_errors += u64::from(answer.status >= 500);
                row.other_errors += u64::from((400..500).contains(&answer.status));
            }
            Err(Trouble::Timeout) => row.timeouts += 1,
            Err(Trouble::Broken) => row.broken += 1,
        }
    }

    pub(super) fn rows(&self) -> MutexGuard<'_, [Row; Class::ALL.len()]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
