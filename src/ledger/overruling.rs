//! What callers with the right to it say of a line's hours, as rows of `overrides`.

use crate::base::Time;
use crate::db::{DbError, LaneConnection, Value};
use serde::{Deserialize, Serialize};

/// What a caller with the right to it says of a line's hours. It takes the place of all that is said of them now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overruling {
    /// `ov_…`, derived from call and step.
    pub id: String,
    /// Name of the line.
    pub line: String,
    /// Whether the line is open; `None`: its hours count again.
    pub open: Option<bool>,
    /// Ends by itself then; `None`: when it is taken back.
    pub until: Option<Time>,
    /// The caller's number, as the carrier sent it.
    pub made_by: String,
}

impl LaneConnection {
    /// Writes what was said of hours `at` a time. Running it twice is harmless.
    pub(super) async fn overrule(&mut self, said: &[Overruling], at: Time) -> Result<(), DbError> {
        const TAKE_BACK: &str = "update overrides set cancelled_at = $1, updated_at = $1 where line = $2 and id <> $3 \
            and cancelled_at is null and starts_at <= $1 and (ends_at is null or ends_at > $1)";
        const SAY: &str = "insert into overrides (id, line, state, say, starts_at, ends_at, source, made_by, created_at, \
            updated_at) values ($1, $2, $3, '', $4, $5, 'call', $6, $4, $4) on conflict (id) do nothing";
        for said in said {
            let (id, line) = (Value::Text(Some(&said.id)), Value::Text(Some(&said.line)));
            self.fetch(TAKE_BACK, &[Value::Time(Some(at)), line, id], &[]).await?;
            let Some(open) = said.open else { continue };
            let state = Value::Text(Some(if open { "open" } else { "closed" }));
            let (id, line) = (Value::Text(Some(&said.id)), Value::Text(Some(&said.line)));
            let (from, until) = (Value::Time(Some(at)), Value::Time(said.until));
            self.fetch(SAY, &[id, line, state, from, until, Value::Text(Some(&said.made_by))], &[]).await?;
        }
        Ok(())
    }
}
