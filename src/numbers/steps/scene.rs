//! What a step works with, and how trouble becomes a failure.

use crate::base::{E164, Seal, SealError, Time};
use crate::carrier::{Blame, Carrier, CarrierError, NumberFilter, OwnedNumber, Processed};
use crate::numbers::saga::{Failure, Journal, Known, Outcome, StepRow, Urls, Wish};
use chrono::TimeDelta;

/// What a step works with.
#[derive(Clone, Copy, Debug)]
pub(in crate::numbers) struct Scene<'a> {
    /// The operator's account.
    pub carrier: &'a Carrier,
    pub seal: &'a Seal,
    /// Where the carrier shall ask.
    pub wanted: &'a Urls,
    pub journal: &'a Journal,
    /// The step, as it stood before this try.
    pub row: &'a StepRow,
    pub now: Time,
}

/// Why a step could not be tried to its end.
#[derive(Debug)]
pub(in crate::numbers) enum Trouble {
    Carrier(CarrierError),
    Seal(SealError),
    Failed(Failure),
}

impl From<CarrierError> for Trouble {
    fn from(error: CarrierError) -> Self {
        Self::Carrier(error)
    }
}

impl From<SealError> for Trouble {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Trouble> for Outcome {
    fn from(trouble: Trouble) -> Self {
        Self::Failed(match trouble {
            Trouble::Failed(failure) => failure,
            Trouble::Seal(error) => Failure::final_one(error.to_string()),
            Trouble::Carrier(error) => failure(&error),
        })
    }
}

/// The carrier's number for the error first, where it gave one.
fn failure(error: &CarrierError) -> Failure {
    let reason = error.code().map_or_else(|| error.to_string(), |code| format!("{code}: {error}"));
    Failure {
        reason,
        may_retry: error.blame() != Blame::Us,
        without_effect: error.processed() == Processed::No,
        over: false,
        wait: error.retry_after_s().and_then(|seconds| TimeDelta::try_seconds(i64::try_from(seconds).ok()?)),
    }
}

/// What every tag begins with.
pub(in crate::numbers) const TAG: &str = "switchboard ";

/// What comes out of a try.
pub(super) type Tried = Result<Outcome, Trouble>;

impl Scene<'_> {
    /// The tag by which everything of this transaction is found again at the carrier; 42 characters, 64 are allowed.
    pub(super) fn tag(&self) -> String {
        format!("{TAG}{}", self.journal.transaction.id)
    }

    /// Whether an earlier try may have had its effect.
    pub(super) fn is_repeated(&self) -> bool {
        self.row.tried_at.is_some()
    }

    pub(super) fn known(&self) -> Known {
        self.journal.known()
    }

    /// The account that the number belongs to; `None`: the operator's own.
    pub(super) fn owner(&self) -> Result<Option<String>, Failure> {
        match &self.journal.transaction.wish {
            Wish::Provision(wish) => Ok(wish.account_sid.clone()),
            Wish::Onboard(wish) if wish.own_account => {
                found(self.known().account_sid, "the tenant's account").map(Some)
            }
            Wish::Onboard(_) | Wish::Port(_) | Wish::Release(_) => Ok(None),
        }
    }

    /// The client that acts on an account.
    pub(super) fn account(&self, sid: Option<&str>) -> Result<Carrier, Trouble> {
        match sid {
            Some(sid) => Ok(self.carrier.acting_on(sid)?),
            None => Ok(self.carrier.clone()),
        }
    }

    /// An effect without an answer may still show up: wait that long before it counts as not there.
    pub(super) fn may_still_land(&self) -> Option<TimeDelta> {
        crate::numbers::saga::may_still_land(self.row, self.now)
    }
}

/// The numbers of an account that carry a tag.
pub(super) async fn tagged(account: &Carrier, tag: &str) -> Result<Vec<OwnedNumber>, CarrierError> {
    let filter = NumberFilter { friendly_name: Some(tag.to_owned()), ..NumberFilter::default() };
    let mut numbers = account.numbers(&filter)?.all().await?;
    // A carrier that passes over the filter must not make us take what is not ours.
    numbers.retain(|number| number.friendly_name.as_deref() == Some(tag));
    Ok(numbers)
}

/// The number of an account, if it has it.
pub(super) async fn owned(account: &Carrier, number: &str) -> Result<Option<OwnedNumber>, CarrierError> {
    let filter = NumberFilter { phone_number: Some(number.to_owned()), ..NumberFilter::default() };
    let numbers = account.numbers(&filter)?.all().await?;
    Ok(numbers.into_iter().find(|owned| owned.phone_number == number))
}

/// A number that the journal holds.
pub(super) fn e164(text: &str) -> Result<E164, Failure> {
    E164::parse(text).map_err(|_| Failure::final_one("the number is not in E.164 form"))
}

/// What an earlier step must have found out.
pub(super) fn found<T>(value: Option<T>, what: &str) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::final_one(format!("the journal does not say {what}")))
}
