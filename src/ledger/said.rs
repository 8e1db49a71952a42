//! The stored answer of a webhook that was answered by way of the spool.

use crate::db::{DbError, LaneConnection, Value};

impl LaneConnection {
    /// The answer that was given to the webhook of this timeline row.
    pub(super) async fn was_said(&mut self, event_id: i64, answer: &str) -> Result<(), DbError> {
        const SQL: &str = "update call_events set answer = $1 where id = $2 and answer <> $1";
        self.fetch(SQL, &[Value::Text(Some(answer)), Value::Int(Some(event_id))], &[]).await.map(drop)
    }
}
