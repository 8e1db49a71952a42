//! Rooms that keep tables of their own: what they tell is written in the transaction of the change that it tells of, and what
//! may be once in a while is taken in the transaction that does it.

use super::text::Quota;
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

/// What may be once in a while, asked on a connection inside a transaction, of either engine.
pub(crate) trait Quotas {
    /// Takes what the quota has, if it has something; it is taken once the transaction commits.
    async fn take(&mut self, quota: &Quota, now: Time) -> Result<bool, DbError>;
}

/// The same body for a connection of each engine.
macro_rules! quotas {
    ($connection:ty) => {
        impl Quotas for $connection {
            async fn take(&mut self, quota: &Quota, now: Time) -> Result<bool, DbError> {
                const SQL: &str = "insert into rate_limit_buckets (key, tat, at_us, burst, every_us, wanted, granted) \
                    values ($1, $2, $3, 1, $4, 1, 1) on conflict (key) do update set tat = excluded.tat, \
                    at_us = excluded.at_us where rate_limit_buckets.tat <= excluded.at_us";
                let now_us = now.timestamp_micros();
                let take = sqlx::query(SQL).bind(&quota.key).bind(now_us.saturating_add(quota.every_us)).bind(now_us);
                Ok(take.bind(quota.every_us).execute(&mut *self).await?.rows_affected() == 1)
            }
        }
    };
}

quotas!(sqlx::SqliteConnection);
quotas!(sqlx::PgConnection);
