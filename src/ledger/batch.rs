//! The one transaction. Always the same tables in the same order, rows sorted by key, so that two instances never
//! lock crosswise: calls, keys, limits, voicemails, texts, hours, then the rest (timeline, consents, errors, events).
//!
//! Calls come first because keys are claimed under them; so a webhook has spoken about its call before it is known
//! whether it is a copy. Copies are rare: an attempt that finds some is taken back and begun anew without their words, and
//! a copy changes nothing, whatever it says.

use super::fold::{FoldedCall, fold};
use super::judge::Judgement;
use super::outbox::Outgoing;
use super::statements::{Statements, call, last};
use super::tally::Tally;
use super::telling::Told;
use super::unit::{Key, Unit};
use super::work::{Calls, Entry, Work};
use crate::db::{DbError, LaneConnection, Value};
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};

/// What became of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Stored now: its own answer is the answer.
    Stored,
    /// Stored now, and not let in, or replied to: this is the answer.
    TurnedAway(Bytes),
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
    let before = connection.statements();
    let mut copies = Copies::new();
    loop {
        connection.begin().await?;
        let mut work = Work { connection, statements, public_url, tally: Tally::default() };
        match work.attempt(entries, &copies).await {
            Ok(Attempt::Done(verdicts)) => {
                let mut tally = work.tally;
                connection.commit().await?;
                tally.committed(entries.len(), connection.statements() - before);
                statements.denied.learn(tally.denials(), latest(entries));
                return Ok((verdicts, tally));
            }
            Ok(Attempt::Copies(found)) => {
                copies.extend(found);
                connection.roll_back().await?;
            }
            Err(error) => {
                // A lost connection cannot roll back and needs not.
                let _ = connection.roll_back().await;
                return Err(error);
            }
        }
    }
}

/// Stores of a unit what an earlier attempt did not, because it turned the caller away, and the caller had been let in
/// already. Running it twice is harmless.
///
/// # Errors
/// [`DbError`]: nothing of it is stored, or, if the connection was lost during the commit, all of it may be.
pub(super) async fn let_in(
    connection: &mut LaneConnection,
    statements: &Statements,
    public_url: &str,
    entry: &Entry,
) -> Result<Tally, DbError> {
    connection.begin().await?;
    let mut work = Work { connection, statements, public_url, tally: Tally::default() };
    match work.let_in(entry).await {
        Ok(()) => {
            let tally = work.tally;
            connection.commit().await?;
            Ok(tally)
        }
        Err(error) => {
            // A lost connection cannot roll back and needs not.
            let _ = connection.roll_back().await;
            Err(error)
        }
    }
}

/// When the last of a batch arrived, in microseconds.
fn latest(entries: &[Entry]) -> i64 {
    entries.iter().map(|entry| entry.unit.at.timestamp_micros()).max().unwrap_or_default()
}

/// Under which a webhook's key is claimed that names no call.
const NO_CALL: i64 = 0;

/// Keys of a batch that were claimed before, each with the call it is claimed under.
type Copies = HashMap<Key, i64>;

/// How an attempt came out.
enum Attempt {
    /// All is written.
    Done(Vec<Verdict>),
    /// These turned out to be copies: nothing of the attempt may stand.
    Copies(Copies),
}

/// The holder of a key: its timeline row, and whether this very statement made it.
#[derive(Clone, Copy, Debug)]
struct Claim {
    event_id: i64,
    call: i64,
    new: bool,
}

impl Work<'_> {
    async fn attempt(&mut self, entries: &[Entry], copies: &Copies) -> Result<Attempt, DbError> {
        let new: Vec<&Entry> = entries.iter().filter(|entry| !copies.contains_key(&entry.unit.key)).collect();
        let folded = fold(new.iter().map(|entry| (entry.event_id, &entry.unit)));
        let mut calls = self.calls(&folded).await?;
        let claims = self.claim(entries, &calls, copies).await?;
        let found: Copies = (new.iter().filter_map(|entry| claims.get_key_value(&entry.unit.key)))
            .filter_map(|(key, claim)| (!claim.new).then_some((*key, claim.call)))
            .collect();
        if !found.is_empty() {
            return Ok(Attempt::Copies(found));
        }
        let mut judgement = self.judge(&new, &calls).await?;
        let violations = judgement.events();
        calls.extend(self.calls(&fold(judgement.refused().map(|entry| (entry.event_id, &entry.unit)))).await?);
        self.replies(&new, &mut judgement).await?;
        let new = judgement.apply(&new);
        let mut events = Told::by_calls(&new, &folded, &calls);
        events.then(violations);
        events.then(self.voicemails(&new).await?);
        self.texts(&new, &calls).await?;
        self.hours(&new).await?;
        events.then(self.of_rooms(&new, &calls).await?);
        self.tally.told(new.iter().map(|entry| &entry.unit), events.ended());
        let events = events.in_order();
        let mut values: [Vec<Value<'_>>; last::MEMBERS] = Default::default();
        values[last::CALL_EVENTS] = call_events(&new, &calls);
        values[last::CONSENTS] = consents(&new, &calls);
        values[last::ERRORS] = errors(&new);
        values[last::REJECTIONS] = judgement.rows();
        values[last::EVENTS] = events.iter().flat_map(Outgoing::row).collect();
        self.connection.group(&self.statements.last, &values).await?;
        self.verdicts(entries, &claims, &judgement).await.map(Attempt::Done)
    }

    /// All that is written of a new unit but its key and its row in the timeline, which are there.
    async fn let_in(&mut self, entry: &Entry) -> Result<(), DbError> {
        let Entry { event_id, unit, .. } = entry;
        if let Some(sid) = unit.sid() {
            self.connection.was_not_rejected(sid).await?;
        }
        let folded = fold(std::iter::once((*event_id, unit)));
        let (new, calls) = ([entry], self.calls(&folded).await?);
        let mut events = Told::by_calls(&new, &folded, &calls);
        events.then(self.voicemails(&new).await?);
        self.texts(&new, &calls).await?;
        self.hours(&new).await?;
        self.connection.replies_not_said(unit).await?;
        events.then(self.of_rooms(&new, &calls).await?);
        self.tally.told(std::iter::once(unit), &[]);
        let events = events.in_order();
        let mut values: [Vec<Value<'_>>; last::MEMBERS] = Default::default();
        values[last::CONSENTS] = consents(&new, &calls);
        values[last::ERRORS] = errors(&new);
        values[last::EVENTS] = events.iter().flat_map(Outgoing::row).collect();
        self.connection.group(&self.statements.last, &values).await?;
        let said = std::str::from_utf8(&unit.answer).unwrap_or("");
        self.connection.was_said(*event_id, said, &unit.webhook.decision).await
    }

    /// What callers say of hours: seldom, so each by itself.
    async fn hours(&mut self, new: &[&Entry]) -> Result<(), DbError> {
        for entry in new {
            self.connection.overrule(entry.unit.facts.overrulings(), entry.unit.at).await?;
        }
        Ok(())
    }

    /// What each unit's sender is told.
    async fn verdicts(
        &mut self,
        entries: &[Entry],
        claims: &HashMap<Key, Claim>,
        judgement: &Judgement,
    ) -> Result<Vec<Verdict>, DbError> {
        let mut verdicts = Vec::with_capacity(entries.len());
        for entry in entries {
            let Entry { event_id, unit, .. } = entry;
            verdicts.push(match (claims.get(&unit.key).filter(|claim| !claim.new), judgement.instead_of(entry)) {
                (None, None) => Verdict::Stored,
                (None, Some(instead)) => Verdict::TurnedAway(instead.unit.answer.clone()),
                (Some(first), _) => {
                    let answer = self.connection.answer(first.event_id).await?;
                    let answer = answer.map_or_else(|| unit.answer.clone(), Bytes::from);
                    // An own row from before: the connection broke when the commit had already gone through.
                    match first.event_id == *event_id {
                        false => Verdict::Copy(answer),
                        true if answer == unit.answer => Verdict::Stored,
                        true => Verdict::TurnedAway(answer),
                    }
                }
            });
        }
        Ok(verdicts)
    }

    /// Claims every key under its call and tells which timeline row holds its answer. If another instance holds a
    /// key uncommitted, the insert waits for it.
    async fn claim(
        &mut self,
        entries: &[Entry],
        calls: &Calls,
        copies: &Copies,
    ) -> Result<HashMap<Key, Claim>, DbError> {
        let id_of = |unit: &Unit| {
            let known = copies.get(&unit.key).copied();
            known.or_else(|| unit.row(calls)?.int(call::ID)).unwrap_or(NO_CALL)
        };
        let mut sorted: Vec<(i64, &Entry)> = entries.iter().map(|entry| (id_of(&entry.unit), entry)).collect();
        sorted.sort_unstable_by_key(|(call, entry)| (*call, entry.unit.key));
        let values: Vec<Value<'_>> = (sorted.iter())
            .flat_map(|(call, Entry { event_id, unit, .. })| {
                [Value::Int(Some(*call)), Value::Bytes(&unit.key), Value::Int(Some(*event_id)), Value::Int(Some(0))]
            })
            .collect();
        let rows = self.connection.rows(&self.statements.claim, &values).await?;
        let holders: HashMap<Key, (i64, i64)> =
            rows.iter().filter_map(|row| Some((row.bytes(0)?.try_into().ok()?, (row.int(1)?, row.int(2)?)))).collect();
        let claim = |(call, entry): (i64, &Entry)| {
            let (event_id, seen) = *holders.get(&entry.unit.key)?;
            Some((entry.unit.key, Claim { event_id, call, new: seen == 0 }))
        };
        Ok(sorted.into_iter().filter_map(claim).collect())
    }

    async fn calls(&mut self, folded: &BTreeMap<&str, FoldedCall<'_>>) -> Result<Calls, DbError> {
        let mut values = Vec::with_capacity(folded.len() * 22);
        for change in folded.values() {
            change.push_row(&mut values);
        }
        let rows = self.connection.rows(&self.statements.calls, &values).await?;
        Ok(rows.into_iter().filter_map(|row| Some((row.text(call::SID)?.to_owned(), row))).collect())
    }
}

fn call_events<'v>(new: &[&'v Entry], calls: &Calls) -> Vec<Value<'v>> {
    let row = |entry: &&'v Entry| {
        let Entry { event_id, unit, .. } = *entry;
        [
            Value::Int(Some(*event_id)),
            Value::Int(unit.row(calls).and_then(|row| row.int(call::ID))),
            Value::Time(Some(unit.at)),
            Value::Text(Some(unit.webhook.kind)),
            Value::Int(Some(unit.webhook.step)),
            Value::Int(unit.webhook.sequence),
            Value::Text(Some(&unit.webhook.input)),
            Value::Text(Some(&unit.webhook.decision)),
            Value::Text(Some(std::str::from_utf8(&unit.answer).unwrap_or(""))),
            Value::Text(unit.webhook.carrier_token.as_deref()),
        ]
    };
    new.iter().flat_map(row).collect()
}

fn consents<'v>(new: &[&'v Entry], calls: &'v Calls) -> Vec<Value<'v>> {
    let rows = |entry: &&'v Entry| {
        let Entry { event_id, unit, .. } = *entry;
        let row = unit.row(calls);
        unit.facts.consents().iter().map(move |consent| {
            [
                Value::Text(Some(&consent.id)),
                Value::Int(Some(row.and_then(|row| row.int(call::ID)).unwrap_or(NO_CALL))),
                Value::Text(Some(row.and_then(|row| row.text(call::SID)).unwrap_or(""))),
                Value::Time(Some(unit.at)),
                Value::Text(Some(consent.scope.as_str())),
                Value::Text(Some(consent.method.as_str())),
                Value::Text(Some(&consent.notice_version)),
                Value::Bool(consent.given),
                Value::Int(Some(*event_id)),
            ]
        })
    };
    new.iter().flat_map(rows).flatten().collect()
}

fn errors<'v>(new: &[&'v Entry]) -> Vec<Value<'v>> {
    let rows = |entry: &&'v Entry| {
        let unit = &entry.unit;
        unit.facts.errors().iter().map(|error| {
            [
                Value::Time(Some(unit.at)),
                Value::Text(Some(&error.kind)),
                Value::Text(Some(&error.message)),
                Value::Text(error.call_sid.as_deref()),
            ]
        })
    };
    new.iter().flat_map(rows).flatten().collect()
}
