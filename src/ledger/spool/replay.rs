//! Hands what waits in the spool to the lanes, in order, whenever the database answers. It goes the way of every
//! webhook: the same code claims, stores and tells copies apart. And it alone closes the breaker.

use super::keeper::Spool;
use super::shelf::Chunk;
use crate::base::{CallSid, Clock, Meters};
use crate::ledger::batch::Verdict;
use crate::ledger::condition::Condition;
use crate::ledger::not_stored::NotStored;
use crate::ledger::queue::Lanes;
use crate::ledger::record::{Unreadable, decode};
use std::collections::HashSet;
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

/// A record that the database has not taken yet.
struct Open<'r> {
    record: &'r [u8],
    event_id: i64,
    calls: Vec<CallSid>,
}

/// The records that may be handed over together: no two of them tell of the same call, nor comes one before another that is
/// left for later. Should a lane lose its connection between two steps of a call, it would store the later one alone.
fn next_round<'r>(open: &mut Vec<Open<'r>>) -> Vec<Open<'r>> {
    let mut named = HashSet::new();
    let (round, later) = std::mem::take(open).into_iter().partition(|record: &Open<'_>| {
        let is_first = !record.calls.iter().any(|sid| named.contains(sid));
        named.extend(record.calls.iter().cloned());
        is_first
    });
    *open = later;
    round
}

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
        let mut open = Vec::with_capacity(chunk.records.len());
        for record in &chunk.records {
            match record.as_deref().map(decode) {
                Some(Ok(entry)) => {
                    if open.is_empty() {
                        self.spool.oldest_is(entry.unit.at);
                    }
                    let (event_id, calls) = (entry.event_id, entry.unit.call_sids());
                    open.extend(record.as_deref().map(|record| Open { record, event_id, calls }));
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
            let mut round = next_round(&mut open);
            loop {
                round = self.hand_over(round).await?;
                if round.is_empty() {
                    break;
                }
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
    async fn hand_over<'r>(&self, records: Vec<Open<'r>>) -> Result<Vec<Open<'r>>, Closed> {
        let mut waiting = Vec::with_capacity(records.len());
        for open in records {
            let Ok(entry) = decode(open.record) else { continue };
            let lane = self.lanes.of(&entry.unit).ok_or(Closed)?;
            waiting.push((open, lane.replay(entry).await.ok_or(Closed)?));
        }
        let mut left = Vec::new();
        for (open, verdict) in waiting {
            match verdict.await.unwrap_or(Err(NotStored::Away)) {
                Ok(Verdict::Stored | Verdict::TurnedAway(_)) => self.meters.spool.replayed.count("stored"),
                Ok(Verdict::Copy(_)) => self.meters.spool.replayed.count("elsewhere"),
                Err(NotStored::Refused) => self.meters.spool.replayed.count("refused"),
                Err(_) => {
                    left.push(open);
                    continue;
                }
            }
            self.spool.calls().is_over(open.event_id);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn open<'r>(event_id: i64, calls: &[&str]) -> Open<'r> {
        let calls = calls.iter().map(|sid| CallSid::parse(sid).expect("a SID")).collect();
        Open { record: &[], event_id, calls }
    }

    #[test]
    fn a_round_holds_one_step_of_a_call_and_a_leg_waits_for_its_call() {
        let mut left = vec![
            open(1, &["CA1"]),
            open(2, &["CA2"]),
            open(3, &["CA1"]),
            open(4, &["CA9", "CA1"]),
            open(5, &["CA9"]),
            open(6, &["CA3"]),
            open(7, &[]),
        ];
        let mut rounds = Vec::new();
        while !left.is_empty() {
            rounds.push(next_round(&mut left).iter().map(|open| open.event_id).collect::<Vec<_>>());
        }
        assert_eq!(rounds, [vec![1, 2, 6, 7], vec![3], vec![4], vec![5]]);
    }
}
