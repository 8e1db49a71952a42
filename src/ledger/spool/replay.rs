//! Hands what waits in the spool to the lanes, in order, whenever the database answers. It goes the way of every
//! webhook: the same code claims, stores and tells copies apart. And it alone closes the breaker.

use super::keeper::Spool;
use super::shelf::Chunk;
use crate::base::{Clock, Meters};
use crate::ledger::batch::Verdict;
use crate::ledger::condition::Condition;
use crate::ledger::not_stored::NotStored;
use crate::ledger::queue::Lanes;
use crate::ledger::record::{Unreadable, decode};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Units handed over together: enough for every lane to fill its batches.
const CHUNK: usize = 256;

/// What the replay needs.
#[derive(Debug)]
pub(in crate::ledger) struct Replay {
    pub spool: Spool,
    pub lanes: Lanes,
    pub condition: Condition,
    pub clock: Clock,
    pub meters: Arc<Meters>,
    /// Fires when the ledger closes: what can be replayed at once still is, then it ends.
    pub stop: CancellationToken,
}

/// The lanes are closed.
struct Closed;

impl Replay {
    /// Runs until the stop token fires and nothing waits that the database would take.
    pub(in crate::ledger) async fn run(self) {
        loop {
            tokio::select! {
                biased;
                () = self.condition.answers() => {}
                () = self.stop.cancelled() => return,
            }
            let chunk = self.spool.chunk(CHUNK);
            if !chunk.records.is_empty() {
                match self.replay(&chunk).await {
                    Ok(()) => continue,
                    Err(Closed) => return,
                }
            }
            self.condition.caught_up(self.clock.now());
            tokio::select! {
                biased;
                () = self.spool.arrived() => {}
                () = self.condition.changed() => {}
                () = self.stop.cancelled() => return,
            }
        }
    }

    async fn replay(&self, chunk: &Chunk) -> Result<(), Closed> {
        let mut open: Vec<&[u8]> = Vec::with_capacity(chunk.records.len());
        for record in &chunk.records {
            match record.as_deref().map(decode) {
                Some(Ok(entry)) => {
                    if open.is_empty() {
                        self.spool.oldest_is(entry.unit.at);
                    }
                    open.extend(record.as_deref());
                }
                Some(Err(newer @ Unreadable::Newer(_))) => {
                    tracing::error!(cause = %newer, "a spool is left as it is: start the version that wrote it");
                    self.spool.leave_first();
                    return Ok(());
                }
                Some(Err(nonsense)) => self.set_aside(record.as_deref().unwrap_or_default(), &nonsense.to_string()),
                None => self.lose("its bytes are not those that were written"),
            }
        }
        while !open.is_empty() {
            open = self.hand_over(&open).await?;
            if !open.is_empty() {
                tokio::select! {
                    biased;
                    () = self.condition.answers() => {}
                    () = self.stop.cancelled() => return Err(Closed),
                }
            }
        }
        self.spool.done(chunk);
        Ok(())
    }

    /// Gives the records to their lanes and waits for all verdicts; returns those that the database did not take.
    async fn hand_over<'r>(&self, records: &[&'r [u8]]) -> Result<Vec<&'r [u8]>, Closed> {
        let mut waiting = Vec::with_capacity(records.len());
        for record in records {
            let Ok(entry) = decode(record) else { continue };
            let lane = self.lanes.of(&entry.unit).ok_or(Closed)?;
            waiting.push((*record, lane.replay(entry).await.ok_or(Closed)?));
        }
        let mut left = Vec::new();
        for (record, verdict) in waiting {
            match verdict.await.unwrap_or(Err(NotStored::Away)) {
                Ok(Verdict::Stored | Verdict::TurnedAway(_)) => self.meters.spool.replayed.count("stored"),
                Ok(Verdict::Copy(_)) => self.meters.spool.replayed.count("elsewhere"),
                Err(NotStored::Refused) => self.meters.spool.replayed.count("refused"),
                Err(_) => left.push(record),
            }
        }
        Ok(left)
    }

    /// It is whole, and this version cannot read it: another one, or a person, may.
    fn set_aside(&self, record: &[u8], cause: &str) {
        match self.spool.set_aside(&[record.to_vec()]) {
            Ok(path) => {
                let path = path.display();
                tracing::error!(%path, cause, "a record of the spool cannot be read by this version; it is kept here");
                self.meters.spool.replayed.count("unread");
                self.unstored();
            }
            Err(error) => self.lose(&format!("{cause}, and it cannot be kept: {error}")),
        }
    }

    fn lose(&self, cause: &str) {
        tracing::error!(cause, "a record of the spool is lost");
        self.meters.spool.replayed.count("unreadable");
        self.unstored();
    }

    fn unstored(&self) {
        self.meters.unstored.increment(1);
        self.condition.count_unstored();
    }
}
