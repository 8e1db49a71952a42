//! The few statements of the transaction that are not multi-row.

use crate::db::{DbError, LaneConnection};

/// Expands the body once per engine, `$c` being the lane's connection.
macro_rules! on {
    ($lane:expr, |$c:ident| $body:expr) => {
        match $lane {
            LaneConnection::Sqlite($c) => $body,
            LaneConnection::Postgres($c) => $body,
        }
    };
}

impl LaneConnection {
    /// Begins a transaction; SQLite takes the write lock at once.
    pub(super) async fn begin(&mut self) -> Result<(), DbError> {
        let sql = match self {
            Self::Sqlite(_) => "begin immediate",
            Self::Postgres(_) => "begin",
        };
        self.execute(sql).await
    }

    /// The bytes that were answered.
    pub(super) async fn answer(&mut self, event_id: i64) -> Result<String, DbError> {
        const SQL: &str = "select answer from call_events where id = $1";
        Ok(on!(self, |c| sqlx::query_scalar::<_, String>(SQL).bind(event_id).fetch_one(c).await)?)
    }

    /// The pieces of a transcript, in order.
    pub(super) async fn voicemail_pieces(&mut self, voicemail: &str) -> Result<Vec<String>, DbError> {
        const SQL: &str = "select text from voicemail_pieces where voicemail_id = $1 order by sequence";
        Ok(on!(self, |c| sqlx::query_scalar::<_, String>(SQL).bind(voicemail).fetch_all(c).await)?)
    }

    /// Replaces the transcript.
    pub(super) async fn set_transcript(&mut self, voicemail: &str, text: &str) -> Result<(), DbError> {
        const SQL: &str = "update voicemails set transcript = $2 where id = $1";
        on!(self, |c| sqlx::query(SQL).bind(voicemail).bind(text).execute(c).await.map(drop))?;
        Ok(())
    }
}
