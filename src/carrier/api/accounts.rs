//! The account and its sub-accounts (PROTOCOL.md 7.6).

use super::there::there;
use crate::base::{Secret, Time, words};
use crate::carrier::client::Carrier;
use crate::carrier::operation::Operation;
use crate::carrier::request::Request;
use crate::carrier::wire::{pairs, secret, text, time};
use crate::carrier::{CarrierError, Pages};
use serde::{Deserialize, Serialize};

words! {
    /// Whether an account works.
    AccountStatus {
        /// It works.
        Active = "active",
        /// No calls, no messages; it keeps its numbers and can come back.
        Suspended = "suspended",
        /// For good, and its numbers are gone.
        Closed = "closed",
    }
}

/// An account as the carrier has it.
#[derive(Clone, Debug, Deserialize)]
pub struct RemoteAccount {
    /// `AC…`
    pub sid: String,
    /// Our tag.
    #[serde(default, deserialize_with = "text")]
    pub friendly_name: Option<String>,
    /// The account above it; its own SID when there is none.
    #[serde(default, deserialize_with = "text")]
    pub owner_account_sid: Option<String>,
    /// A word of [`AccountStatus`].
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    /// Signs the webhooks of its numbers.
    #[serde(default, deserialize_with = "secret")]
    pub auth_token: Option<Secret>,
    /// When it was made.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<Time>,
}

impl RemoteAccount {
    /// Its status, if it is one that we know.
    #[must_use]
    pub fn state(&self) -> Option<AccountStatus> {
        AccountStatus::parse(self.status.as_deref()?)
    }
}

/// Which accounts.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccountFilter {
    /// Exactly this tag.
    pub friendly_name: Option<String>,
    /// A word of [`AccountStatus`].
    pub status: Option<String>,
    /// 1 to 1000; the carrier's choice is 50.
    pub page_size: Option<u32>,
}

impl Carrier {
    /// Makes a sub-account. `friendly_name` is the tag by which it is found again after an unknown outcome.
    ///
    /// # Errors
    /// [`CarrierError::Unknown`] when it may have come about; others: it did not.
    pub async fn create_account(&self, friendly_name: &str) -> Result<RemoteAccount, CarrierError> {
        let form = vec![("FriendlyName".to_owned(), friendly_name.to_owned())];
        self.ask(&Request::create(Operation::AccountCreate, self.bare_url(&["Accounts"])?, form)).await
    }

    /// The account and its sub-accounts.
    ///
    /// # Errors
    /// [`CarrierError::BadSid`].
    pub fn accounts(&self, filter: &AccountFilter) -> Result<Pages<RemoteAccount>, CarrierError> {
        let at = (self.bare_url(&["Accounts"])?, "accounts");
        Ok(Pages::new(self, Operation::AccountList, at, &pairs(filter)))
    }

    /// One account.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn account(&self, sid: &str) -> Result<Option<RemoteAccount>, CarrierError> {
        let url = self.bare_url(&["Accounts", sid])?;
        there(self.ask(&Request::get(Operation::AccountFetch, url, &Vec::new())).await)
    }

    /// Suspends, closes or wakes a sub-account.
    ///
    /// # Errors
    /// [`CarrierError`]; code 21479 when it was closed before.
    pub async fn set_account_status(
        &self,
        sid: &str,
        status: AccountStatus,
    ) -> Result<Option<RemoteAccount>, CarrierError> {
        let form = vec![("Status".to_owned(), status.as_str().to_owned())];
        let url = self.bare_url(&["Accounts", sid])?;
        there(self.ask(&Request::update(Operation::AccountUpdate, url, form)).await)
    }
}
