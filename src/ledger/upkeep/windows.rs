//! Limits beside the hot path: the last word on what a limit refused, and buckets that say nothing any more.

use crate::base::Time;
use crate::db::{Db, DbError, both, write_tx};
use crate::ledger::handle::Ledger;
use crate::ledger::limits::WINDOW_US;
use crate::ledger::outbox::{LIMIT_VIOLATED, violation_id};
use chrono::TimeDelta;
use serde_json::Value;

/// Buckets in one slice.
const BUCKETS: i64 = 500;
/// Windows in one slice, a transaction each.
const WINDOWS: i64 = 20;
/// A lane that knows a limit to refuse does not touch its bucket: what it has in its hands is let in first.
const GRACE_US: i64 = 2_000_000;

impl Ledger {
    /// One slice: says how many calls each limit refused whose window is over, and removes buckets that a new one
    /// would equal. A worker calls it until it says 0.
    ///
    /// # Errors
    /// [`DbError`]; the rest is done another time.
    pub async fn tend_limits(db: &Db, now: Time) -> Result<u64, DbError> {
        const OVER: &str = "select key, refusing_since from rate_limit_buckets where refusing_since <= $1 \
            order by refusing_since limit $2";
        let now_us = now.timestamp_micros();
        let before = now_us - WINDOW_US - GRACE_US;
        let over: Vec<(String, i64)> =
            both!(db, |p| sqlx::query_as(OVER).bind(before).bind(WINDOWS).fetch_all(p).await)?;
        let mut done = 0;
        for (key, since_us) in over {
            done += close(db, &key, since_us, now).await?;
        }
        Ok(done + remove(db, now_us).await?)
    }
}

/// Ends a window and tells of it, unless another instance just did.
async fn close(db: &Db, key: &str, since_us: i64, now: Time) -> Result<u64, DbError> {
    const CLOSE: &str = "update rate_limit_buckets set refusing_since = null where key = $1 and refusing_since = $2";
    const SUM: &str =
        "select cast(coalesce(sum(count), 0) as bigint) from rate_limit_rejections where at >= $1 and key = $2";
    const FIRST: &str = "select line, subject, payload from events where id = $1";
    const TELL: &str = "insert into events (id, type, line, subject, payload, at) values ($1, $2, $3, $4, $5, $6) \
        on conflict (id) do nothing";
    let since = Time::from_timestamp_micros(since_us).unwrap_or_default();
    Ok(write_tx!(db, |tx| {
        let closed = sqlx::query(CLOSE).bind(key).bind(since_us).execute(&mut *tx).await?.rows_affected();
        let first: Option<(Option<String>, String, String)> =
            sqlx::query_as(FIRST).bind(violation_id(key, since_us, "first")).fetch_optional(&mut *tx).await?;
        // Without a first word nobody was refused: another limit refused all that this one had no room for.
        if closed > 0
            && let Some((line, subject, payload)) = first
        {
            let count: i64 = sqlx::query_scalar(SUM).bind(since).bind(key).fetch_one(&mut *tx).await?;
            sqlx::query(TELL)
                .bind(violation_id(key, since_us, "last"))
                .bind(LIMIT_VIOLATED)
                .bind(line)
                .bind(subject)
                .bind(summed_up(&payload, count))
                .bind(now.min(since + TimeDelta::microseconds(WINDOW_US)))
                .execute(&mut *tx)
                .await?;
        }
        closed
    }))
}

/// The first word with another count.
fn summed_up(payload: &str, count: i64) -> String {
    let mut data: Value = serde_json::from_str(payload).unwrap_or_default();
    if let Some(fields) = data.as_object_mut() {
        fields.insert("count".to_owned(), count.into());
    }
    data.to_string()
}

/// Removes buckets that have filled up again. A look comes first: an idle house takes no write lock for it. Lanes lock
/// rows in order of their keys; on Postgres whatever one of them holds now is left to another time.
async fn remove(db: &Db, now_us: i64) -> Result<u64, DbError> {
    const LOOK: &str = "select key from rate_limit_buckets where tat < $1 and refusing_since is null limit 1";
    const REMOVE: &str = "delete from rate_limit_buckets where key in (select key from rate_limit_buckets \
        where tat < $1 and refusing_since is null limit $2)";
    const REMOVE_SHARED: &str = "delete from rate_limit_buckets where key in (select key from rate_limit_buckets \
        where tat < $1 and refusing_since is null limit $2 for update skip locked)";
    let found: Option<String> = both!(db, |p| sqlx::query_scalar(LOOK).bind(now_us).fetch_optional(p).await)?;
    if found.is_none() {
        return Ok(0);
    }
    let sql = if db.is_shared() { REMOVE_SHARED } else { REMOVE };
    Ok(write_tx!(db, |tx| { sqlx::query(sql).bind(now_us).bind(BUCKETS).execute(&mut *tx).await?.rows_affected() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_the_first_with_the_count_of_all() {
        assert_eq!(summed_up(r#"{"count":1,"rule":"caller"}"#, 14), r#"{"count":14,"rule":"caller"}"#);
    }
}
