//! Writes down what becomes of pages. A page never waits for the database: what happened waits here for it.

use super::note::Note;
use super::queries;
use crate::base::Clock;
use crate::db::{Db, DbError};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Notes that may wait while the database is away: some hours of busy paging. Beyond that new ones are dropped, and counted.
const ROOM: usize = 20_000;
/// Notes of one transaction.
const BATCH: usize = 64;
/// Until the database is tried again.
const AWAY: Duration = Duration::from_secs(1);
/// How long the last notes may delay the stop.
const LAST: Duration = Duration::from_secs(1);

/// The queue of notes.
pub(super) struct Clerk {
    send: mpsc::Sender<Note>,
    /// Taken by whoever writes.
    receive: Mutex<Option<mpsc::Receiver<Note>>>,
    dropped: AtomicU64,
    holder: Arc<str>,
}

impl Clerk {
    pub(super) fn new(holder: Arc<str>) -> Self {
        let (send, receive) = mpsc::channel(ROOM);
        Self { send, receive: Mutex::new(Some(receive)), dropped: AtomicU64::new(0), holder }
    }

    pub(super) fn note(&self, note: Note) {
        if self.send.try_send(note).is_err() && self.dropped.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::error!("rows of pages are lost: too many wait for the database");
        }
    }

    /// Waits until what was noted so far is in the database, but not for long.
    pub(super) async fn written(&self, patience: Duration) {
        let (tell, told) = oneshot::channel();
        self.note(Note::Written(tell));
        let _ = tokio::time::timeout(patience, told).await;
    }

    /// Writes until the stop fires and everything is written.
    pub(super) async fn run(&self, db: &Db, clock: &Clock, stop: &CancellationToken) {
        let taken = self.receive.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut receive) = taken else { return };
        let mut notes = Vec::with_capacity(BATCH);
        while stop.run_until_cancelled(receive.recv_many(&mut notes, BATCH)).await.is_some() {
            if stop.run_until_cancelled(self.write(db, clock, &mut notes)).await.is_none() {
                break;
            }
        }
        let rest = async {
            while let Ok(note) = receive.try_recv() {
                notes.push(note);
            }
            self.write(db, clock, &mut notes).await;
        };
        if tokio::time::timeout(LAST, rest).await.is_err() {
            tracing::error!("what became of the last pages could not be written down");
        }
    }

    /// Writes all, however long the database is away.
    async fn write(&self, db: &Db, clock: &Clock, notes: &mut Vec<Note>) {
        let mut said = false;
        loop {
            match queries::write(db, notes, &self.holder, clock.now()).await {
                Ok(()) => break,
                Err(DbError::Away(_)) => {
                    if !std::mem::replace(&mut said, true) {
                        tracing::warn!(notes = notes.len(), "rows of pages wait: the database is away");
                    }
                    tokio::time::sleep(AWAY).await;
                }
                Err(error) => {
                    tracing::error!(%error, notes = notes.len(), "rows of pages could not be written");
                    break;
                }
            }
        }
        for note in notes.drain(..) {
            if let Note::Written(tell) = note {
                let _ = tell.send(());
            }
        }
    }
}
