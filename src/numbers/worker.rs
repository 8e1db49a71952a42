//! One transaction at a time, as far as it goes for now. What an instance leaves behind, however it ends, the next one
//! reads in the journal.

use super::desk::Numbers;
use super::error::NumbersError;
use super::events;
use super::saga::{Entry, Failure, Journal, Next, Outcome, State, StepRow, StepState};
use super::steps::{self, Scene};
use super::store::{self, Begin, Pen};
use crate::carrier::Carrier;
use crate::config::retention::Retention;
use chrono::TimeDelta;
use std::time::Duration;
use tokio::time::timeout;

/// How long a transaction belongs to an instance that does not write.
const LEASE: TimeDelta = TimeDelta::seconds(90);
/// A step's requests together; well before the lease is over.
const EFFECT: Duration = Duration::from_secs(60);
/// After trouble of our own.
const LATER: TimeDelta = TimeDelta::seconds(5);

/// What a step of the worker came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worked {
    /// A transaction went as far as it goes for now.
    One,
    /// Nothing is to be done.
    Nothing,
}

impl Numbers {
    /// Takes up the transaction that has waited longest, and goes on with it until it ends or has to wait.
    ///
    /// # Errors
    /// [`NumbersError`]; what was noted stays, and the transaction is taken up again.
    pub async fn step(&self) -> Result<Worked, NumbersError> {
        let Some(carrier) = &self.parts().carrier else { return Ok(Worked::Nothing) };
        let (db, holder) = (self.db(), &*self.parts().holder);
        let Some(id) = store::claim(db, holder, self.now(), LEASE).await? else { return Ok(Worked::Nothing) };
        let gone_on = self.go_on(carrier, &id).await;
        if gone_on.is_err() {
            // Best effort: without it the lease runs out by itself.
            let now = self.now();
            let _ = Pen { db, holder, id: &id, now }.let_go(now + LATER).await;
        }
        gone_on.map(|()| Worked::One)
    }

    async fn go_on(&self, carrier: &Carrier, id: &str) -> Result<(), NumbersError> {
        loop {
            let Some(journal) = store::journal(self.db(), id).await? else { return Ok(()) };
            let goes_on = match journal.next() {
                Next::End(state) => return self.end(&journal, state).await,
                Next::Do(row) => self.try_step(carrier, &journal, row, StepState::Doing).await?,
                Next::Undo(row) => self.try_step(carrier, &journal, row, StepState::Undoing).await?,
            };
            if !goes_on {
                return Ok(());
            }
        }
    }

    fn pen<'a>(&'a self, journal: &'a Journal) -> Pen<'a> {
        Pen { db: self.db(), holder: &self.parts().holder, id: &journal.transaction.id, now: self.now() }
    }

    async fn end(&self, journal: &Journal, state: State) -> Result<(), NumbersError> {
        let told = events::told(journal, state, self.now());
        if self.pen(journal).end(state, &told).await? {
            let (id, kind) = (&*journal.transaction.id, journal.transaction.kind.as_str());
            self.parts().meters.numbers.transactions.count(state.as_str());
            tracing::info!(transaction = id, kind, state = state.as_str(), "a transaction has ended");
        }
        Ok(())
    }

    /// Notes that the step is about to be tried, tries it, notes what that came to. Says whether to go on at once.
    async fn try_step(
        &self,
        carrier: &Carrier,
        journal: &Journal,
        row: &StepRow,
        as_: StepState,
    ) -> Result<bool, NumbersError> {
        let begin = Begin { number: row.number, state: as_, expected: journal.transaction.state, lease: LEASE };
        if !self.pen(journal).begin(begin).await? {
            return self.turned(journal).await;
        }
        let wanted = self.parts().reach.wanted();
        let scene = Scene { carrier, seal: &self.parts().seal, wanted: &wanted, journal, row, now: self.now() };
        let entry = if as_ == StepState::Doing {
            let outcome = timeout(EFFECT, steps::act(&scene)).await.unwrap_or_else(|_| unanswered());
            Entry::after_doing(journal, row, row.state, outcome)
        } else {
            let outcome = timeout(EFFECT, steps::undo(&scene)).await.unwrap_or_else(|_| unanswered());
            Entry::after_undoing(journal, row, outcome)
        };
        self.note(journal, row, &entry).await
    }

    async fn note(&self, journal: &Journal, row: &StepRow, entry: &Entry) -> Result<bool, NumbersError> {
        let stuck = entry.state == Some(State::FailedUndo) && journal.transaction.state != State::FailedUndo;
        let told =
            if stuck { events::told(&failing(journal, entry), State::FailedUndo, self.now()) } else { Vec::new() };
        if stuck {
            self.parts().meters.numbers.transactions.count(State::FailedUndo.as_str());
        }
        if let Some(error) = &entry.error {
            let (id, step) = (&*journal.transaction.id, row.step.as_str());
            tracing::warn!(transaction = id, step, error, failures = entry.attempts, "a step of a transaction failed");
        }
        let ours = self.pen(journal).note(row.number, entry, &told).await?;
        Ok(ours && entry.wait.is_none())
    }

    /// The lease is lost, or an operator has turned the transaction around: then we go on, the other way.
    async fn turned(&self, journal: &Journal) -> Result<bool, NumbersError> {
        let there = store::journal(self.db(), &journal.transaction.id).await?;
        let holder = there.and_then(|journal| journal.transaction.lease_holder);
        Ok(holder.as_deref() == Some(&*self.parts().holder))
    }

    /// Compares every number with the carrier, changing nothing: the metric says how many differ.
    ///
    /// # Errors
    /// [`NumbersError`].
    pub async fn look(&self) -> Result<usize, NumbersError> {
        match &self.parts().carrier {
            Some(_) => Ok(self.sync(false).await?.drifted()),
            None => Ok(0),
        }
    }

    /// Removes a slice of what ended long ago, and says how many rows went.
    ///
    /// # Errors
    /// [`NumbersError`].
    pub async fn sweep(&self, keep: &Retention) -> Result<u64, NumbersError> {
        if keep.transactions_days == 0 {
            return Ok(0);
        }
        Ok(store::sweep(self.db(), self.now() - TimeDelta::days(i64::from(keep.transactions_days))).await?)
    }
}

/// As the journal will be once the entry is written: the first failure stands in the event.
fn failing(journal: &Journal, entry: &Entry) -> Journal {
    let mut journal = journal.clone();
    if let Some((step, why)) = &entry.failed {
        let transaction = &mut journal.transaction;
        transaction.failed_step.get_or_insert_with(|| step.as_str().to_owned());
        transaction.error.get_or_insert_with(|| why.clone());
    }
    journal
}

fn unanswered() -> Outcome {
    Outcome::Failed(Failure::not_yet("the carrier took too long"))
}
