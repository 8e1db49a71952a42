//! Events of rooms that keep tables of their own: written in the transaction of the change that they tell of.

use crate::base::Time;
use crate::db::DbError;
use serde_json::Value;

/// A row of `events`.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// `evt_…`; a second one of the same id is not written.
    pub id: String,
    /// A name of the event catalogue.
    pub kind: &'static str,
    /// Name of the line.
    pub line: Option<String>,
    /// `numbers/PN…`, `transactions/txn_…`
    pub subject: String,
    /// The envelope's data.
    pub data: Value,
    /// When it happened.
    pub at: Time,
}

/// A connection inside a transaction, of either engine.
pub(crate) trait Outbox {
    /// Writes the event; it is there once the transaction commits.
    async fn tell(&mut self, event: &Told) -> Result<(), DbError>;
}

/// The same body for a connection of each engine.
macro_rules! outbox {
    ($connection:ty) => {
        impl Outbox for $connection {
            async fn tell(&mut self, event: &Told) -> Result<(), DbError> {
                const SQL: &str = "insert into events (id, type, line, subject, payload, at) \
                    values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing";
                let insert = sqlx::query(SQL).bind(&event.id).bind(event.kind).bind(&event.line);
                let insert = insert.bind(&event.subject).bind(event.data.to_string()).bind(event.at);
                insert.execute(&mut *self).await?;
                Ok(())
            }
        }
    };
}

outbox!(sqlx::SqliteConnection);
outbox!(sqlx::PgConnection);
