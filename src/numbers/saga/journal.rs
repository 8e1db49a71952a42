//! What the journal says, and what is to be done next. Pure.

use super::wish::{Known, Wish};
use super::words::{Kind, State, Step, StepState};
use crate::base::Time;

/// A row of `transactions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// `txn_…`
    pub id: String,
    /// What it is for.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// What it works on.
    pub subject: Option<String>,
    /// Name of the line.
    pub line: Option<String>,
    /// What was asked for.
    pub wish: Wish,
    /// The step that failed first.
    pub failed_step: Option<String>,
    /// Why.
    pub error: Option<String>,
    /// Who asked.
    pub requested_by: String,
    /// Failures in a row.
    pub attempts: i64,
    /// When a worker takes it up next.
    pub next_at: Time,
    /// The instance that works on it.
    pub lease_holder: Option<String>,
    /// Until when.
    pub lease_until: Option<Time>,
    /// Asked for.
    pub created_at: Time,
    /// Last entry.
    pub updated_at: Time,
    /// Done or rolled back.
    pub finished_at: Option<Time>,
}

/// A row of `transaction_steps`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// Place in the order, from 1.
    pub number: i64,
    /// What it does.
    pub step: Step,
    /// Where it stands.
    pub state: StepState,
    /// How often it was tried.
    pub attempts: i64,
    /// What it found out.
    pub known: Known,
    /// Why the last try failed.
    pub error: Option<String>,
    /// First tried.
    pub started_at: Option<Time>,
    /// Last tried; not when it was taken back.
    pub tried_at: Option<Time>,
    /// Its effect was seen.
    pub done_at: Option<Time>,
    /// Its effect is seen to be gone.
    pub undone_at: Option<Time>,
}

/// A transaction with its steps, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The whole.
    pub transaction: Transaction,
    /// Its steps.
    pub steps: Vec<StepRow>,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// This step.
    Do(&'a StepRow),
    /// Take this step back.
    Undo(&'a StepRow),
    /// It has come to this end.
    End(State),
}

impl Journal {
    /// What is to be done next.
    #[must_use]
    pub fn next(&self) -> Next<'_> {
        let ahead = |step: &&StepRow| step.state != StepState::Done;
        let behind = |step: &&StepRow| !matches!(step.state, StepState::Waiting | StepState::Undone);
        match self.transaction.state {
            State::Done | State::RolledBack => Next::End(self.transaction.state),
            State::Running => self.steps.iter().find(ahead).map_or(Next::End(State::Done), Next::Do),
            State::RollingBack | State::FailedUndo => {
                self.steps.iter().rev().find(behind).map_or(Next::End(State::RolledBack), Next::Undo)
            }
        }
    }

    /// All that the steps have found out.
    #[must_use]
    pub fn known(&self) -> Known {
        self.steps.iter().fold(Known::default(), |known, step| known.and(step.known.clone()))
    }

    /// Where a step stands; `None` when this kind has no such step.
    pub(in crate::numbers) fn state_of(&self, step: Step) -> Option<StepState> {
        self.steps.iter().find(|row| row.step == step).map(|row| row.state)
    }
}
