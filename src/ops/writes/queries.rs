//! The table `api_writes`.

use super::answer::Answer;
use crate::base::{Time, WriteKey};
use crate::db::{Db, DbError, both, write_tx};
use axum::body::Bytes;
use chrono::TimeDelta;

/// A write runs at most this long before another attempt may take it over.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// One attempt at a write.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    pub key: &'a WriteKey,
    /// SHA-256 of method, target and body.
    pub request: [u8; 32],
    /// Unlike any other attempt's.
    pub owner: String,
}

/// Whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// This attempt runs.
    Mine,
    /// It has run.
    Done(Answer),
    /// Another attempt is at it.
    Running,
    /// The key was used for another request.
    Other,
}

type Row = (String, Vec<u8>, Option<i64>, Option<String>, Option<Vec<u8>>);

/// Claims a write, or tells what became of it. A lease that is over is taken over; a kept answer whose day is over counts
/// as never given.
pub(super) async fn claim(db: &Db, attempt: &Attempt<'_>, now: Time) -> Result<Claim, DbError> {
    const EXPIRED: &str = "delete from api_writes where scope = $1 and key = $2 and created_at < $3";
    const SQL: &str = "insert into api_writes (scope, key, request, state, owner, lease_until, created_at) \
        values ($1, $2, $3, 'running', $4, $5, $6) on conflict (scope, key) do update set \
        owner = case when api_writes.state = 'running' and api_writes.lease_until <= excluded.created_at \
            and api_writes.request = excluded.request then excluded.owner else api_writes.owner end, \
        lease_until = case when api_writes.state = 'running' and api_writes.lease_until <= excluded.created_at \
            and api_writes.request = excluded.request then excluded.lease_until else api_writes.lease_until end \
        returning owner, request, status, headers, body";
    let WriteKey { scope, key } = attempt.key;
    let (owner, request, status, headers, body) = write_tx!(db, |tx| {
        sqlx::query(EXPIRED).bind(scope).bind(key).bind(now - KEPT).execute(&mut *tx).await?;
        let claim = sqlx::query_as::<_, Row>(SQL).bind(scope).bind(key).bind(attempt.request.as_slice());
        claim.bind(&attempt.owner).bind(now + LEASE).bind(now).fetch_one(&mut *tx).await?
    });
    let headers = headers.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    Ok(match status.and_then(|status| u16::try_from(status).ok()) {
        _ if request != attempt.request => Claim::Other,
        Some(status) => Claim::Done(Answer { status, headers, body: Bytes::from(body.unwrap_or_default()) }),
        None if owner == attempt.owner => Claim::Mine,
        None => Claim::Running,
    })
}

/// Keeps the answer of an attempt; `false` when another attempt has taken the write over meanwhile.
pub(super) async fn finish(db: &Db, attempt: &Attempt<'_>, answer: &Answer) -> Result<bool, DbError> {
    const SQL: &str = "update api_writes set state = 'done', status = $4, headers = $5, body = $6 \
        where scope = $1 and key = $2 and owner = $3 and state = 'running'";
    let headers = serde_json::to_string(&answer.headers).unwrap_or_default();
    Ok(write_tx!(db, |tx| {
        let update = sqlx::query(SQL).bind(&attempt.key.scope).bind(&attempt.key.key).bind(&attempt.owner);
        let update = update.bind(i64::from(answer.status)).bind(headers).bind(answer.body.as_ref());
        update.execute(&mut *tx).await?.rows_affected() == 1
    }))
}

/// Lets go of a write that did not come to a final answer, so that the next attempt runs at once.
pub(super) async fn let_go(db: &Db, attempt: &Attempt<'_>) -> Result<(), DbError> {
    const SQL: &str = "delete from api_writes where scope = $1 and key = $2 and owner = $3 and state = 'running'";
    write_tx!(db, |tx| {
        let delete = sqlx::query(SQL).bind(&attempt.key.scope).bind(&attempt.key.key).bind(&attempt.owner);
        delete.execute(&mut *tx).await?;
    });
    Ok(())
}

/// Removes a slice of answers whose day is over, and says how many went.
///
/// # Errors
/// [`DbError`].
pub async fn forget_writes(db: &Db, now: Time) -> Result<u64, DbError> {
    const SLICE: i64 = 100;
    const OLD: &str = "select count(*) from api_writes where created_at < $1";
    const SQL: &str = "delete from api_writes where (scope, key) in \
        (select scope, key from api_writes where created_at < $1 order by created_at limit $2)";
    // A look first: taking SQLite's write lock for nothing would keep callers waiting.
    let old: i64 = both!(db, |p| sqlx::query_scalar(OLD).bind(now - KEPT).fetch_one(p).await)?;
    if old == 0 {
        return Ok(0);
    }
    Ok(write_tx!(db, |tx| { sqlx::query(SQL).bind(now - KEPT).bind(SLICE).execute(&mut *tx).await?.rows_affected() }))
}
