//! Taking a tenant away, once nobody else depends on what goes with it.

use super::desk::Numbers;
use super::error::NumbersError;
use super::saga::{Journal, State};
use super::store;
use crate::ledger::recordings;

impl Numbers {
    /// Takes a tenant away: its line, its number and its account. Answers with the transaction that had set it up.
    ///
    /// # Errors
    /// [`NumbersError`].
    pub async fn offboard(&self, name: &str, by: &str) -> Result<Journal, NumbersError> {
        const UNKNOWN: NumbersError = NumbersError::Unknown("no tenant of this name was set up here");
        self.carrier()?;
        let id = store::line(self.db(), name).await?.and_then(|line| line.transaction_id).ok_or(UNKNOWN)?;
        let journal = store::journal(self.db(), &id).await?.ok_or(UNKNOWN)?;
        if journal.transaction.state == State::Done {
            self.nobody_else(name, &journal).await?;
            let why = format!("taken away by {by}");
            if !store::turn_back(self.db(), &id, (State::Done, &why), self.now()).await? {
                return conflict("it has changed meanwhile, or another transaction works on the same: ask again");
            }
        }
        self.transaction(&id).await
    }

    /// The account is closed for good, and takes its numbers and the carrier's copies of its recordings with it.
    async fn nobody_else(&self, name: &str, journal: &Journal) -> Result<(), NumbersError> {
        let known = journal.known();
        let filter = store::NumberFilter { line: Some(name.to_owned()), state: Some("active".to_owned()) };
        let others = store::numbers(self.db(), &filter, None, 100).await?;
        if others.iter().any(|number| Some(&number.sid) != known.number_sid.as_ref()) {
            return conflict("other numbers lead to this line: release them first");
        }
        let Some(account_sid) = known.account_sid.as_deref() else { return Ok(()) };
        let transaction = &*journal.transaction.id;
        let tenancy = store::Tenancy { account_sid, number_sid: known.number_sid.as_deref(), transaction };
        let (numbers, busy) = store::others_in(self.db(), tenancy).await?;
        if numbers > 0 {
            return conflict("other lines have numbers in the tenant's account: release them first");
        }
        if busy > 0 {
            return conflict("a transaction works in the tenant's account: wait for its end, or roll it back");
        }
        if recordings::kept_by(self.db(), account_sid).await? > 0 {
            return conflict("recordings of the tenant's account are not copied yet, or are on legal hold");
        }
        Ok(())
    }
}

fn conflict<T>(why: &str) -> Result<T, NumbersError> {
    Err(NumbersError::Conflict(why.to_owned()))
}
