//! The room as others hold it: what its parts are.

use crate::base::{Clock, Time};
use crate::carrier::{Carrier, CarrierError};
use crate::db::Db;
use crate::world::Worlds;
use std::sync::Arc;

/// What the app hands over.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Where texts are.
    pub db: Db,
    /// Who sends them; absent without account and token.
    pub carrier: Option<Carrier>,
    /// Lines and their numbers.
    pub worlds: Worlds,
    /// Where the time comes from.
    pub clock: Clock,
    /// This instance, by a word of its own.
    pub holder: Arc<str>,
    /// Where the carrier reports what becomes of a text, by public URL, line and id.
    pub report_to: fn(&str, &str, &str) -> String,
}

/// The room. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Texts(Arc<Parts>);

impl Texts {
    /// Takes its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.0
    }

    pub(super) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(super) fn now(&self) -> Time {
        self.0.clock.now()
    }
}

/// The carrier on the account that a text belongs to.
pub(super) fn acting(carrier: &Carrier, account: Option<&str>) -> Result<Carrier, CarrierError> {
    account.map_or_else(|| Ok(carrier.clone()), |account| carrier.acting_on(account))
}
