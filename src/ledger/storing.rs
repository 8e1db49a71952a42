//! A unit on its way: to a lane, or behind what waits of its call; to the spool where the lane does not store it in time;
//! to memory where no disk takes it.

use super::batch::Verdict;
use super::handle::Ledger;
use super::not_stored::NotStored;
use super::queue::{Reply, Ticket};
use super::record::Record;
use super::slot::Slot;
use super::spool::NotKept;
use super::unit::Unit;
use super::work::Entry;
use bytes::Bytes;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long the disk may take to keep a unit that a caller waits for.
const DISK_PATIENCE: Duration = Duration::from_millis(250);
/// How much longer than its deadline a unit may take whose transaction has begun, where there is no spool.
const COMMIT_PATIENCE: Duration = Duration::from_millis(1500);
/// The same where the spool has had its time too and has not kept it: the caller has waited twice already.
const LAST_PATIENCE: Duration = Duration::from_millis(500);

/// A unit that is stored, or will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It was new: its own answer is the answer.
    First(Bytes),
    /// It was a copy: the answer is what the first one was told.
    Copy(Bytes),
    /// It is in the spool, and will be in the database: its own answer is the answer.
    Spooled(Bytes),
    /// It is in memory only, and will be in the database if this process lives: nothing may rely on it. Its own answer is
    /// the answer.
    Remembered(Bytes),
}

impl Stored {
    /// The bytes to send.
    #[must_use]
    pub fn into_answer(self) -> Bytes {
        match self {
            Self::First(answer) | Self::Copy(answer) | Self::Spooled(answer) | Self::Remembered(answer) => answer,
        }
    }
}

/// Where a unit goes.
enum Way {
    Lane,
    /// Behind what waits, on disk.
    Spool,
    /// Behind what waits, and no disk takes it.
    Memory,
}

/// What no lane has stored in time.
struct Missed {
    why: NotStored,
    answer: Bytes,
    /// `None`: what the database refuses, and a new call that is turned away, are not kept elsewhere.
    unit: Option<Left>,
}

/// What can be kept elsewhere, and the verdict that may still come.
type Left = (Arc<Slot>, Option<oneshot::Receiver<Reply>>);

impl Ledger {
    /// Makes a unit durable and says so: in the database, or, where that does not answer within `deadline`, in the
    /// spool. Either way its answer stands.
    ///
    /// # Errors
    /// [`NotStored`]: neither could be.
    pub async fn store(&self, unit: Unit, deadline: Duration) -> Result<Stored, NotStored> {
        let deadline = match self.way(&unit) {
            Way::Lane => deadline,
            Way::Spool => return self.aside(unit, deadline).await,
            Way::Memory => self.wait_for_its_turn(&unit, deadline).await?,
        };
        let Missed { why, answer, unit } = match self.by_lane(unit, deadline).await {
            Ok(stored) => return Ok(stored),
            Err(missed) => missed,
        };
        let Some((slot, verdict)) = unit else { return Err(why) };
        let (has_spool, is_late) = (self.spool.is_durable(), why == NotStored::Late);
        if has_spool || !is_late {
            let record = slot.late().await.ok_or(why)?;
            if self.keep(record, deadline).await.is_ok() {
                return Ok(Stored::Spooled(answer));
            }
        }
        match verdict.filter(|_| is_late) {
            Some(verdict) => self.last_wait(&slot, verdict, (answer, has_spool)).await,
            None => Err(why),
        }
    }

    /// The same for what nobody on the line waits for. What nothing durable takes is in memory at once, in its place among
    /// the steps of its call, and whoever sent it waits for `patience` in all: what is answered is not sent again.
    ///
    /// # Errors
    /// [`NotStored`]: the database refuses it, or memory has no room either.
    pub async fn store_patiently(&self, unit: Unit, patience: Duration) -> Result<Stored, NotStored> {
        let began = Instant::now();
        let left = || patience.saturating_sub(began.elapsed());
        let (record, answer, why) = match self.way(&unit) {
            Way::Lane => match self.by_lane(unit, patience).await {
                Ok(stored) => return Ok(stored),
                Err(Missed { why, answer, unit: Some((slot, _)) }) => (slot.late().await.ok_or(why)?, answer, why),
                Err(Missed { why, .. }) => return Err(why),
            },
            Way::Spool | Way::Memory => {
                let entry = self.entry(unit);
                (Record::of(&entry), entry.unit.answer, NotStored::Away)
            }
        };
        let (_on_its_way, event_id) = (self.spool.calls().set_out(&record), record.event_id);
        if self.spool.is_durable() && self.keep(record.clone(), left()).await.is_ok() {
            return Ok(Stored::Spooled(answer));
        }
        if !self.spool.remember(record) {
            return Err(why);
        }
        match timeout(left(), self.spool.calls().until_over(event_id)).await {
            Ok(()) => Ok(Stored::Spooled(answer)),
            Err(_elapsed) => Ok(Stored::Remembered(answer)),
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
        self.keep(Record::of(&entry), deadline).await.map_err(|NotKept| NotStored::Away)?;
        Ok(Stored::Spooled(entry.unit.answer))
    }

    /// Keeps a unit in memory until the database takes it: what was said while nothing durable was left. `false`: there
    /// is no room for it either.
    #[must_use]
    pub fn remember(&self, unit: Unit) -> bool {
        self.spool.remember(Record::of(&self.entry(unit)))
    }

    /// What comes behind something that waits is not stored before it, whatever the database does meanwhile. While it is
    /// away, or is just being caught up with, that goes for all calls.
    fn way(&self, unit: &Unit) -> Way {
        let is_behind = match self.condition.is_up() {
            true => self.spool.calls().has(unit),
            false => self.spool.is_durable() || self.spool.waiting().units > 0,
        };
        match is_behind {
            false => Way::Lane,
            true if self.spool.is_durable() => Way::Spool,
            true => Way::Memory,
        }
    }

    /// What waits of its call is in memory only. If that is stored while the caller waits, this goes to the lane; says how
    /// much of his time is left then.
    async fn wait_for_its_turn(&self, unit: &Unit, deadline: Duration) -> Result<Duration, NotStored> {
        if !self.condition.is_up() {
            return Err(NotStored::Away);
        }
        let began = Instant::now();
        let free = timeout(deadline, self.spool.calls().until_free(unit)).await;
        free.map_err(|_elapsed| NotStored::Late)?;
        Ok(deadline.saturating_sub(began.elapsed()))
    }

    async fn by_lane(&self, unit: Unit, deadline: Duration) -> Result<Stored, Missed> {
        let answer = unit.answer.clone();
        match self.verdict(unit, deadline).await {
            Ok(verdict) => Ok(as_told(verdict, answer)),
            Err((why, unit)) => Err(Missed { why, answer, unit }),
        }
    }

    /// What the lane says in time.
    async fn verdict(&self, unit: Unit, deadline: Duration) -> Result<Verdict, (NotStored, Option<Left>)> {
        let is_new_call = unit.opens_a_call();
        let lane = self.lanes.of(&unit).ok_or((NotStored::Away, None))?;
        let before = lane.batches();
        let Ticket { slot, mut verdict } = match lane.enter(self.entry(unit)) {
            Ok(ticket) => ticket,
            Err((NotStored::Full, _)) if is_new_call => return Err((NotStored::Full, None)),
            Err((why, slot)) => return Err((why, Some((slot, None)))),
        };
        let Ok(told) = timeout(deadline, &mut verdict).await else {
            if is_new_call && !lane.has_room() && slot.give_up() {
                return Err((NotStored::Full, None));
            }
            if lane.batches() == before {
                self.condition.missed(self.clock.now());
            }
            return Err((NotStored::Late, Some((slot, Some(verdict)))));
        };
        match told.unwrap_or(Err(NotStored::Away)) {
            Err(NotStored::Away) => Err((NotStored::Away, Some((slot, None)))),
            told => told.map_err(|why| (why, None)),
        }
    }

    /// The caller waits no longer, and no disk has his unit. The attempt is not cancelled once a transaction has it: then
    /// he waits a little more for its end.
    async fn last_wait(
        &self,
        slot: &Slot,
        verdict: oneshot::Receiver<Reply>,
        (answer, has_spool): (Bytes, bool),
    ) -> Result<Stored, NotStored> {
        if slot.give_up() {
            return Err(NotStored::Late);
        }
        let patience = if has_spool { LAST_PATIENCE } else { COMMIT_PATIENCE };
        let told = timeout(patience, verdict).await.map_err(|_elapsed| NotStored::Late)?;
        told.unwrap_or(Err(NotStored::Away)).map(|verdict| as_told(verdict, answer))
    }

    /// Whoever could wait for the database for longer can wait for the disk as long. The spool is waited for to its end
    /// even when the sender has gone: that is how it learns that its disk is stuck.
    async fn keep(&self, record: Record, deadline: Duration) -> Result<(), NotKept> {
        let (spool, meters) = (self.spool.clone(), Arc::clone(&self.meters));
        let on_its_way = spool.calls().set_out(&record);
        let keeping = tokio::spawn(async move {
            let _on_its_way = on_its_way;
            spool.keep(record).await?;
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
}

fn as_told(verdict: Verdict, answer: Bytes) -> Stored {
    match verdict {
        Verdict::Stored => Stored::First(answer),
        Verdict::TurnedAway(instead) => Stored::First(instead),
        Verdict::Copy(first) => Stored::Copy(first),
    }
}
