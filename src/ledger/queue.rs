//! What waits for a lane: two bounded queues, because steps of running calls go before new ones.

use super::batch::Verdict;
use super::not_stored::NotStored;
use super::slot::Slot;
use super::unit::{Key, Unit};
use super::work::Entry;
use crate::db::MOST_ROWS;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Units that may wait in one queue. At 10,000 a second this is a tenth of a second.
const QUEUE: usize = 1024;
/// A new call is turned away when those before it will take longer than this: of the 250 ms that a caller waits, half
/// stays for the transaction itself and for a pause of the disk.
const ROOM: Duration = Duration::from_millis(125);
/// Newest batch against all before, in the average of how long one takes.
const SMOOTHING: u64 = 8;

/// What a lane tells whoever waits.
pub(super) type Reply = Result<Verdict, NotStored>;

/// A unit on its way, with who waits for it.
#[derive(Debug)]
pub(super) struct Item {
    pub key: Key,
    pub slot: Arc<Slot>,
    pub reply: oneshot::Sender<Reply>,
}

impl Item {
    pub(super) fn new(entry: Entry) -> (Self, Ticket) {
        let (reply, verdict) = oneshot::channel();
        let (key, slot) = (entry.unit.key, Arc::new(Slot::new(entry)));
        (Self { key, slot: Arc::clone(&slot), reply }, Ticket { slot, verdict })
    }
}

/// What the sender keeps.
#[derive(Debug)]
pub(super) struct Ticket {
    pub slot: Arc<Slot>,
    pub verdict: oneshot::Receiver<Reply>,
}

/// How a lane gets on.
#[derive(Debug, Default)]
pub(super) struct Pace {
    batches: AtomicU64,
    nanos_per_batch: AtomicU64,
}

impl Pace {
    /// A batch took so long. One pause of the disk says little about the next batch, so it counts up to a limit.
    pub(super) fn stored(&self, took: Duration) {
        let now = u64::try_from(took.min(2 * ROOM).as_nanos()).unwrap_or(u64::MAX);
        let before = self.nanos_per_batch.load(Ordering::Relaxed);
        let smooth = if before == 0 { now } else { before - before / SMOOTHING + now / SMOOTHING };
        self.nanos_per_batch.store(smooth, Ordering::Relaxed);
        self.batches.fetch_add(1, Ordering::Release);
    }

    /// How long the lane takes for so many units and the batch that is under way.
    fn of(&self, units: usize) -> Duration {
        let batches = (units / MOST_ROWS + 1) as u64;
        Duration::from_nanos(self.nanos_per_batch.load(Ordering::Relaxed).saturating_mul(batches))
    }
}

/// The senders' end of one lane.
#[derive(Clone, Debug)]
pub(super) struct Entrance {
    running: mpsc::Sender<Item>,
    arriving: mpsc::Sender<Item>,
    pace: Arc<Pace>,
}

/// The lane's end.
#[derive(Debug)]
pub(super) struct Queue {
    running: mpsc::Receiver<Item>,
    arriving: mpsc::Receiver<Item>,
}

/// Both ends of a lane's queues.
pub(super) fn queue() -> (Entrance, Queue, Arc<Pace>) {
    let (running, running_end) = mpsc::channel(QUEUE);
    let (arriving, arriving_end) = mpsc::channel(QUEUE);
    let pace = Arc::new(Pace::default());
    let entrance = Entrance { running, arriving, pace: Arc::clone(&pace) };
    (entrance, Queue { running: running_end, arriving: arriving_end }, pace)
}

impl Entrance {
    /// Puts a unit into its queue, or gives it back with the reason.
    pub(super) fn enter(&self, entry: Entry) -> Result<Ticket, (NotStored, Arc<Slot>)> {
        let queue = if entry.unit.opens_a_call() { &self.arriving } else { &self.running };
        let (item, ticket) = Item::new(entry);
        queue.try_send(item).map(|()| ticket).map_err(|error| match error {
            mpsc::error::TrySendError::Full(item) => (NotStored::Full, item.slot),
            mpsc::error::TrySendError::Closed(item) => (NotStored::Away, item.slot),
        })
    }

    /// Waits for room among the new calls: what comes out of the spool is in no hurry.
    pub(super) async fn replay(&self, entry: Entry) -> Option<oneshot::Receiver<Reply>> {
        let (item, ticket) = Item::new(entry);
        self.arriving.send(item).await.ok()?;
        Some(ticket.verdict)
    }

    /// Batches stored so far: whoever waited and sees none come met trouble, not a crowd.
    pub(super) fn batches(&self) -> u64 {
        self.pace.batches.load(Ordering::Acquire)
    }

    /// Whether a new call would be stored while its caller waits. A queue that fits into one batch is no crowd, however
    /// slow the database is.
    pub(super) fn has_room(&self) -> bool {
        let waiting = self.waiting();
        waiting < MOST_ROWS || self.pace.of(waiting) < ROOM
    }

    pub(super) fn waiting(&self) -> usize {
        [&self.running, &self.arriving].map(|queue| queue.max_capacity() - queue.capacity()).iter().sum()
    }
}

impl Queue {
    /// The next one, as soon as there is one; `None` when both queues are closed and empty.
    pub(super) async fn next(&mut self) -> Option<Item> {
        tokio::select! {
            biased;
            Some(item) = self.running.recv() => Some(item),
            Some(item) = self.arriving.recv() => Some(item),
            else => None,
        }
    }

    /// Waits for one and takes what has gathered, steps of running calls first. Nothing: both queues are closed.
    pub(super) async fn gather(&mut self, taken: &mut Vec<Item>) {
        taken.extend(self.next().await);
        while taken.len() < MOST_ROWS
            && let Ok(item) = self.running.try_recv().or_else(|_none| self.arriving.try_recv())
        {
            taken.push(item);
        }
    }

    /// Lets nobody in any more; what is queued stays.
    pub(super) fn close(&mut self) {
        self.running.close();
        self.arriving.close();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.running.is_closed()
    }
}

/// All lanes, seen from outside. Cloning is cheap.
#[derive(Clone, Debug)]
pub(super) struct Lanes(Arc<[Entrance]>);

impl FromIterator<Entrance> for Lanes {
    fn from_iter<I: IntoIterator<Item = Entrance>>(entrances: I) -> Self {
        Self(entrances.into_iter().collect())
    }
}

impl Lanes {
    /// All webhooks of a call go through one lane, in the order they came.
    pub(super) fn of(&self, unit: &Unit) -> Option<&Entrance> {
        match unit.sid() {
            Some(sid) => self.at(sid),
            None => self.at(&unit.key),
        }
    }

    /// The lane of a call.
    pub(super) fn of_call(&self, sid: &str) -> Option<&Entrance> {
        self.at(sid)
    }

    fn at(&self, name: &(impl Hash + ?Sized)) -> Option<&Entrance> {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let lane = hasher.finish() % u64::try_from(self.0.len()).ok()?.max(1);
        self.0.get(usize::try_from(lane).ok()?)
    }

    pub(super) fn waiting(&self) -> usize {
        self.0.iter().map(Entrance::waiting).sum()
    }
}

/// `kind` of the webhook that announces a call.
const ARRIVAL: &str = "voice";

impl Unit {
    pub(super) fn opens_a_call(&self) -> bool {
        self.webhook.kind == ARRIVAL && self.call.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{CallSid, Time};
    use crate::ledger::unit::{CallChange, CallFact, Facts, Webhook};

    fn entry(event_id: i64, kind: &'static str) -> Entry {
        let sid = CallSid::parse("CA1").unwrap();
        let fact = CallFact::default();
        let call = CallChange { sid, fact, state: None, outcome: None, reason: None, duration_s: None };
        let webhook = Webhook { kind, ..Webhook::default() };
        let answer = "<Response/>".into();
        let (key, at, facts) = ([0; 16], Time::UNIX_EPOCH, Facts::default());
        let (limits, busy) = (Vec::new(), None);
        let unit = Unit { key, at, call: Some(call), parent: None, webhook, facts, answer, limits, busy };
        Entry { event_id, unit, judged: true }
    }

    #[tokio::test]
    async fn steps_of_running_calls_go_before_new_calls() {
        let (entrance, mut queue, _pace) = queue();
        let kinds = ["voice", "voice", "dtmf", "status"];
        let tickets: Vec<_> = kinds.into_iter().zip(0..).map(|(kind, id)| entrance.enter(entry(id, kind))).collect();
        let mut taken = Vec::new();
        queue.gather(&mut taken).await;
        let order: Vec<_> = taken.iter().filter_map(|item| Some(item.slot.take()?.event_id)).collect();
        assert_eq!(order, [2, 3, 0, 1]);
        assert!(tickets.iter().all(Result::is_ok));
    }

    #[tokio::test]
    async fn a_crowd_of_new_calls_leaves_room_for_running_ones() {
        let (entrance, _queue, pace) = queue();
        assert!((0..1024).all(|id| entrance.enter(entry(id, "voice")).is_ok()));
        assert!(matches!(entrance.enter(entry(1024, "voice")), Err((NotStored::Full, _))));
        assert!(entrance.enter(entry(1025, "dtmf")).is_ok());
        assert!(entrance.has_room(), "nothing is known of the pace yet");
        pace.stored(Duration::from_millis(6));
        assert!(entrance.has_room(), "17 batches take 102 ms");
        (0..20).for_each(|_| pace.stored(Duration::from_millis(10)));
        assert!(!entrance.has_room(), "they take 170 ms");
    }

    #[tokio::test]
    async fn a_slow_database_is_no_crowd_and_one_pause_no_slow_database() {
        let (entrance, _queue, pace) = queue();
        (0..20).for_each(|_| pace.stored(Duration::from_secs(3)));
        assert!((0..63).all(|id| entrance.enter(entry(id, "voice")).is_ok()));
        assert!(entrance.has_room());
        assert!((63..640).all(|id| entrance.enter(entry(id, "voice")).is_ok()));
        assert!(!entrance.has_room());
        (0..60).for_each(|_| pace.stored(Duration::from_millis(5)));
        assert!(entrance.has_room());
        pace.stored(Duration::from_secs(3));
        assert!(!entrance.has_room());
        (0..20).for_each(|_| pace.stored(Duration::from_millis(5)));
        assert!(entrance.has_room());
    }

    #[tokio::test]
    async fn what_was_taken_back_is_not_stored_and_what_is_in_a_batch_can_still_be_written_down() {
        let slot = Slot::new(entry(7, "voice"));
        assert!(slot.late().await.is_some_and(|record| !record.bytes.is_empty()));
        assert!(slot.take().is_none());
        let slot = Slot::new(entry(8, "voice"));
        let batch = Arc::new(vec![slot.take().unwrap()]);
        assert!(slot.try_late_is_moving());
        slot.lend(&batch, 0);
        assert!(!slot.give_up());
        assert!(slot.late().await.is_some_and(|record| !record.bytes.is_empty()));
    }
}
