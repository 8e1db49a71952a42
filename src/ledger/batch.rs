//! The one transaction. Always the same tables in the same order, rows sorted by key, so that two instances never
//! lock crosswise: calls first heard of, keys, calls known before, timeline, then consents, voicemails, events and errors.
//! Two instances that meet the same new webhook of the same new call can still wait for each other: the database ends that
//! within a second, and the batch runs again.

use super::fold::{FoldedCall, fold};
use super::statements::{Statements, call};
use super::tally::Tally;
use super::telling::Told;
use super::unit::Key;
use super::work::{Calls, Entry, Work};
use crate::db::{DbError, LaneConnection, Record, Value};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What became of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Stored now: its own answer is the answer.
    Stored,
    /// A copy: this is what the first one was told.
    Copy(Bytes),
}

/// Stores a batch. The verdicts are in the order of the entries.
///
/// # Errors
/// [`DbError`]: nothing of the batch is stored, or, if the connection was lost during the commit, all of it may be.
pub(super) async fn commit(
    connection: &mut LaneConnection,
    statements: &Statements,
    public_url: &str,
    entries: &[Entry],
) -> Result<(Vec<Verdict>, Tally), DbError> {
    connection.begin().await?;
    let mut work = Work { connection, statements, public_url, tally: Tally::default() };
    let done = work.all(entries).await;
    match done {
        Ok(verdicts) => {
            let tally = work.tally;
            connection.commit().await?;
            Ok((verdicts, tally))
        }
        Err(error) => {
            // A lost connection cannot roll back and needs not.
            let _ = connection.roll_back().await;
            Err(error)
        }
    }
}

/// `kind` of the webhook that announces a call.
const ARRIVAL: &str = "voice";

/// Under which a webhook's key is claimed that names no call.
const NO_CALL: i64 = 0;

/// The holder of a key: its timeline row, and whether this very statement made it.
#[derive(Clone, Copy, Debug)]
struct Claim {
    event_id: i64,
    new: bool,
}

impl Work<'_> {
    async fn all(&mut self, entries: &[Entry]) -> Result<Vec<Verdict>, DbError> {
        let known = self.known(entries).await?;
        // A call first heard of needs its row before its keys: they are claimed under the call.
        let all = entries.iter().map(|entry| (entry.event_id, &entry.unit));
        let unheard = fold(all, |sid| !known.contains_key(sid));
        let mut calls = self.calls(&unheard).await?;
        let claims =
            self.claim(entries, |sid| known.get(sid).copied().or_else(|| calls.get(sid)?.int(call::ID))).await?;
        let new: Vec<&Entry> = entries.iter().filter(|e| claims.get(&e.unit.key).is_none_or(|c| c.new)).collect();
        let mut folded = fold(new.iter().map(|e| (e.event_id, &e.unit)), |sid| known.contains_key(sid));
        calls.extend(self.calls(&folded).await?);
        folded.extend(unheard);
        self.call_events(&new, &calls).await?;
        let told = self.consents(&new, &calls).await?;
        let mut events = Told::by_calls(&new, &folded, &calls, &told);
        events.then(self.voicemails(&new).await?);
        events.then(self.of_rooms(&new, &calls).await?);
        self.tally.calls_ended(events.ended());
        self.events(&events.in_order()).await?;
        self.errors(&new).await?;
        self.verdicts(entries, &claims).await
    }

    /// What each unit's sender is told.
    async fn verdicts(&mut self, entries: &[Entry], claims: &HashMap<Key, Claim>) -> Result<Vec<Verdict>, DbError> {
        let mut verdicts = Vec::with_capacity(entries.len());
        for entry in entries {
            verdicts.push(match claims.get(&entry.unit.key) {
                // An own row from before: the connection broke when the commit had already gone through.
                Some(first) if first.event_id != entry.event_id => {
                    let answer = self.connection.answer(first.event_id).await?;
                    Verdict::Copy(answer.map_or_else(|| entry.unit.answer.clone(), Bytes::from))
                }
                _ => Verdict::Stored,
            });
        }
        Ok(verdicts)
    }

    /// Ids of the calls that have a row already, as far as it matters. A call that only announces itself is not looked
    /// up: its upsert finds out, and says nothing that its row would not know.
    async fn known(&mut self, entries: &[Entry]) -> Result<HashMap<String, i64>, DbError> {
        let sids: BTreeSet<&str> = entries
            .iter()
            .filter(|entry| entry.unit.webhook.kind != ARRIVAL)
            .flat_map(|entry| entry.unit.changes())
            .map(|change| change.sid.as_str())
            .collect();
        let values: Vec<Value<'_>> = sids.into_iter().map(|sid| Value::Text(Some(sid))).collect();
        let rows = self.connection.rows(&self.statements.known, &values).await?;
        Ok(rows.iter().filter_map(|row| Some((row.text(1)?.to_owned(), row.int(0)?))).collect())
    }

    /// Claims every key under its call and tells which timeline row holds its answer. If another instance holds a
    /// key uncommitted, the insert waits for it.
    async fn claim(
        &mut self,
        entries: &[Entry],
        id_of: impl Fn(&str) -> Option<i64>,
    ) -> Result<HashMap<Key, Claim>, DbError> {
        let id_of = |entry: &Entry| entry.unit.sid().and_then(&id_of).unwrap_or(NO_CALL);
        let mut sorted: Vec<(i64, &Entry)> = entries.iter().map(|entry| (id_of(entry), entry)).collect();
        sorted.sort_unstable_by_key(|(call, entry)| (*call, entry.unit.key));
        let mut values = Vec::with_capacity(sorted.len() * 4);
        for (call, Entry { event_id, unit }) in sorted {
            values.extend([
                Value::Int(Some(call)),
                Value::Bytes(&unit.key),
                Value::Int(Some(*event_id)),
                Value::Int(Some(0)),
            ]);
        }
        let rows = self.connection.rows(&self.statements.claim, &values).await?;
        let claim = |row: &Record| {
            Some((row.bytes(0)?.try_into().ok()?, Claim { event_id: row.int(1)?, new: row.int(2)? == 0 }))
        };
        Ok(rows.iter().filter_map(claim).collect())
    }

    async fn calls(&mut self, folded: &BTreeMap<&str, FoldedCall<'_>>) -> Result<Calls, DbError> {
        let mut values = Vec::with_capacity(folded.len() * 22);
        for change in folded.values() {
            change.push_row(&mut values);
        }
        let rows = self.connection.rows(&self.statements.calls, &values).await?;
        Ok(rows.into_iter().filter_map(|row| Some((row.text(call::SID)?.to_owned(), row))).collect())
    }

    async fn call_events(&mut self, new: &[&Entry], calls: &Calls) -> Result<(), DbError> {
        let mut values = Vec::with_capacity(new.len() * 10);
        for Entry { event_id, unit } in new {
            let answer = std::str::from_utf8(&unit.answer).unwrap_or("");
            values.extend([
                Value::Int(Some(*event_id)),
                Value::Int(unit.row(calls).and_then(|row| row.int(call::ID))),
                Value::Time(Some(unit.at)),
                Value::Text(Some(unit.webhook.kind)),
                Value::Int(Some(unit.webhook.step)),
                Value::Int(unit.webhook.sequence),
                Value::Text(Some(&unit.webhook.input)),
                Value::Text(Some(&unit.webhook.decision)),
                Value::Text(Some(answer)),
                Value::Text(unit.webhook.carrier_token.as_deref()),
            ]);
        }
        self.connection.rows(&self.statements.call_events, &values).await.map(drop)
    }

    /// Consent rows; gives the ids of those that were not there yet.
    async fn consents(&mut self, new: &[&Entry], calls: &Calls) -> Result<HashSet<String>, DbError> {
        let mut values = Vec::new();
        for Entry { event_id, unit } in new {
            self.tally.consents(unit);
            for consent in unit.facts.consents() {
                let row = unit.row(calls);
                values.extend([
                    Value::Text(Some(&consent.id)),
                    Value::Int(Some(row.and_then(|row| row.int(call::ID)).unwrap_or(NO_CALL))),
                    Value::Text(Some(row.and_then(|row| row.text(call::SID)).unwrap_or(""))),
                    Value::Time(Some(unit.at)),
                    Value::Text(Some(consent.scope.as_str())),
                    Value::Text(Some(consent.method.as_str())),
                    Value::Text(Some(&consent.notice_version)),
                    Value::Bool(consent.given),
                    Value::Int(Some(*event_id)),
                ]);
            }
        }
        let rows = self.connection.rows(&self.statements.consents, &values).await?;
        Ok(rows.iter().filter_map(|row| row.text(0).map(str::to_owned)).collect())
    }

    async fn errors(&mut self, new: &[&Entry]) -> Result<(), DbError> {
        let mut values = Vec::new();
        for entry in new {
            for error in entry.unit.facts.errors() {
                values.extend([
                    Value::Time(Some(entry.unit.at)),
                    Value::Text(Some(&error.kind)),
                    Value::Text(Some(&error.message)),
                    Value::Text(error.call_sid.as_deref()),
                ]);
            }
        }
        self.connection.rows(&self.statements.errors, &values).await.map(drop)
    }
}
