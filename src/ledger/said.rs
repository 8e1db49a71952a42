//! What is put right of a webhook that was answered by way of the spool.

use super::unit::Unit;
use crate::db::{DbError, LaneConnection, Value};

impl LaneConnection {
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
