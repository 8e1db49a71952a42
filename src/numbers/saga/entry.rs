//! What a try came to, and what is written into the journal because of it. Pure.

use super::change::Change;
use super::journal::{Journal, StepRow};
use super::wish::Known;
use super::words::{State, Step, StepState};
use crate::base::Time;
use chrono::TimeDelta;

/// The longest wait between two tries on the way to the end.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(1);
/// The longest wait between two tries where there is no other way, and of taking back.
const LONGEST_PATIENCE: TimeDelta = TimeDelta::hours(1);
/// Failures in a row before taking back counts as failed, and somebody is told.
const UNDO_TRIES: i64 = 3;

/// What a try came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its effect (or, taking back, its absence) was seen.
    Done {
        /// What it found out.
        known: Known,
        /// What the tables shall say from now on, in the same commit.
        changes: Vec<Change>,
    },
    /// Nothing went wrong; it just takes longer.
    Later {
        /// When to look again.
        after: TimeDelta,
        /// What it found out so far.
        known: Known,
    },
    /// It failed.
    Failed(Failure),
}

/// Why a try failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In a few words, without numbers or secrets.
    pub reason: String,
    /// Trying again may help.
    pub may_retry: bool,
    /// It is certain that the try had no effect.
    pub without_effect: bool,
    /// There is nothing to wait for: everything is taken back, also where patience has no end.
    pub over: bool,
    /// How long the carrier asks us to wait.
    pub wait: Option<TimeDelta>,
}

impl Outcome {
    /// Done, and nothing is to be noted.
    #[must_use]
    pub fn done() -> Self {
        Self::Done { known: Known::default(), changes: Vec::new() }
    }

    /// Done, with a change of the tables.
    pub(in crate::numbers) fn changed(change: Change) -> Self {
        Self::Done { known: Known::default(), changes: vec![change] }
    }
}

impl Failure {
    /// Trying again will not help, and nothing happened.
    pub(in crate::numbers) fn final_one(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), may_retry: false, without_effect: true, over: false, wait: None }
    }

    /// Not so yet.
    pub(in crate::numbers) fn not_yet(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), may_retry: true, without_effect: false, over: false, wait: None }
    }

    /// The carrier has decided otherwise.
    pub(in crate::numbers) fn over(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), may_retry: false, without_effect: false, over: true, wait: None }
    }
}

/// What is written because of a try: the step's row, the transaction's row, and what else belongs to the same commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The step's new state.
    pub step: StepState,
    /// What it found out; `None` leaves what was noted.
    pub known: Option<Known>,
    /// Why it failed.
    pub error: Option<String>,
    /// The transaction's new state; `None` leaves it as it is.
    pub state: Option<State>,
    /// Noted as the first failure, unless one was noted.
    pub failed: Option<(Step, String)>,
    /// Failures in a row.
    pub attempts: i64,
    /// When to go on; `None`: at once.
    pub wait: Option<TimeDelta>,
    /// What the tables shall say.
    pub changes: Vec<Change>,
}

impl Entry {
    fn of(step: StepState) -> Self {
        Self { step, known: None, error: None, state: None, failed: None, attempts: 0, wait: None, changes: Vec::new() }
    }

    /// What follows from trying to do a step. `before` is its state before this try.
    #[must_use]
    pub fn after_doing(journal: &Journal, row: &StepRow, before: StepState, outcome: Outcome) -> Self {
        let failures = journal.transaction.attempts + 1;
        match outcome {
            Outcome::Done { known, changes } => Self { known: Some(known), changes, ..Self::of(StepState::Done) },
            Outcome::Later { after, known } => {
                let known = Some(row.known.clone().and(known));
                Self { known, wait: Some(after), ..Self::of(StepState::Doing) }
            }
            Outcome::Failed(failure) => {
                // An earlier try may have had its effect all the same; only a clean first failure leaves nothing.
                let clean = failure.without_effect && before == StepState::Waiting;
                let step = if clean { StepState::Waiting } else { StepState::Doing };
                let tries = journal.transaction.kind.tries(row.step);
                let error = Some(failure.reason.clone());
                let goes_on = tries.is_none_or(|tries| failure.may_retry && failures < tries);
                if goes_on && !failure.over {
                    let longest = if tries.is_none() { LONGEST_PATIENCE } else { LONGEST_WAIT };
                    let wait = Some(backoff(failures, longest).max(failure.wait.unwrap_or_default()));
                    return Self { error, attempts: failures, wait, ..Self::of(step) };
                }
                let failed = Some((row.step, failure.reason));
                Self { error, failed, state: Some(State::RollingBack), ..Self::of(step) }
            }
        }
    }

    /// What follows from trying to take a step back.
    #[must_use]
    pub fn after_undoing(journal: &Journal, row: &StepRow, outcome: Outcome) -> Self {
        let failures = journal.transaction.attempts + 1;
        match outcome {
            Outcome::Done { changes, .. } => {
                // The rest may go well again, but what failed is still to be seen until it is over.
                Self { changes, ..Self::of(StepState::Undone) }
            }
            Outcome::Later { after, known } => {
                let known = Some(row.known.clone().and(known));
                Self { known, wait: Some(after), ..Self::of(StepState::Undoing) }
            }
            Outcome::Failed(failure) => {
                let gave_up = !failure.may_retry || failures >= UNDO_TRIES;
                let step = if gave_up { StepState::FailedUndo } else { StepState::Undoing };
                let wait = Some(backoff(failures, LONGEST_PATIENCE).max(failure.wait.unwrap_or_default()));
                let failed = gave_up.then(|| (row.step, failure.reason.clone()));
                let state = gave_up.then_some(State::FailedUndo);
                Self { error: Some(failure.reason), failed, state, attempts: failures, wait, ..Self::of(step) }
            }
        }
    }
}

/// 1 s, 2 s, 4 s …
fn backoff(failures: i64, longest: TimeDelta) -> TimeDelta {
    let doublings = u32::try_from(failures.saturating_sub(1).clamp(0, 16)).unwrap_or(16);
    TimeDelta::seconds(1 << doublings).min(longest)
}

/// Whether an effect that was tried, but never seen, may still show up at the carrier.
pub(in crate::numbers) fn may_still_land(row: &StepRow, now: Time) -> Option<TimeDelta> {
    let left = row.tried_at? + SETTLE - now;
    (row.done_at.is_none() && left > TimeDelta::zero()).then_some(left)
}

/// A request that got no answer is over at the carrier after this long.
const SETTLE: TimeDelta = TimeDelta::seconds(60);
