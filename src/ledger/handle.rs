//! The ledger as others see it: give it a unit, get told what became of it.

use super::batch::Verdict;
use super::condition::Condition;
use super::lane::Lane;
use super::not_stored::NotStored;
use super::queue::{Entrance, Lanes, Reply, Ticket, queue};
use super::record::encode;
use super::slot::Slot;
use super::spool::{Keeping, NotKept, Replay, Spool, SpoolFolders, Waiting};
use super::unit::Unit;
use super::work::Entry;
use crate::base::{Clock, EventIds, Meters, Time};
use crate::db::Db;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// How long the disk may take to keep a unit that a caller waits for.
const DISK_PATIENCE: Duration = Duration::from_millis(250);
/// How much longer than its deadline a unit may take whose transaction has begun, where there is no spool.
const COMMIT_PATIENCE: Duration = Duration::from_millis(1500);
/// The same where the spool has had its time too and has not kept it: the caller has waited twice already.
const LAST_PATIENCE: Duration = Duration::from_millis(500);
/// How long the lanes may take to store what is queued when the service stops.
const CLOSE_PATIENCE: Duration = Duration::from_millis(1500);

/// A unit that is durable now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It was new: its own answer is the answer.
    First(Bytes),
    /// It was a copy: the answer is what the first one was told.
    Copy(Bytes),
    /// It is in the spool, and will be in the database: its own answer is the answer.
    Spooled(Bytes),
}

impl Stored {
    /// The bytes to send.
    #[must_use]
    pub fn into_answer(self) -> Bytes {
        match self {
            Self::First(answer) | Self::Copy(answer) | Self::Spooled(answer) => answer,
        }
    }
}

/// Hands units to lanes, or to the spool. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Ledger {
    lanes: Lanes,
    spool: Spool,
    ids: Arc<EventIds>,
    clock: Clock,
    condition: Condition,
    meters: Arc<Meters>,
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

    /// Makes a unit durable and says so: in the database, or, where that does not answer within `deadline`, in the
    /// spool. Either way its answer stands.
    ///
    /// # Errors
    /// [`NotStored`]: neither could be.
    pub async fn store(&self, unit: Unit, deadline: Duration) -> Result<Stored, NotStored> {
        if !self.condition.is_up() && self.spool.is_durable() {
            return self.aside(unit, deadline).await;
        }
        let lane = self.lanes.of(&unit).ok_or(NotStored::Away)?;
        let about = About { answer: unit.answer.clone(), at: unit.at, is_new_call: unit.opens_a_call(), deadline };
        let before = lane.batches();
        let mut ticket = match lane.enter(self.entry(unit)) {
            Ok(ticket) => ticket,
            Err((NotStored::Full, _)) if about.is_new_call => return Err(NotStored::Full),
            Err((why, slot)) => return self.spool(&slot, about, why).await,
        };
        let told = match timeout(deadline, &mut ticket.verdict).await {
            Ok(told) => told.unwrap_or(Err(NotStored::Away)),
            Err(_elapsed) if about.is_new_call && !lane.has_room() && ticket.slot.give_up() => {
                return Err(NotStored::Full);
            }
            Err(_elapsed) => {
                if lane.batches() == before {
                    self.condition.missed(self.clock.now());
                }
                return self.after_deadline(ticket, about).await;
            }
        };
        match told {
            Err(NotStored::Away) => self.spool(&ticket.slot, about, NotStored::Away).await,
            told => about.told(told),
        }
    }

    /// Stores a unit without asking the database, for an answer that must not wait for it.
    ///
    /// # Errors
    /// [`NotStored::Away`]: no disk takes it in time.
    pub async fn store_aside(&self, unit: Unit) -> Result<Stored, NotStored> {
        self.aside(unit, DISK_PATIENCE).await
    }

    async fn aside(&self, unit: Unit, deadline: Duration) -> Result<Stored, NotStored> {
        let entry = self.entry(unit);
        self.keep(encode(&entry), entry.unit.at, deadline).await.map_err(|NotKept| NotStored::Away)?;
        Ok(Stored::Spooled(entry.unit.answer))
    }

    /// Keeps a unit in memory until the database takes it: what was said while nothing durable was left. `false`: there
    /// is no room for it either.
    #[must_use]
    pub fn remember(&self, unit: Unit) -> bool {
        let entry = self.entry(unit);
        self.spool.remember(encode(&entry), entry.unit.at)
    }

    /// The caller waits no longer. The attempt is not cancelled once a transaction has it: should it commit after all,
    /// the event id shows it.
    async fn after_deadline(&self, mut ticket: Ticket, about: About) -> Result<Stored, NotStored> {
        let has_spool = self.spool.is_durable();
        if has_spool {
            let spooled = self.spool(&ticket.slot, about.clone(), NotStored::Late).await;
            if spooled.is_ok() {
                return spooled;
            }
        }
        if ticket.slot.give_up() {
            return Err(NotStored::Late);
        }
        let patience = if has_spool { LAST_PATIENCE } else { COMMIT_PATIENCE };
        let told = timeout(patience, &mut ticket.verdict).await.map_err(|_elapsed| NotStored::Late)?;
        about.told(told.unwrap_or(Err(NotStored::Away)))
    }

    /// Puts a unit that the lane did not store into the spool; otherwise says why it was not stored.
    async fn spool(&self, slot: &Slot, about: About, why: NotStored) -> Result<Stored, NotStored> {
        let record = slot.late().await.ok_or(why)?;
        self.keep(record, about.at, about.deadline).await.map_err(|NotKept| why)?;
        Ok(Stored::Spooled(about.answer))
    }

    /// Whoever could wait for the database for longer can wait for the disk as long. The spool is waited for to its end
    /// even when the sender has gone: that is how it learns that its disk is stuck.
    async fn keep(&self, record: Vec<u8>, at: Time, deadline: Duration) -> Result<(), NotKept> {
        let (spool, meters) = (self.spool.clone(), Arc::clone(&self.meters));
        let keeping = tokio::spawn(async move {
            spool.keep(record, at).await?;
            meters.spool.spooled.increment(1);
            Ok(())
        });
        match timeout(deadline.max(DISK_PATIENCE), keeping).await {
            Ok(Ok(kept)) => kept,
            Ok(Err(_)) | Err(_) => Err(NotKept),
        }
    }

    fn entry(&self, unit: Unit) -> Entry {
        Entry { event_id: self.ids.next(self.clock.now()), unit, judged: true }
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

/// What is needed of a unit once it is on its way.
#[derive(Clone)]
struct About {
    answer: Bytes,
    at: Time,
    is_new_call: bool,
    deadline: Duration,
}

impl About {
    fn told(self, verdict: Reply) -> Result<Stored, NotStored> {
        verdict.map(|verdict| match verdict {
            Verdict::Stored => Stored::First(self.answer),
            Verdict::TurnedAway(instead) => Stored::First(instead),
            Verdict::Copy(first) => Stored::Copy(first),
        })
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
