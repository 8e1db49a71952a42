//! The one transaction. Always the same tables in the same order, rows sorted by key, so that two instances never
//! lock crosswise: calls first heard of, keys, calls known before, timeline, then consents, voicemails, events and errors.
//! Whoever holds a call's first row also holds its keys; everybody else waits there.

use super::fold::{FoldedCall, fold};
use super::outbox;
use super::outbox::{Cause, Outgoing};
use super::statements::{Statements, call, voicemail};
use super::tally::Tally;
use super::unit::{Key, Unit, VoicemailChange, VoicemailState};
use crate::db::{DbError, LaneConnection, Record, Value};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A unit with the id of its timeline row.
#[derive(Debug)]
pub(super) struct Entry {
    pub event_id: i64,
    pub unit: Unit,
}

impl Entry {
    const fn cause(&self) -> Cause {
        Cause { event_id: self.event_id, at: self.unit.at }
    }
}

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

/// Under which a webhook's key is claimed that names no call.
const NO_CALL: i64 = 0;

struct Work<'c> {
    connection: &'c mut LaneConnection,
    statements: &'c Statements,
    public_url: &'c str,
    tally: Tally,
}

/// The holder of a key: its timeline row, and whether this very statement made it.
#[derive(Clone, Copy, Debug)]
struct Claim {
    event_id: i64,
    new: bool,
}

impl Work<'_> {
    async fn all(&mut self, entries: &[Entry]) -> Result<Vec<Verdict>, DbError> {
        let known = self.known(entries).await?;
        let is_known = |entry: &&Entry| entry.unit.sid().is_some_and(|sid| known.contains_key(sid));
        // A call first heard of needs its row before its keys: they are claimed under the call.
        let unheard = fold(entries.iter().filter(|entry| !is_known(entry)).map(|e| (e.event_id, &e.unit)));
        let mut calls = self.calls(&unheard).await?;
        let claims =
            self.claim(entries, |sid| known.get(sid).copied().or_else(|| calls.get(sid)?.int(call::ID))).await?;
        let new: Vec<&Entry> = entries.iter().filter(|e| claims.get(&e.unit.key).is_none_or(|c| c.new)).collect();
        let mut folded = fold(new.iter().filter(|entry| is_known(entry)).map(|e| (e.event_id, &e.unit)));
        calls.extend(self.calls(&folded).await?);
        folded.extend(unheard);
        self.call_events(&new, &calls).await?;
        self.consents(&new, &calls).await?;
        let mut events = self.implied_by_calls(&new, &folded, &calls);
        events.extend(self.voicemails(&new).await?);
        self.events(&new, events, &calls).await?;
        self.errors(&new).await?;
        let mut verdicts = Vec::with_capacity(entries.len());
        for entry in entries {
            verdicts.push(match claims.get(&entry.unit.key) {
                // An own row from before: the connection broke when the commit had already gone through.
                Some(first) if first.event_id != entry.event_id => Verdict::Copy(self.answer_of(first.event_id).await?),
                _ => Verdict::Stored,
            });
        }
        Ok(verdicts)
    }

    /// Ids of the calls that have a row already.
    async fn known(&mut self, entries: &[Entry]) -> Result<HashMap<String, i64>, DbError> {
        let sids: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.unit.sid()).collect();
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

    async fn consents(&mut self, new: &[&Entry], calls: &Calls) -> Result<(), DbError> {
        let mut values = Vec::new();
        for Entry { event_id, unit } in new {
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
        self.connection.rows(&self.statements.consents, &values).await.map(drop)
    }

    /// Voicemails one statement a change, in order: a batch rarely holds two, and then order matters.
    async fn voicemails(&mut self, new: &[&Entry]) -> Result<Vec<Outgoing>, DbError> {
        let mut events = Vec::new();
        let mut changes: Vec<(&Entry, &VoicemailChange)> =
            new.iter().flat_map(|entry| entry.unit.facts.voicemails().iter().map(|change| (*entry, change))).collect();
        changes.sort_by(|a, b| a.1.id.cmp(&b.1.id));
        for (Entry { event_id, unit }, change) in changes {
            let values = voicemail_row(*event_id, unit, change);
            let rows = self.connection.rows(&self.statements.voicemails, &values).await?;
            let Some(row) = rows.first() else { continue };
            let cause = Cause { event_id: *event_id, at: unit.at };
            if change.state == VoicemailState::Expected && row.time(voicemail::EXPECTED_AT) == Some(unit.at) {
                self.tally.voicemail(VoicemailState::Expected);
            }
            if row.int(voicemail::SETTLED_BY) == Some(*event_id) {
                self.tally.voicemail(change.state);
                events.push(outbox::settled(row, self.public_url, cause));
            }
            let text = self.transcript(change, row).await?;
            if row.int(voicemail::TRANSCRIBED_BY) == Some(*event_id) {
                events.push(outbox::transcribed(row, &text.unwrap_or_default(), cause));
            }
        }
        Ok(events)
    }

    /// Takes a piece of real-time transcription and keeps the transcript equal to all pieces in order.
    async fn transcript(&mut self, change: &VoicemailChange, row: &Record) -> Result<Option<String>, DbError> {
        let Some((sequence, text)) = &change.transcript_piece else {
            let pieces = self.connection.voicemail_pieces(&change.id).await?;
            let known = row.text(voicemail::TRANSCRIPT).map(str::to_owned);
            return Ok(if pieces.is_empty() { known } else { Some(pieces.join(" ")) });
        };
        let values = [Value::Text(Some(&change.id)), Value::Int(Some(*sequence)), Value::Text(Some(text))];
        self.connection.rows(&self.statements.pieces, &values).await?;
        let whole = self.connection.voicemail_pieces(&change.id).await?.join(" ");
        self.connection.set_transcript(&change.id, &whole).await?;
        Ok(Some(whole))
    }

    /// `call.started`, consent events and `call.ended` of the calls that this batch opened or ended.
    fn implied_by_calls(
        &mut self,
        new: &[&Entry],
        folded: &BTreeMap<&str, FoldedCall<'_>>,
        calls: &Calls,
    ) -> Vec<Outgoing> {
        let mut events = Vec::new();
        let mut ends = Vec::new();
        for entry in new {
            self.tally.consents(&entry.unit);
            let Some(row) = entry.unit.row(calls) else { continue };
            let (cause, whole_call) = (entry.cause(), row.text(call::PARENT).is_none());
            if whole_call && row.int(call::OPENED_BY) == Some(entry.event_id) {
                let known = row.text(call::SID).and_then(|sid| folded.get(sid)).map(FoldedCall::known);
                events.extend(known.map(|known| outbox::started(row, known, cause)));
            }
            events.extend(entry.unit.facts.consents().iter().map(|consent| outbox::consent(row, consent, cause)));
            if whole_call && row.int(call::ENDED_BY) == Some(entry.event_id) {
                self.tally.ended(row);
                ends.push(outbox::ended(row, cause));
            }
        }
        // The end of a call comes after everything else that the batch tells of it.
        events.append(&mut ends);
        events
    }

    async fn events(&mut self, new: &[&Entry], mut all: Vec<Outgoing>, calls: &Calls) -> Result<(), DbError> {
        for entry in new {
            let row = entry.unit.row(calls);
            all.extend(entry.unit.facts.events().iter().map(|event| outbox::of_room(event, row, entry.cause())));
        }
        let mut values = Vec::with_capacity(all.len() * 6);
        for event in &all {
            values.extend([
                Value::Text(Some(&event.id)),
                Value::Text(Some(event.kind)),
                Value::Text(event.line.as_deref()),
                Value::Text(Some(&event.subject)),
                Value::Text(Some(&event.payload)),
                Value::Time(Some(event.at)),
            ]);
        }
        self.connection.rows(&self.statements.events, &values).await.map(drop)
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

    async fn answer_of(&mut self, event_id: i64) -> Result<Bytes, DbError> {
        self.connection.answer(event_id).await.map(Bytes::from)
    }
}

/// Rows of `calls` by SID, as they are after the upsert.
type Calls = HashMap<String, Record>;

impl Unit {
    pub(super) fn sid(&self) -> Option<&str> {
        self.call.as_ref().map(|call| call.sid.as_str())
    }

    fn row<'c>(&self, calls: &'c Calls) -> Option<&'c Record> {
        calls.get(self.sid()?)
    }
}

fn voicemail_row<'v>(event_id: i64, unit: &'v Unit, change: &'v VoicemailChange) -> [Value<'v>; 15] {
    let settled = change.state.rank() == VoicemailState::Ready.rank();
    let transcribed = change.transcript_state == Some("completed");
    [
        Value::Text(Some(&change.id)),
        Value::Text(Some(unit.call.as_ref().map_or("", |call| call.sid.as_str()))),
        Value::Text(Some(&change.line)),
        Value::Text(Some(&change.mailbox)),
        Value::Text(change.from.as_deref()),
        Value::Text(Some(change.state.as_str())),
        Value::Int(Some(change.state.rank())),
        Value::Text(change.recording_sid.as_deref()),
        Value::Int(change.duration_s),
        Value::Text(change.transcript.as_deref()),
        Value::Text(change.transcript_state),
        Value::Time(Some(unit.at)),
        Value::Time(settled.then_some(unit.at)),
        Value::Int(settled.then_some(event_id)),
        Value::Int(transcribed.then_some(event_id)),
    ]
}
