//! The ledger as others see it: give it a unit, get told what became of it.

use super::batch::Verdict;
use super::condition::{Condition, Phase};
use super::lane::{Fate, Item, Lane, NotStored};
use super::unit::Unit;
use super::work::Entry;
use crate::base::{Clock, EventIds, Meters};
use crate::db::Db;
use bytes::Bytes;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Units that may wait in one lane. At 10,000 a second this is a tenth of a second; a full queue is overload, and
/// the gate answers without storing rather than letting callers wait.
const QUEUE: usize = 1024;

/// How much longer than its deadline a unit may take whose transaction has begun.
const COMMIT_PATIENCE: Duration = Duration::from_millis(1500);
/// How long the lanes may take to store what is queued when the service stops.
const CLOSE_PATIENCE: Duration = Duration::from_millis(1500);

/// A unit that is durable now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It was new: its own answer is the answer.
    First(Bytes),
    /// It was a copy: the answer is what the first one was told.
    Copy(Bytes),
}

impl Stored {
    /// The bytes to send.
    #[must_use]
    pub fn into_answer(self) -> Bytes {
        match self {
            Self::First(answer) | Self::Copy(answer) => answer,
        }
    }
}

/// Hands units to lanes. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Ledger {
    lanes: Arc<[mpsc::Sender<Item>]>,
    ids: Arc<EventIds>,
    clock: Clock,
    condition: Condition,
    stop: CancellationToken,
    tasks: TaskTracker,
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

impl Ledger {
    /// Starts the lanes. They connect on their own time: a database that is away is waited for, not an error.
    #[must_use]
    pub fn start(db: &Db, about: Setup) -> Self {
        let Setup { clock, instance, public_url, meters } = about;
        let condition = Condition::new(db.lanes(), clock.clone());
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let lanes = (0..db.lanes()).map(|_| {
            let (sender, queue) = mpsc::channel(QUEUE);
            let lane = Lane {
                db: db.clone(),
                clock: clock.clone(),
                condition: condition.clone(),
                public_url: Arc::clone(&public_url),
                meters: Arc::clone(&meters),
                stop: stop.clone(),
            };
            let runtime = tokio::runtime::Handle::current();
            // A thread of its own: SQLite's statements run right there, without a switch of threads for each.
            tasks.spawn_blocking(move || runtime.block_on(lane.run(queue)));
            sender
        });
        let lanes = lanes.collect();
        tasks.close();
        Self { lanes, ids: Arc::new(EventIds::new(instance)), clock, condition, stop, tasks }
    }

    /// Stores a unit and says so once it is durable, or after `deadline` that it will not be.
    ///
    /// # Errors
    /// [`NotStored`].
    pub async fn store(&self, unit: Unit, deadline: Duration) -> Result<Stored, NotStored> {
        let answer = unit.answer.clone();
        let (reply, mut verdict) = oneshot::channel();
        let fate = self.queue(unit, true, reply)?;
        let told = match timeout(deadline, &mut verdict).await {
            Ok(told) => told,
            Err(_elapsed) if fate.take_back() => return Err(NotStored::Late),
            // It is in a transaction: a little more patience tells what becomes of it.
            Err(_elapsed) => timeout(COMMIT_PATIENCE, verdict).await.map_err(|_elapsed| NotStored::Late)?,
        };
        match told {
            Ok(Ok(Verdict::Stored)) => Ok(Stored::First(answer)),
            Ok(Ok(Verdict::TurnedAway(instead))) => Ok(Stored::First(instead)),
            Ok(Ok(Verdict::Copy(first))) => Ok(Stored::Copy(first)),
            Ok(Err(not_stored)) => Err(not_stored),
            Err(_closed) => Err(NotStored::Away),
        }
    }

    /// Hands a unit over without waiting for it: what was really said, when the wish of the first decision could not
    /// be stored in time. `false`: there is no room for it either.
    #[must_use]
    pub fn store_later(&self, unit: Unit) -> bool {
        let (reply, _nobody_waits) = oneshot::channel();
        self.condition.phase() == Phase::Up && self.queue(unit, false, reply).is_ok()
    }

    /// `judged`: whether limits may still refuse it.
    fn queue(
        &self,
        unit: Unit,
        judged: bool,
        reply: oneshot::Sender<Result<Verdict, NotStored>>,
    ) -> Result<Arc<Fate>, NotStored> {
        let fate = Arc::new(Fate::default());
        let lane = self.lane_of(&unit).ok_or(NotStored::Away)?;
        let entry = Entry { event_id: self.ids.next(self.clock.now()), unit, judged };
        lane.try_send(Item { entry, reply, fate: Arc::clone(&fate) }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotStored::Full,
            mpsc::error::TrySendError::Closed(_) => NotStored::Away,
        })?;
        Ok(fate)
    }

    /// Whether facts can be stored now.
    #[must_use]
    pub const fn condition(&self) -> &Condition {
        &self.condition
    }

    /// Units waiting in all lanes.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.lanes.iter().map(|lane| lane.max_capacity() - lane.capacity()).sum()
    }

    /// Stores what is queued, then stops the lanes. A database that does not answer is not waited for.
    pub async fn close(&self) {
        self.stop.cancel();
        if timeout(CLOSE_PATIENCE, self.tasks.wait()).await.is_err() {
            tracing::warn!(queued = self.queued(), "a lane did not come to its end in time");
        }
    }

    /// All webhooks of a call go through one lane, in the order they came.
    fn lane_of(&self, unit: &Unit) -> Option<&mpsc::Sender<Item>> {
        let mut hasher = DefaultHasher::new();
        match &unit.call {
            Some(call) => call.sid.hash(&mut hasher),
            None => unit.key.hash(&mut hasher),
        }
        let lane = hasher.finish() % u64::try_from(self.lanes.len()).ok()?.max(1);
        self.lanes.get(usize::try_from(lane).ok()?)
    }
}
