//! What may be once in a while, asked within a transaction of another room.

use super::fact::Quota;
use crate::base::Time;
use crate::db::DbError;

/// A connection inside a transaction, of either engine.
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
