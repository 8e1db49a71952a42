//! Voicemails: rows that only move forward, and transcripts that come in pieces.

use super::outbox::{self, Outgoing};
use super::statements::voicemail;
use super::unit::{OWN_TRANSCRIPT, Unit, VoicemailChange, VoicemailState};
use super::work::{Entry, Work};
use crate::base::Hide;
use crate::db::{DbError, Record, Value};
use crate::words::{Earlier, masked_after};
use std::borrow::Cow;
use std::collections::HashMap;

impl Work<'_> {
    /// One statement for all changes, as a rule. A message that changes more than once in a batch does so in rounds,
    /// because then their order matters and a statement may name a row once.
    pub(super) async fn voicemails(&mut self, new: &[&Entry]) -> Result<Vec<Outgoing>, DbError> {
        let mut events = Vec::new();
        let mut waiting: Vec<(&Entry, &VoicemailChange)> =
            new.iter().flat_map(|entry| entry.unit.facts.voicemails().iter().map(|change| (*entry, change))).collect();
        waiting.sort_by(|a, b| a.1.id.cmp(&b.1.id));
        while !waiting.is_empty() {
            let mut later = Vec::new();
            let mut round: Vec<(&Entry, &VoicemailChange)> = Vec::with_capacity(waiting.len());
            for change in waiting {
                let named = round.last().is_some_and(|last| last.1.id == change.1.id);
                if named { later.push(change) } else { round.push(change) }
            }
            events.extend(self.round(&round).await?);
            waiting = later;
        }
        Ok(events)
    }

    async fn round(&mut self, changes: &[(&Entry, &VoicemailChange)]) -> Result<Vec<Outgoing>, DbError> {
        let values: Vec<Value<'_>> =
            changes.iter().flat_map(|(entry, change)| row_of(entry.event_id, &entry.unit, change)).collect();
        let rows = self.connection.rows(&self.statements.voicemails, &values).await?;
        let rows: HashMap<&str, &Record> =
            rows.iter().filter_map(|row| Some((row.text(voicemail::ID)?, row))).collect();
        let mut events = Vec::new();
        for (entry, change) in changes {
            if let Some(row) = rows.get(change.id.as_str()) {
                events.extend(self.changed(entry, change, row).await?);
            }
        }
        Ok(events)
    }

    /// What follows from a change to a message.
    async fn changed(
        &mut self,
        entry: &Entry,
        change: &VoicemailChange,
        row: &Record,
    ) -> Result<Vec<Outgoing>, DbError> {
        let mut events = Vec::new();
        if change.state == VoicemailState::Expected && row.time(voicemail::EXPECTED_AT) == Some(entry.unit.at) {
            self.tally.voicemail(VoicemailState::Expected);
        }
        if row.int(voicemail::SETTLED_BY) == Some(entry.event_id) {
            self.tally.voicemail(change.state);
            events.push(outbox::settled(row, self.public_url, entry.cause()));
        }
        let completed = row.int(voicemail::TRANSCRIBED_BY) == Some(entry.event_id);
        if completed || change.transcript_piece.is_some() {
            let text = self.transcript(change, row).await?;
            // The last piece may come after the word that all have come: the event waits for words, and its id
            // lets only the first one stand.
            let source = if entry.unit.webhook.kind == OWN_TRANSCRIPT { "switchboard" } else { "carrier" };
            let ready = !text.is_empty() && row.text(voicemail::TRANSCRIPT_STATE) == Some("completed");
            events.extend(ready.then(|| outbox::transcribed(row, &text, source, entry.cause())));
        }
        Ok(events)
    }

    /// Takes a piece of real-time transcription, if this is one, and keeps the transcript equal to all pieces in
    /// order.
    async fn transcript(&mut self, change: &VoicemailChange, row: &Record) -> Result<String, DbError> {
        if let Some((sequence, text)) = &change.transcript_piece {
            let values = [Value::Text(Some(&change.id)), Value::Int(Some(*sequence)), Value::Text(Some(text))];
            self.connection.rows(&self.statements.pieces, &values).await?;
        }
        let mut pieces = self.connection.voicemail_pieces(&change.id).await?;
        if pieces.is_empty() {
            return Ok(row.text(voicemail::TRANSCRIPT).unwrap_or_default().to_owned());
        }
        if let Some(language) = &change.cards_in {
            self.hide_cards(&change.id, language, &mut pieces).await?;
        }
        let whole = pieces.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ");
        self.connection.set_transcript(&change.id, &whole).await?;
        Ok(whole)
    }

    /// Each piece was looked through by itself; a card whose number goes on over a pause is known only here.
    async fn hide_cards(
        &mut self,
        voicemail: &str,
        language: &str,
        pieces: &mut [(i64, String)],
    ) -> Result<(), DbError> {
        let mut earlier = Earlier::default();
        for (sequence, text) in pieces {
            if let Cow::Owned(hidden) = masked_after(&mut earlier, text, language, Hide::Cards, &[]) {
                self.connection.set_piece(voicemail, *sequence, &hidden).await?;
                *text = hidden;
            }
        }
        Ok(())
    }
}

fn row_of<'v>(event_id: i64, unit: &'v Unit, change: &'v VoicemailChange) -> [Value<'v>; 15] {
    let settled = change.state.rank() >= VoicemailState::Absent.rank();
    let transcribed = change.transcript_state == Some("completed");
    [
        Value::Text(Some(&change.id)),
        Value::Text(Some(unit.sid().unwrap_or(""))),
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
