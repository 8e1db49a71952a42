//! Numbers for the outbox. Rows of `events` are written without one; after their commit the relay gives `seq`, by which
//! others read: webhooks, the live feed, `?since`. One instance numbers at a time, in small transactions of its own.
//!
//! **Why not the place.** On Postgres `place` is handed out when a row is inserted and the row is seen when its
//! transaction commits, so with several lanes and instances place 8 can be seen before place 7. A reader that remembers
//! "I have seen 8" never finds 7. (SQLite has one writer: places are seen in their order.)
//!
//! **Why not an index of what has no number.** Every insert would pay for it, and callers wait for inserts.
//!
//! **What instead.** The relay remembers a *floor*: no row below it can still come. It numbers everything it sees from
//! the floor up, in the order of places, so a late row is found at the next look. The floor rises behind a *barrier*:
//! the highest place seen at some moment, and the transactions that were writing to `events` just after it. Whoever got
//! a place below the barrier took its lock on the table before and keeps it until its rows are seen or gone. So once
//! none of those transactions is left, a look from then on sees every row up to the barrier that there will ever be.
//! A look costs no more than the rows since the last barrier, some tens of milliseconds of them.
//!
//! **Order.** Webhooks of one call take turns at the call's row, from before they insert events until their commit. So
//! its events are seen in the order of their places, and every look numbers in that order, beginning at the floor.
//!
//! **Two at once.** A lease is kept by clocks and can be held twice for a moment. The row of `relay` is locked before
//! anything is numbered and holds the last number; a second relay waits there, then sees what the first one did. Floor
//! and numbers are stored with each slice, so whoever comes next begins where this one ended.

use crate::base::{Meters, Time};
use crate::db::{Db, DbError, Listener, both, write_tx};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Rows numbered in one transaction: on SQLite the lane waits for the lock meanwhile.
macro_rules! slice {
    () => {
        500
    };
}
const SLICE: usize = slice!();

/// The name of this work.
const LEASE: &str = "relay";
/// After which time another instance takes over from one that died.
const LENGTH: Duration = Duration::from_secs(3);
/// Where the instances are told the last number.
const CHANNEL: &str = "switchboard_events";

/// Locks the row, so that one relay at a time numbers.
const LOCK: &str = "update relay set seq = seq where id = 1 returning seq, place";

const NUMBER: &str = concat!(
    "with slice as (select place from events where place >= $1 and seq is null order by place limit ",
    slice!(),
    "), fresh as (select place, row_number() over (order by place) as nth from slice) \
     update events set seq = $2 + fresh.nth from fresh where events.place = fresh.place returning seq, events.place"
);

const SAVE: &str = "update relay set seq = $1, place = $2 where id = 1";

/// Where the numbering stands, for whoever begins and whoever is not numbering.
const STAND: &str = "select seq, place from relay where id = 1";

const WAITING: &str = "select at from events where place >= $1 and seq is null order by place limit 1";

const NEWEST: &str = "select coalesce(max(place), 0) from events";

/// What one step of the relay did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Another instance numbers.
    Elsewhere,
    /// Nothing waited for a number.
    Idle,
    /// Events got their numbers.
    Numbered {
        /// How many.
        events: usize,
        /// More may wait: come back soon.
        more: bool,
    },
}

/// Gives `events.seq`. One an instance; the lease says which of them works.
#[derive(Debug)]
pub struct Relay {
    db: Db,
    holder: Arc<str>,
    meters: Arc<Meters>,
    numbered: watch::Sender<i64>,
    /// When the lease wants to be renewed; `None`: it is not ours.
    renew_at: Option<Time>,
    /// No row below this place can still come without a number. 0: not read yet, the first place is 1.
    floor: i64,
    barrier: Option<Barrier>,
}

/// See the head of this file.
#[derive(Debug)]
struct Barrier {
    place: i64,
    writers: Vec<String>,
}

/// What one transaction numbered.
#[derive(Debug, Default)]
struct Slice {
    events: usize,
    /// The highest place, and the highest number.
    last: (i64, i64),
}

impl Relay {
    /// A relay that has not begun; `holder` names this instance.
    #[must_use]
    pub fn new(db: Db, holder: Arc<str>, meters: Arc<Meters>) -> Self {
        let numbered = watch::Sender::new(0);
        Self { db, holder, meters, numbered, renew_at: None, floor: 0, barrier: None }
    }

    /// Changes when events got numbers, here or in another instance: to the last number known. Wakes whoever sends or
    /// shows events; what they read is the table.
    #[must_use]
    pub fn numbered(&self) -> watch::Receiver<i64> {
        self.numbered.subscribe()
    }

    /// What hears the notices of the instance that numbers.
    #[must_use]
    pub fn ear(&self) -> Ear {
        Ear { db: self.db.clone(), numbered: self.numbered.clone(), listener: None }
    }

    /// Numbers one slice, if it is this instance's turn and anything waits.
    ///
    /// # Errors
    /// [`DbError`]; nothing is lost, the next step goes on.
    pub async fn step(&mut self, now: Time) -> Result<Turn, DbError> {
        if !self.holds(now).await? {
            self.look(now).await?;
            return Ok(Turn::Elsewhere);
        }
        if self.floor == 0 {
            self.begin().await?;
        }
        let settled = self.is_settled().await?;
        let slice = match self.waiting(now).await? {
            true => self.number().await?,
            false => Slice::default(),
        };
        let more = slice.events >= SLICE;
        if settled {
            self.rise(if more { slice.last.0 } else { i64::MAX });
        }
        if slice.events == 0 {
            return Ok(Turn::Idle);
        }
        if self.barrier.is_none() {
            self.barrier = Some(self.raise_barrier().await?);
        }
        self.meters.events_numbered.increment(slice.events as u64);
        self.tell(slice.last.1, more).await?;
        Ok(Turn::Numbered { events: slice.events, more })
    }

    /// Lets another instance go on at once.
    ///
    /// # Errors
    /// [`DbError`]; the lease runs out by itself then.
    pub async fn release(&mut self) -> Result<(), DbError> {
        match self.renew_at.take() {
            Some(_) if self.db.is_shared() => self.db.release(LEASE, &self.holder).await,
            _ => Ok(()),
        }
    }

    /// SQLite's one instance needs no lease, and none to run out after a crash.
    async fn holds(&mut self, now: Time) -> Result<bool, DbError> {
        if !self.db.is_shared() || self.renew_at.is_some_and(|at| now < at) {
            return Ok(true);
        }
        let ours = self.db.lease(LEASE, &self.holder, now, LENGTH).await?;
        if ours && self.renew_at.is_none() {
            tracing::info!("this instance numbers the events now");
        }
        self.renew_at = ours.then(|| now + LENGTH / 3);
        Ok(ours)
    }

    /// Goes on where the numbering stood: looked for from the first place on, what waits costs a look at every event.
    async fn begin(&mut self) -> Result<(), DbError> {
        let (seq, place) = self.stand().await?;
        self.floor = place.max(1);
        note(&self.numbered, seq);
        Ok(())
    }

    async fn stand(&self) -> Result<(i64, i64), DbError> {
        Ok(both!(&self.db, |p| sqlx::query_as(STAND).fetch_one(p).await)?)
    }

    /// How far the other instance is: polling is the net under its notices, and its silence must show.
    async fn look(&mut self, now: Time) -> Result<(), DbError> {
        let (seq, place) = self.stand().await?;
        self.floor = self.floor.max(place);
        self.waiting(now).await?;
        note(&self.numbered, seq);
        Ok(())
    }

    /// Whether anything waits for a number, read without any lock.
    async fn waiting(&self, now: Time) -> Result<bool, DbError> {
        let oldest: Option<Time> =
            both!(&self.db, |p| sqlx::query_scalar(WAITING).bind(self.floor).fetch_optional(p).await)?;
        let lag = oldest.map_or(0.0, |at| (now - at).as_seconds_f64());
        self.meters.relay_lag.set(lag.max(0.0));
        Ok(oldest.is_some())
    }

    async fn number(&mut self) -> Result<Slice, DbError> {
        let floor = self.floor;
        let (slice, place) = write_tx!(&self.db, |tx| {
            let (seq, place): (i64, i64) = sqlx::query_as(LOCK).fetch_one(&mut *tx).await?;
            let floor = floor.max(place);
            let rows: Vec<(i64, i64)> = sqlx::query_as(NUMBER).bind(floor).bind(seq).fetch_all(&mut *tx).await?;
            let last = |seqs: (i64, i64), (seq, place): &(i64, i64)| ((*place).max(seqs.0), (*seq).max(seqs.1));
            let slice = Slice { events: rows.len(), last: rows.iter().fold((0, seq), last) };
            sqlx::query(SAVE).bind(slice.last.1).bind(floor).execute(&mut *tx).await?;
            (slice, floor)
        });
        self.floor = place;
        Ok(slice)
    }

    /// Whether none is left of those who were writing when the barrier was raised. Asked before the rows are read.
    async fn is_settled(&self) -> Result<bool, DbError> {
        let Some(barrier) = &self.barrier else { return Ok(false) };
        if barrier.writers.is_empty() {
            return Ok(true);
        }
        let writers = self.db.writers("events").await?;
        Ok(!barrier.writers.iter().any(|writer| writers.contains(writer)))
    }

    /// Everything up to the barrier is numbered, as far as the last slice reached.
    fn rise(&mut self, reached: i64) {
        if let Some(Barrier { place, .. }) = &self.barrier {
            self.floor = self.floor.max(reached.min(*place) + 1);
            if reached >= *place {
                self.barrier = None;
            }
        }
    }

    /// The place first, then the writers: whoever got a lower place is among them or has ended.
    async fn raise_barrier(&self) -> Result<Barrier, DbError> {
        let place = both!(&self.db, |p| sqlx::query_scalar(NEWEST).fetch_one(p).await)?;
        Ok(Barrier { place, writers: self.db.writers("events").await? })
    }

    /// Tells this instance at once, the others when nothing more waits.
    async fn tell(&self, seq: i64, more: bool) -> Result<(), DbError> {
        note(&self.numbered, seq);
        if more {
            return Ok(());
        }
        self.db.notify(CHANNEL, &seq.to_string()).await
    }
}

/// Hears how far another instance has numbered, long before a look would find out.
#[derive(Debug)]
pub struct Ear {
    db: Db,
    numbered: watch::Sender<i64>,
    listener: Option<Listener>,
}

impl Ear {
    /// Waits for one notice. `false`: none will ever come, there is no other instance.
    ///
    /// # Errors
    /// [`DbError`]; try again a moment later.
    pub async fn hear(&mut self) -> Result<bool, DbError> {
        if self.listener.is_none() {
            self.listener = self.db.listen(CHANNEL).await?;
        }
        let Some(listener) = &mut self.listener else { return Ok(false) };
        let word = listener.next().await?;
        note(&self.numbered, word.parse().unwrap_or_default());
        Ok(true)
    }
}

/// The last number known never goes back.
fn note(numbered: &watch::Sender<i64>, seq: i64) {
    numbered.send_if_modified(|known| {
        let news = seq > *known;
        *known = seq.max(*known);
        news
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_relay_that_begins_looks_no_further_back_than_it_must() {
        const OLD: &str = "insert into events (id, type, subject, payload, at) values ('evt_1', 'a', 'b', '{}', $1)";
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite://{}", folder.path().join("test.db").display())).expect("a good URL");
        db.migrate().await.expect("migrated");
        let mut relay = Relay::new(db.clone(), "a".into(), Arc::new(Meters::silent()));
        let numbered_before = async {
            write_tx!(&db, |tx| {
                sqlx::query(OLD).bind(Time::UNIX_EPOCH).execute(&mut *tx).await?;
                sqlx::query(SAVE).bind(7_i64).bind(5_i64).execute(&mut *tx).await?;
            });
            Ok::<_, DbError>(())
        };
        numbered_before.await.expect("written");
        let mut told = relay.numbered();
        assert_eq!(relay.step(Time::UNIX_EPOCH).await.expect("a step"), Turn::Idle);
        assert_eq!((relay.floor, *told.borrow_and_update()), (5, 7));
    }
}
