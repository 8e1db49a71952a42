//! What the steps share.

use super::error::RecorderError;
use crate::base::{Clock, Time};
use crate::carrier::{Carrier, CarrierError};
use crate::config::recordings::Recordings;
use crate::db::Db;
use crate::ledger::Ledger;
use crate::ledger::recordings;
use crate::shelf::Shelf;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Webhooks that are read in one transaction.
const NOTES: i64 = 20;

/// What the app hands over.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Where rows are.
    pub db: Db,
    /// Takes what a sweep settles, as if it had been reported.
    pub ledger: Ledger,
    /// Absent without account and token: nothing is fetched then.
    pub carrier: Option<Carrier>,
    /// Where copies are kept.
    pub shelf: Shelf,
    /// Where the time comes from.
    pub clock: Clock,
    /// This instance, by a word of its own.
    pub holder: Arc<str>,
}

/// Copies recordings. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Recorder {
    pub(super) parts: Arc<Parts>,
    /// When the carrier is asked again about a call; forgotten at a restart, which only asks sooner.
    pub(super) asked: Arc<Mutex<HashMap<String, Time>>>,
    /// When the list of an account was last read to its end; forgotten at a restart, which only reads more.
    looked: Arc<Mutex<HashMap<String, Time>>>,
}

impl Recorder {
    /// Takes its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts), asked: Arc::default(), looked: Arc::default() }
    }

    /// Reads recording webhooks that nobody has read yet, and says how many.
    ///
    /// # Errors
    /// [`RecorderError::Db`].
    pub async fn discover(&self) -> Result<u64, RecorderError> {
        Ok(recordings::discover(self.db(), self.now(), NOTES).await?)
    }

    /// One round of everything but retention and the carrier's list. For tests and for whoever has no loops.
    ///
    /// # Errors
    /// [`RecorderError`].
    pub async fn round(&self, how: &Recordings) -> Result<(), RecorderError> {
        while self.discover().await? > 0 {}
        while self.copy_due(how).await? > 0 {}
        self.settle(how).await
    }

    /// Looks whether the bucket takes copies, and says so; without one there is nothing to say.
    pub async fn look(&self) {
        match self.parts.shelf.look().await {
            Ok(Some(store)) => tracing::info!(store, "recordings are kept in a bucket"),
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "recordings cannot be kept: they stay with the carrier meanwhile"),
        }
    }

    pub(super) fn db(&self) -> &Db {
        &self.parts.db
    }

    pub(super) fn now(&self) -> Time {
        self.parts.clock.now()
    }

    /// The carrier, as the account that holds a recording.
    pub(super) fn carrier_of(&self, account: Option<&str>) -> Result<Option<Carrier>, CarrierError> {
        let acting = |carrier: &Carrier| match account {
            Some(account) if account != carrier.account_sid() => carrier.acting_on(account),
            _ => Ok(carrier.clone()),
        };
        self.parts.carrier.as_ref().map(acting).transpose()
    }

    /// Whether the carrier may be asked about a call again; if so, not before `next` the time after.
    pub(super) fn may_ask(&self, call_sid: &str, now: Time, next: Time) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = asked.get(call_sid).is_none_or(|at| *at <= now);
        if due {
            asked.insert(call_sid.to_owned(), next);
        }
        due
    }

    pub(super) fn looked(&self, account: &str) -> Option<Time> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner).get(account).copied()
    }

    pub(super) fn look_done(&self, account: &str, at: Time) {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner).insert(account.to_owned(), at);
    }

    /// Forgets calls that it has not been asked about for long.
    pub(super) fn forget_asked(&self, before: Time) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, next| *next > before);
    }
}
