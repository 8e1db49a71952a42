//! The ledger as others see it: how it starts, how it stands, how it ends. What it does with a unit is in `storing.rs`.

use super::condition::Condition;
use super::lane::Lane;
use super::queue::{Entrance, Lanes, queue};
use super::spool::{Keeping, Replay, Spool, SpoolFolders, Waiting};
use crate::base::{Clock, EventIds, Meters, Time};
use crate::db::Db;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// How long the lanes may take to store what is queued when the service stops.
const CLOSE_PATIENCE: Duration = Duration::from_millis(1500);

/// Hands units to lanes, or to the spool. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(super) lanes: Lanes,
    pub(super) spool: Spool,
    pub(super) ids: Arc<EventIds>,
    pub(super) clock: Clock,
    pub(super) condition: Condition,
    pub(super) meters: Arc<Meters>,
    stop: Stop,
    /// Nobody is left who could hand over a unit: the replay ends, and with it the lanes.
    _abandoned: Arc<DropGuard>,
}

/// The spool is emptied as far as it goes, then the lanes end.
#[derive(Clone, Debug, Default)]
struct Stop {
    replay: CancellationToken,
    replaying: TaskTracker,
    lanes: CancellationToken,
    running: TaskTracker,
}

/// What the ledger is told at its start.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where the time comes from.
    pub clock: Clock,
    /// Any number that other instances are unlikely to have.
    pub instance: u64,
    /// Scheme, host and port of links in events, no slash at the end.
    pub public_url: Arc<str>,
    /// What is counted.
    pub meters: Arc<Meters>,
}

/// What waits to be stored while the database is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Where it is kept.
    pub keeping: Keeping,
    /// How many webhooks.
    pub units: u64,
    /// How many bytes.
    pub bytes: u64,
    /// When the first of them came.
    pub oldest: Option<Time>,
}

impl Ledger {
    /// A ledger without a disk of its own: what the database does not take is kept in memory.
    #[must_use]
    pub fn start(db: &Db, about: Setup) -> Self {
        Self::start_with_spool(db, about, SpoolFolders::default())
    }

    /// Starts the lanes and the replay of what an earlier instance left in its spool. The lanes connect on their own
    /// time: a database that is away is waited for, not an error. Neither is a disk that cannot be written: health says
    /// so.
    #[must_use]
    pub fn start_with_spool(db: &Db, about: Setup, folders: SpoolFolders) -> Self {
        let Setup { clock, instance, public_url, meters } = about;
        let condition = Condition::new(db.lanes(), clock.clone());
        let stop = Stop::default();
        let runtime = tokio::runtime::Handle::current();
        let lanes = (0..db.lanes()).map(|_| {
            let (entrance, queue, pace) = queue();
            let lane = Lane {
                db: db.clone(),
                clock: clock.clone(),
                condition: condition.clone(),
                public_url: Arc::clone(&public_url),
                meters: Arc::clone(&meters),
                pace,
                stop: stop.lanes.clone(),
            };
            let runtime = runtime.clone();
            // A thread of its own: SQLite's statements run right there, without a switch of threads for each.
            stop.running.spawn_blocking(move || runtime.block_on(lane.run(queue)));
            entrance
        });
        let (lanes, spool) = (lanes.collect::<Lanes>(), Spool::open(folders, instance));
        let replay = Replay {
            spool: spool.clone(),
            lanes: lanes.clone(),
            condition: condition.clone(),
            clock: clock.clone(),
            meters: Arc::clone(&meters),
            stop: stop.replay.clone(),
        };
        // It reads files.
        stop.replaying.spawn_blocking(move || runtime.block_on(replay.run()));
        stop.running.close();
        stop.replaying.close();
        let _abandoned = Arc::new(stop.replay.clone().drop_guard());
        Self { lanes, spool, ids: Arc::new(EventIds::new(instance)), clock, condition, meters, stop, _abandoned }
    }

    /// Whether what is decided now can be made durable, in the database or in the spool.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.condition.is_up() || self.spool.is_durable()
    }

    /// Whether there is a spool on disk.
    #[must_use]
    pub fn has_spool(&self) -> bool {
        self.spool.is_durable()
    }

    /// Whether a new call would be stored while its caller waits. Otherwise too many wait already, and he is better
    /// told so. While the spool carries, half of it is for calls that are running.
    #[must_use]
    pub fn has_room_for(&self, call_sid: Option<&str>) -> bool {
        if !self.condition.is_up() {
            return self.spool.has_room();
        }
        let lane = call_sid.and_then(|sid| self.lanes.of_call(sid));
        lane.is_none_or(Entrance::has_room)
    }

    /// Whether the database takes units now.
    #[must_use]
    pub const fn condition(&self) -> &Condition {
        &self.condition
    }

    /// What waits in the spool.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        let Waiting { units, bytes } = self.spool.waiting();
        Backlog { keeping: self.spool.keeping(), units, bytes, oldest: self.spool.oldest() }
    }

    /// Units waiting in all lanes.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.lanes.waiting()
    }

    /// Stores what is queued, then stops the lanes. A database that does not answer is not waited for: what is in the
    /// spool is replayed at the next start.
    pub async fn close(&self) {
        self.stop.replay.cancel();
        let replayed = timeout(CLOSE_PATIENCE, self.stop.replaying.wait()).await;
        self.stop.lanes.cancel();
        if replayed.is_err() || timeout(CLOSE_PATIENCE, self.stop.running.wait()).await.is_err() {
            tracing::warn!(queued = self.queued(), "a lane did not come to its end in time");
        }
        let spool = self.spool.clone();
        match timeout(CLOSE_PATIENCE, spawn_blocking(move || spool.close())).await {
            Ok(Ok(0)) => {}
            Ok(Ok(lost)) => tracing::error!(webhooks = lost, "what was kept in memory only is lost"),
            _ => tracing::error!("the spool's disk did not answer at the end: what was kept in memory only is lost"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::condition::Phase;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_breaker_that_opens_while_nothing_is_under_way_closes_again() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}", folder.path().join("test.db").display())).unwrap();
        let (clock, meters) = (Clock::System, Arc::new(Meters::silent()));
        let setup = Setup { clock, instance: 1, public_url: "https://phone.example.com".into(), meters };
        let ledger = Ledger::start_with_spool(&db, setup, SpoolFolders::these(vec![folder.path().join("spool")]));
        let up = async || {
            while !ledger.condition.is_up() {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(30), up()).await.unwrap();
        (0..3).for_each(|_| ledger.condition.missed(Time::UNIX_EPOCH));
        assert_eq!(ledger.condition.phase(), Phase::Down);
        timeout(Duration::from_secs(30), up()).await.expect("a lane tries the database");
        ledger.close().await;
    }
}
