//! The few statements of the transaction that are not multi-row.

use super::unit::Unit;
use crate::db::{Cell, DbError, LaneConnection, Value};

impl LaneConnection {
    /// Makes it durable.
    pub(super) async fn commit(&mut self) -> Result<(), DbError> {
        self.fetch("commit", &[], &[]).await.map(drop)
    }

    /// Takes it back.
    pub(super) async fn roll_back(&mut self) -> Result<(), DbError> {
        self.fetch("rollback", &[], &[]).await.map(drop)
    }

    /// The bytes that were answered; `None` if the row is gone.
    pub(super) async fn answer(&mut self, event_id: i64) -> Result<Option<String>, DbError> {
        const SQL: &str = "select answer from call_events where id = $1";
        let rows = self.fetch(SQL, &[Value::Int(Some(event_id))], &[Cell::Text]).await?;
        Ok(rows.first().and_then(|row| row.text(0)).map(str::to_owned))
    }

    /// Takes back what a bucket granted in this transaction.
    pub(super) async fn give_back(&mut self, bucket: &str, micros: i64) -> Result<(), DbError> {
        const SQL: &str = "update rate_limit_buckets set tat = tat - $1 where key = $2";
        self.fetch(SQL, &[Value::Int(Some(micros)), Value::Text(Some(bucket))], &[]).await.map(drop)
    }

    /// Writes a row and takes it away again, durably. Opening a database proves little: on a full disk every commit
    /// fails.
    pub(super) async fn prove_writable(&mut self) -> Result<(), DbError> {
        const WRITE: &str = "insert into idempotency_keys (call_id, key, event_id, seen) values (-1, $1, 0, 0)";
        const REMOVE: &str = "delete from idempotency_keys where call_id = -1 and key = $1";
        self.begin().await?;
        self.fetch(WRITE, &[Value::Bytes(b"the lane can write")], &[]).await?;
        self.fetch(REMOVE, &[Value::Bytes(b"the lane can write")], &[]).await?;
        self.commit().await
    }

    /// The pieces of a transcript, in order, with their sequence.
    pub(super) async fn voicemail_pieces(&mut self, voicemail: &str) -> Result<Vec<(i64, String)>, DbError> {
        const SQL: &str = "select sequence, text from voicemail_pieces where voicemail_id = $1 order by sequence";
        let rows = self.fetch(SQL, &[Value::Text(Some(voicemail))], &[Cell::Int, Cell::Text]).await?;
        Ok(rows.iter().filter_map(|row| Some((row.int(0)?, row.text(1)?.to_owned()))).collect())
    }

    /// Replaces the words of a piece.
    pub(super) async fn set_piece(&mut self, voicemail: &str, sequence: i64, text: &str) -> Result<(), DbError> {
        const SQL: &str = "update voicemail_pieces set text = $1 where voicemail_id = $2 and sequence = $3";
        let values = [Value::Text(Some(text)), Value::Text(Some(voicemail)), Value::Int(Some(sequence))];
        self.fetch(SQL, &values, &[]).await.map(drop)
    }

    /// Replaces the transcript.
    pub(super) async fn set_transcript(&mut self, voicemail: &str, text: &str) -> Result<(), DbError> {
        const SQL: &str = "update voicemails set transcript = $1 where id = $2";
        self.fetch(SQL, &[Value::Text(Some(text)), Value::Text(Some(voicemail))], &[]).await.map(drop)
    }

    // What is put right of a webhook that was answered by way of the spool.

    /// The answer that was given to the webhook of this timeline row, and why.
    pub(super) async fn was_said(&mut self, event_id: i64, answer: &str, decision: &str) -> Result<(), DbError> {
        const SQL: &str = "update call_events set answer = $1, decision = $2 where id = $3";
        let values = [Value::Text(Some(answer)), Value::Text(Some(decision)), Value::Int(Some(event_id))];
        self.fetch(SQL, &values, &[]).await.map(drop)
    }

    /// What an earlier attempt wanted to reply to a text was never said: the answer had left without it.
    pub(super) async fn replies_not_said(&mut self, unit: &Unit) -> Result<(), DbError> {
        const SQL: &str = "delete from messages where in_reply_to = $1 and message_sid is null";
        for text in unit.facts.texts() {
            self.fetch(SQL, &[Value::Text(Some(&text.id))], &[]).await?;
        }
        Ok(())
    }

    /// No limit kept this caller out, unless his call has ended with that word already.
    pub(super) async fn was_not_rejected(&mut self, call_sid: &str) -> Result<(), DbError> {
        const SQL: &str = "update calls set outcome = null, outcome_rank = -1, reason = null \
            where call_sid = $1 and outcome = 'rejected' and reason like 'over the limit by %' and ended_at is null";
        self.fetch(SQL, &[Value::Text(Some(call_sid))], &[]).await.map(drop)
    }
}
