//! A lane: a connection of its own behind its queues. It takes what has gathered, never waits to fill, and commits it in
//! one transaction.

use super::batch::{Verdict, commit, let_in};
use super::condition::{Condition, Phase};
use super::not_stored::NotStored;
use super::queue::{Item, Pace, Queue, Reply};
use super::statements::Statements;
use super::unit::{ErrorEntry, Facts, Unit, Webhook};
use super::work::Entry;
use crate::base::{Clock, Meters};
use crate::db::{Db, DbError, LaneConnection, MOST_ROWS, STATEMENT_TIMEOUT};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;

/// Everything a lane needs besides its queue.
#[derive(Debug)]
pub(super) struct Lane {
    pub db: Db,
    pub clock: Clock,
    pub condition: Condition,
    pub public_url: Arc<str>,
    pub meters: Arc<Meters>,
    pub pace: Arc<Pace>,
    pub stop: CancellationToken,
}

/// Waits between attempts to reach the database: short at first, so that a restart of Postgres costs little.
const RETRY: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
];

/// How often a lane tries whether its database answers while nobody comes, because the breaker is open.
const PROBE: Duration = Duration::from_secs(1);

/// A step that rewrites a large table takes its time; a network that swallows everything must not take for ever.
const MIGRATION_PATIENCE: Duration = Duration::from_secs(900);

impl Lane {
    /// Runs until the stop token fires and the queue is empty.
    pub(super) async fn run(self, mut queue: Queue) {
        let _guard = Guard(&self);
        let statements = Statements::new();
        let mut waiting = VecDeque::new();
        while let Some(mut connection) = self.connect(&mut queue).await {
            if self.serve(&mut connection, &statements, &mut queue, &mut waiting).await.is_break() {
                return;
            }
        }
    }

    /// Gets a connection with an up-to-date schema. Whoever comes meanwhile is told at once that storage is away.
    async fn connect(&self, queue: &mut Queue) -> Option<LaneConnection> {
        for attempt in 0.. {
            let opened = {
                let open = open(&self.db);
                tokio::pin!(open);
                loop {
                    tokio::select! {
                        opened = &mut open => break opened,
                        item = queue.next() => refuse(item?),
                        () = self.stop.cancelled() => return None,
                    }
                }
            };
            match opened {
                Ok(connection) => {
                    self.condition.connected(self.clock.now());
                    return Some(connection);
                }
                Err(error) => self.condition.unreachable(self.clock.now(), &error.to_string()),
            }
            let pause = RETRY.get(attempt).or(RETRY.last()).copied().unwrap_or_default();
            let pause = tokio::time::sleep(pause);
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    item = queue.next() => refuse(item?),
                    () = self.stop.cancelled() => return None,
                }
            }
        }
        None
    }

    /// Stores batches until the connection is lost (continue) or there is nothing left to do (break).
    async fn serve(
        &self,
        connection: &mut LaneConnection,
        statements: &Statements,
        queue: &mut Queue,
        waiting: &mut VecDeque<Item>,
    ) -> std::ops::ControlFlow<()> {
        let mut taken = Vec::with_capacity(MOST_ROWS);
        let mut probe = tokio::time::interval(PROBE);
        probe.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let mut stored = Ok(());
            if waiting.is_empty() {
                tokio::select! {
                    biased;
                    () = queue.gather(&mut taken) => if taken.is_empty() {
                        return std::ops::ControlFlow::Break(());
                    },
                    () = self.stop.cancelled(), if !queue.is_closed() => queue.close(),
                    _ = probe.tick() => stored = self.probe(connection).await,
                }
                waiting.extend(taken.drain(..));
            }
            let batch = Batch::without_twins(waiting);
            if !batch.senders.is_empty() {
                stored = self.store(connection, statements, batch).await;
            } else if stored.is_ok() {
                continue;
            }
            if let Err(error) = stored.and_then(|()| connection.tend()) {
                // Whoever was taken into the batch has been told.
                self.condition.disconnected(self.clock.now(), &error.to_string());
                waiting.drain(..).for_each(refuse);
                return std::ops::ControlFlow::Continue(());
            }
        }
    }

    /// While the breaker is open nothing comes that would show that the database answers again.
    async fn probe(&self, connection: &mut LaneConnection) -> Result<(), DbError> {
        if self.condition.phase() == Phase::Down {
            in_time(connection.prove_writable()).await?;
            self.condition.committed(self.clock.now());
        }
        Ok(())
    }

    /// A transaction went through, begun then.
    fn stored(&self, begun: Instant) {
        self.pace.stored(begun.elapsed());
        self.condition.committed(self.clock.now());
    }

    /// Stores a batch; a lost connection is tried anew once, because Postgres may just have been restarted.
    /// Running a batch twice is harmless: the claims tell what is already in.
    async fn store(
        &self,
        connection: &mut LaneConnection,
        statements: &Statements,
        batch: Batch,
    ) -> Result<(), DbError> {
        let Batch { entries, senders } = batch;
        let begun = Instant::now();
        let mut done = in_time(commit(connection, statements, &self.public_url, &entries)).await;
        if matches!(done, Err(DbError::Away(_))) {
            done = match in_time(self.db.lane()).await {
                Ok(fresh) => {
                    *connection = fresh;
                    in_time(commit(connection, statements, &self.public_url, &entries)).await
                }
                Err(error) => Err(error),
            };
        }
        match done {
            Ok((verdicts, tally)) => {
                self.stored(begun);
                tally.report(&self.meters);
                self.correct(connection, statements, &entries, &verdicts).await?;
                senders.into_iter().zip(verdicts).for_each(|(reply, verdict)| tell(reply, Ok(verdict)));
                Ok(())
            }
            Err(DbError::Away(error)) => {
                senders.into_iter().for_each(|reply| tell(reply, Err(NotStored::Away)));
                Err(DbError::Away(error))
            }
            Err(_) => self.store_each(connection, statements, &entries, senders).await,
        }
    }

    /// One unit of a batch was refused by the database: each is stored alone, and the one that fails is reported in
    /// `errors`.
    async fn store_each(
        &self,
        connection: &mut LaneConnection,
        statements: &Statements,
        entries: &[Entry],
        senders: Vec<oneshot::Sender<Reply>>,
    ) -> Result<(), DbError> {
        for (entry, reply) in entries.iter().zip(senders) {
            let one = std::slice::from_ref(entry);
            let begun = Instant::now();
            match in_time(commit(connection, statements, &self.public_url, one)).await {
                Ok((verdicts, tally)) => {
                    self.stored(begun);
                    tally.report(&self.meters);
                    self.correct(connection, statements, one, &verdicts).await?;
                    tell(reply, Ok(verdicts.into_iter().next().unwrap_or(Verdict::Stored)));
                }
                Err(DbError::Away(error)) => {
                    tell(reply, Err(NotStored::Away));
                    return Err(DbError::Away(error));
                }
                Err(refused) => {
                    tracing::error!(call.sid = entry.unit.sid(), error = %refused, "a webhook could not be stored");
                    let report = [report(entry, &refused)];
                    let reported = in_time(commit(connection, statements, &self.public_url, &report)).await;
                    tell(reply, Err(NotStored::Refused));
                    reported?;
                    self.stored(begun);
                }
            }
        }
        Ok(())
    }

    /// What comes out of the spool has been answered: if an attempt of before turned its caller away, the caller does not
    /// know, and may be recorded by now.
    async fn correct(
        &self,
        connection: &mut LaneConnection,
        statements: &Statements,
        entries: &[Entry],
        verdicts: &[Verdict],
    ) -> Result<(), DbError> {
        let otherwise =
            |(entry, verdict): &(&Entry, &Verdict)| !entry.judged && matches!(verdict, Verdict::TurnedAway(_));
        for (entry, _) in entries.iter().zip(verdicts).filter(otherwise) {
            match in_time(let_in(connection, statements, &self.public_url, entry)).await {
                Ok(tally) => tally.report(&self.meters),
                Err(DbError::Away(error)) => return Err(DbError::Away(error)),
                // Its first attempt was refused too, and is in `errors`.
                Err(refused) => {
                    tracing::error!(call.sid = entry.unit.sid(), error = %refused, "what was said is not stored");
                }
            }
        }
        Ok(())
    }
}

fn refuse(item: Item) {
    tell(item.reply, Err(NotStored::Away));
}

/// Whoever does not wait any more has put his unit into the spool, or was not answered and comes again.
fn tell(reply: oneshot::Sender<Reply>, verdict: Reply) {
    drop(reply.send(verdict));
}

/// Tells the house when a lane ends that should not, by a bug of ours: health must not stay green.
struct Guard<'l>(&'l Lane);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if !self.0.stop.is_cancelled() {
            self.0.condition.disconnected(self.0.clock.now(), "a lane of the ledger has ended");
        }
    }
}

/// What the server's own timeouts cannot promise: an end when the network swallows everything.
async fn in_time<T>(work: impl Future<Output = Result<T, DbError>>) -> Result<T, DbError> {
    let late = || DbError::Away("the database did not answer in time".into());
    timeout(STATEMENT_TIMEOUT, work).await.unwrap_or_else(|_elapsed| Err(late()))
}

/// The schema first (a matter of one query when it is up to date), then a connection of the lane's own that can
/// write.
async fn open(db: &Db) -> Result<LaneConnection, DbError> {
    let late = |_elapsed| DbError::Away("the migrations did not come to an end".into());
    timeout(MIGRATION_PATIENCE, db.migrate()).await.map_err(late)??;
    let mut connection = in_time(db.lane()).await?;
    in_time(connection.prove_writable()).await?;
    Ok(connection)
}

/// What a transaction takes, and who waits for it.
struct Batch {
    /// Lent to the senders: one that cannot wait writes its unit to the spool.
    entries: Arc<Vec<Entry>>,
    senders: Vec<oneshot::Sender<Reply>>,
}

impl Batch {
    /// The first of every key that nobody took back; copies that met in one gathering wait for the next batch.
    fn without_twins(waiting: &mut VecDeque<Item>) -> Self {
        let most = waiting.len().min(MOST_ROWS);
        let (mut entries, mut slots, mut senders) =
            (Vec::with_capacity(most), Vec::with_capacity(most), Vec::with_capacity(most));
        let mut later = VecDeque::new();
        for item in waiting.drain(..) {
            let twin = entries.len() >= MOST_ROWS || entries.iter().any(|first: &Entry| first.unit.key == item.key);
            if twin {
                later.push_back(item);
            } else if let Some(entry) = item.slot.take() {
                entries.push(entry);
                slots.push(item.slot);
                senders.push(item.reply);
            }
        }
        *waiting = later;
        let entries = Arc::new(entries);
        slots.iter().enumerate().for_each(|(at, slot)| slot.lend(&entries, at));
        Self { entries, senders }
    }
}

/// What is stored of a unit that the database refuses: that it was, and why.
fn report(entry: &Entry, refused: &DbError) -> Entry {
    let mut facts = Facts::default();
    let call_sid = entry.unit.sid().map(str::to_owned);
    facts.error(ErrorEntry { kind: "ledger.refused".to_owned(), message: refused.to_string(), call_sid });
    let webhook =
        Webhook { kind: entry.unit.webhook.kind, decision: "could not be stored".to_owned(), ..Webhook::default() };
    let unit = Unit {
        call: None,
        parent: None,
        webhook,
        facts,
        answer: Bytes::new(),
        limits: Vec::new(),
        busy: None,
        key: entry.unit.key,
        at: entry.unit.at,
    };
    Entry { event_id: entry.event_id, unit, judged: false }
}
