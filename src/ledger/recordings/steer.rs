//! Recordings that run, as operators steer them; and consent that was taken back.

use super::row::{RecordingRow, recording};
use crate::base::Time;
use crate::db::{Db, DbError, both, write_tx};
use crate::ledger::read::CallRow;
use chrono::TimeDelta;

/// A conversation may last: the carrier's report should come first.
const RUNS: TimeDelta = TimeDelta::hours(4);

const FOUND: &str = "insert into recordings (recording_sid, call_id, call_sid, account_sid, line, kind, state, attempts, \
    next_at, legal_hold, found_at) values ($1, $2, $3, $4, $5, 'dial', 'expected', 0, $6, false, $7) \
    on conflict (recording_sid) do nothing";

/// Writes one down that nobody has told of yet, whatever engine `$tx` belongs to.
macro_rules! found {
    ($tx:ident, $sid:expr, $call:expr, $now:expr) => {{
        let found = sqlx::query(FOUND).bind($sid).bind($call.id).bind(&$call.call_sid).bind(&$call.account_sid);
        found.bind(&$call.line).bind($now + RUNS).bind($now).execute(&mut *$tx).await?;
    }};
}

/// Notes what an operator did to a recording of `call`: `recording`, `paused` or `stopped`.
///
/// # Errors
/// [`DbError`].
pub async fn steered(
    db: &Db,
    call: &CallRow,
    sid: &str,
    capture: &str,
    now: Time,
) -> Result<Option<RecordingRow>, DbError> {
    const SQL: &str = "update recordings set capture = $2 where recording_sid = $1";
    write_tx!(db, |tx| {
        found!(tx, sid, call, now);
        sqlx::query(SQL).bind(sid).bind(capture).execute(&mut *tx).await?;
    });
    recording(db, sid).await
}

/// Notes that consent was taken back at `at`, after these recordings of `call` had begun, and all that are known.
///
/// # Errors
/// [`DbError`].
pub async fn revoked(db: &Db, call: &CallRow, begun: &[String], at: Time) -> Result<(), DbError> {
    const MARK: &str = "update recordings set revoked_at = $2 where call_id = $1 and kind = 'dial' \
        and revoked_at is null and found_at <= $2";
    write_tx!(db, |tx| {
        for sid in begun {
            found!(tx, sid, call, at);
        }
        sqlx::query(MARK).bind(call.id).bind(at).execute(&mut *tx).await?;
    });
    Ok(())
}

/// Lets every instance know that a call must not be recorded any more. It is the first word that counts.
///
/// # Errors
/// [`DbError`].
pub async fn revoke(db: &Db, call_sid: &str, at: Time) -> Result<(), DbError> {
    const SQL: &str = "insert into revocations (call_sid, at) values ($1, $2) on conflict (call_sid) do nothing";
    write_tx!(db, |tx| {
        sqlx::query(SQL).bind(call_sid).bind(at).execute(&mut *tx).await?;
    });
    Ok(())
}

/// Forgets revocations of calls that cannot go on any more; says how many.
///
/// # Errors
/// [`DbError`].
pub async fn forget_revocations(db: &Db, before: Time) -> Result<u64, DbError> {
    const OLD: &str = "select count(*) from revocations where at < $1";
    const SQL: &str = "delete from revocations where at < $1";
    // A look first: taking SQLite's write lock for nothing would keep callers waiting.
    let old: i64 = both!(db, |p| sqlx::query_scalar(OLD).bind(before).fetch_one(p).await)?;
    if old == 0 {
        return Ok(0);
    }
    Ok(write_tx!(db, |tx| { sqlx::query(SQL).bind(before).execute(&mut *tx).await?.rows_affected() }))
}
