//! Whether the carrier asks where it should, for every number of file and tables; and making it so. Numbers that are not
//! in our accounts, or lead to no line of ours, are told of and never touched.

use super::desk::Numbers;
use super::error::NumbersError;
use super::saga::{State, Urls};
use super::steps::TAG;
use super::store::{self, NumberFilter as NumberRows};
use crate::carrier::{Carrier, CarrierError, NumberFilter, OwnedNumber};
use std::collections::BTreeMap;

/// A field that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The carrier's name for it.
    pub field: &'static str,
    /// As it should be.
    pub wanted: String,
    /// As it is.
    pub actual: String,
}

/// A number of ours at the carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// E.164.
    pub number: String,
    /// `PN…`
    pub sid: String,
    /// Whose it is.
    pub account_sid: String,
    /// Name of the line it leads to.
    pub line: String,
    /// What is not as it should be; empty when all is well.
    pub differences: Vec<Difference>,
    /// It was made so now.
    pub repaired: bool,
    /// Why it could not be made so.
    pub error: Option<String>,
}

/// What a look at the carrier came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Numbers that lead to a line of ours.
    pub numbers: Vec<Seen>,
    /// Numbers of lines that are in none of our accounts: number and line.
    pub missing: Vec<(String, String)>,
    /// Numbers of our accounts that lead to no line: number and SID. Paid for, and nobody answers.
    pub idle: Vec<(String, String)>,
    /// Of these, numbers whose transaction was rolled back: number and transaction.
    pub orphans: Vec<(String, String)>,
    /// Accounts that could not be read: SID, and why. Nothing is said of their numbers, nor of missing ones.
    pub unread: Vec<(String, String)>,
}

impl Look {
    /// How many numbers are not as they should be.
    #[must_use]
    pub fn drifted(&self) -> usize {
        self.numbers.iter().filter(|seen| !seen.differences.is_empty() && !seen.repaired).count()
    }
}

impl Numbers {
    /// Compares every number with the carrier; with `apply` mends what differs.
    ///
    /// # Errors
    /// [`NumbersError`]; a number that could not be mended is told in its own row.
    pub async fn sync(&self, apply: bool) -> Result<Look, NumbersError> {
        let carrier = self.carrier()?;
        if apply {
            self.can_be_reached()?;
        }
        let wanted = self.parts().reach.wanted();
        store::want(self.db(), &wanted, self.now()).await?;
        let mut lines = self.lines_by_number().await?;
        let mut look = Look::default();
        let accounts = self.accounts(carrier).await?;
        let mut last = None;
        for account in &accounts {
            let numbers = match owned(account).await {
                Ok(numbers) => numbers,
                // One account that cannot be read must not keep the others from being mended.
                Err(error) => {
                    let account_sid = account.account_sid();
                    tracing::warn!(account_sid, %error, "the numbers of an account could not be read");
                    look.unread.push((account_sid.to_owned(), error.to_string()));
                    last = Some(error);
                    continue;
                }
            };
            for number in numbers {
                match lines.remove(&number.phone_number) {
                    Some(line) => look.numbers.push(mend(account, &wanted, (&number, line), apply).await),
                    None => self.note_idle(number, &mut look).await?,
                }
            }
        }
        if let Some(error) = last.filter(|_| look.unread.len() == accounts.len()) {
            return Err(error.into());
        }
        // What was not found may be in an account that could not be read.
        if look.unread.is_empty() {
            look.missing = lines.into_iter().collect();
        }
        self.note_look(&look, &wanted).await?;
        Ok(look)
    }

    /// What the tables say first: a number that was just bound may not be in the world yet.
    async fn lines_by_number(&self) -> Result<BTreeMap<String, String>, NumbersError> {
        let filter = NumberRows { state: Some("active".to_owned()), ..NumberRows::default() };
        let bound = store::numbers(self.db(), &filter, None, i64::from(i32::MAX)).await?;
        let bound = bound.into_iter().filter_map(|row| Some((row.phone_number, row.line?)));
        let world = self.parts().worlds.current();
        let pairs = world.lines().iter().flat_map(|line| line.numbers.iter().map(move |number| (number, &line.name)));
        Ok(bound.chain(pairs.map(|(number, line)| (number.as_str().to_owned(), line.clone()))).collect())
    }

    /// The operator's own account, and those of tenants.
    async fn accounts(&self, carrier: &Carrier) -> Result<Vec<Carrier>, NumbersError> {
        let mut accounts = vec![carrier.clone()];
        for row in store::accounts(self.db()).await?.iter().filter(|row| row.state == "active") {
            accounts.push(carrier.acting_on(&row.sid)?);
        }
        Ok(accounts)
    }

    async fn note_idle(&self, number: OwnedNumber, look: &mut Look) -> Result<(), NumbersError> {
        let tag = number.friendly_name.as_deref().and_then(|name| name.strip_prefix(TAG));
        let journal = match tag {
            Some(id) => store::journal(self.db(), id).await?,
            None => None,
        };
        if let Some(journal) = journal.filter(|journal| journal.transaction.state == State::RolledBack) {
            look.orphans.push((number.phone_number.clone(), journal.transaction.id));
        }
        look.idle.push((number.phone_number, number.sid));
        Ok(())
    }

    async fn note_look(&self, look: &Look, wanted: &Urls) -> Result<(), NumbersError> {
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 numbers")]
        self.parts().meters.numbers.drifted.set(look.drifted() as f64);
        let actual = |seen: &Seen| {
            let mut urls = wanted.clone();
            for difference in seen.differences.iter().filter(|_| !seen.repaired) {
                urls.set(difference.field, &difference.actual);
            }
            (seen.number.clone(), urls)
        };
        let seen: Vec<(String, Urls)> = look.numbers.iter().map(actual).collect();
        Ok(store::see(self.db(), &seen, self.now()).await?)
    }
}

async fn owned(account: &Carrier) -> Result<Vec<OwnedNumber>, CarrierError> {
    let filter = NumberFilter { page_size: Some(1000), ..NumberFilter::default() };
    account.numbers(&filter)?.all().await
}

async fn mend(account: &Carrier, wanted: &Urls, (number, line): (&OwnedNumber, String), apply: bool) -> Seen {
    let differences: Vec<Difference> =
        wanted.drift(number).into_iter().map(|(field, wanted, actual)| Difference { field, wanted, actual }).collect();
    let mended = match apply && !differences.is_empty() {
        true => account.update_number(&number.sid, &wanted.settings()).await.map(|there| there.is_some()),
        false => Ok(false),
    };
    Seen {
        number: number.phone_number.clone(),
        sid: number.sid.clone(),
        account_sid: account.account_sid().to_owned(),
        line,
        differences,
        repaired: *mended.as_ref().unwrap_or(&false),
        error: mended.err().map(|error| error.to_string()),
    }
}
