//! What every handler of the operators' side may use.

use super::access::{Keys, Limits};
use super::steering::Steering;
use super::view::StreamCounters;
use super::vitals::{CarrierWatch, Check, CountCache, Exporter, Probe, copies};
use crate::base::{AudioLinks, Clock, Meters, Time};
use crate::carrier::Carrier;
use crate::db::Db;
use crate::ledger::read::Counts;
use crate::shelf::Shelf;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Who knows of the live streams of this process: their counters, by call.
pub struct Streams(pub Box<dyn Fn() -> HashMap<String, StreamCounters> + Send + Sync>);

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Streams").finish_non_exhaustive()
    }
}

/// What the app hands over.
#[derive(Debug)]
pub struct Parts {
    /// ADMIN_TOKEN and JWT_SECRET.
    pub keys: Keys,
    /// Where time comes from.
    pub clock: Clock,
    /// What other rooms say of themselves.
    pub probe: Probe,
    /// What is counted.
    pub meters: Arc<Meters>,
    /// Where it shows.
    pub exporter: Exporter,
    /// `METRICS_PUBLIC=on`: `/metrics` without credentials.
    pub metrics_public: bool,
    /// The database.
    pub db: Db,
    /// The carrier's REST API; absent without account and token.
    pub carrier: Option<Carrier>,
    /// What live calls are steered with.
    pub steering: Option<Steering>,
    /// Audio that is ours.
    pub shelf: Shelf,
    /// Leave to hear single messages, as mails carry it.
    pub links: AudioLinks,
    /// The live streams of this process.
    pub streams: Streams,
}

/// The operators' side. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Ops(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    limits: Limits,
    counts: CountCache,
    carrier_watch: CarrierWatch,
}

impl Ops {
    /// Takes its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let limits = Limits::new(parts.clock.clone());
        let (counts, carrier_watch) = (CountCache::default(), CarrierWatch::default());
        Self(Arc::new(Inner { parts, limits, counts, carrier_watch }))
    }

    /// Small chores; call it every few seconds.
    pub fn upkeep(&self) {
        self.0.parts.exporter.upkeep();
        self.0.limits.sweep();
    }

    pub(super) fn now(&self) -> Time {
        self.0.parts.clock.now()
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.0.parts.keys
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(super) fn probe(&self) -> &Probe {
        &self.0.parts.probe
    }

    pub(super) fn meters(&self) -> &Meters {
        &self.0.parts.meters
    }

    pub(super) fn exporter(&self) -> &Exporter {
        &self.0.parts.exporter
    }

    pub(super) fn metrics_public(&self) -> bool {
        self.0.parts.metrics_public
    }

    pub(super) fn db(&self) -> &Db {
        &self.0.parts.db
    }

    pub(super) fn carrier(&self) -> Option<&Carrier> {
        self.0.parts.carrier.as_ref()
    }

    pub(super) fn steering(&self) -> Option<&Steering> {
        self.0.parts.steering.as_ref()
    }

    /// Counters of live streams, by call.
    pub(super) fn streams(&self) -> HashMap<String, StreamCounters> {
        (self.0.parts.streams.0)()
    }

    pub(super) fn shelf(&self) -> &Shelf {
        &self.0.parts.shelf
    }

    pub(super) fn links(&self) -> &AudioLinks {
        &self.0.parts.links
    }

    pub(super) fn carrier_watch(&self) -> &CarrierWatch {
        &self.0.carrier_watch
    }

    /// How every part is.
    pub(super) fn checks(&self, counts: &Counts) -> Vec<Check> {
        let mut checks = self.probe().checks();
        checks.push(self.0.carrier_watch.check(self.carrier().is_some()));
        checks.push(copies(counts, self.now()));
        checks
    }

    /// Numbers from the tables, at most a second old.
    pub(super) async fn counts(&self) -> Counts {
        let storage_up = (self.probe().storage)().is_up();
        self.0.counts.read(self.db(), self.now(), storage_up).await
    }
}
