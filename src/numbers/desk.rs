//! The room as others hold it: what its parts are.

use super::urls::Reach;
use crate::base::{Clock, Meters, Seal, Time};
use crate::carrier::Carrier;
use crate::db::Db;
use crate::world::Worlds;
use std::sync::Arc;

/// What the app hands over.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The operator's account at the carrier; absent without account and token.
    pub carrier: Option<Carrier>,
    /// Where time comes from.
    pub clock: Clock,
    /// DATA_KEY.
    pub seal: Seal,
    /// Which lines there are, and their numbers.
    pub worlds: Worlds,
    /// Where the carrier reaches this service.
    pub reach: Reach,
    /// This instance, by a word of its own.
    pub holder: Arc<str>,
    /// What is counted.
    pub meters: Arc<Meters>,
}

/// The room. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Numbers(Arc<Parts>);

impl Numbers {
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
