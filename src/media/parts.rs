//! What all streams of this process share.

use super::live::Boards;
use super::memory::{Ends, Used};
use super::pager::Pager;
use super::voices::Voices;
use crate::agents::Engines;
use crate::base::{Clock, Meters};
use crate::db::Db;
use crate::ledger::Ledger;
use crate::world::Worlds;
use std::fmt;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the room needs.
pub struct Parts {
    /// Lines, and the key of tokens.
    pub worlds: Worlds,
    /// Where claims and ends go.
    pub ledger: Ledger,
    /// Where ends are read that another instance wrote.
    pub db: Db,
    /// Where the time comes from.
    pub clock: Clock,
    /// What is counted.
    pub meters: Arc<Meters>,
    /// Who talks.
    pub engines: Engines,
    /// Who makes text into sound, and knows emergency words.
    pub voices: Voices,
    /// Who pages the building.
    pub pager: Pager,
}

/// Live streams. Cheap to clone.
#[derive(Clone)]
pub struct Media(pub(super) Arc<Inner>);

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media").finish_non_exhaustive()
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

pub(super) struct Inner {
    pub worlds: Worlds,
    pub ledger: Ledger,
    pub db: Db,
    pub clock: Clock,
    pub meters: Arc<Meters>,
    pub engines: Engines,
    pub voices: Arc<Voices>,
    pub pager: Pager,
    pub boards: Boards,
    pub ends: Ends,
    pub used: Used,
    /// Streams end now: the process stops.
    pub closing: CancellationToken,
    pub running: TaskTracker,
}

impl Media {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            worlds: parts.worlds,
            ledger: parts.ledger,
            db: parts.db,
            clock: parts.clock,
            meters: parts.meters,
            engines: parts.engines,
            voices: Arc::new(parts.voices),
            pager: parts.pager,
            boards: Boards::default(),
            ends: Ends::default(),
            used: Used::default(),
            closing: CancellationToken::new(),
            running: TaskTracker::new(),
        }))
    }
}
