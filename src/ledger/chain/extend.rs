//! Giving numbers: after the commit, in small transactions of their own.

use super::link::Link;
use crate::base::Time;
use crate::db::{Db, DbError, both, write_tx};
use crate::ledger::from_row::from_row;

/// How far the chain reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the last row; 0 before the first.
    pub number: i64,
    /// Its hash.
    pub hash: String,
    /// When it was written.
    pub at: Time,
}

from_row!(Head { number, hash, at });

const HEAD: &str = "select number, hash, at from consent_chain where id = 1";

/// How far the chain reaches.
///
/// # Errors
/// [`DbError`].
pub async fn head(db: &Db) -> Result<Head, DbError> {
    Ok(both!(db, |p| sqlx::query_as::<_, Head>(HEAD).fetch_one(p).await)?)
}

/// Rows that have no number yet.
///
/// # Errors
/// [`DbError`].
pub async fn unchained(db: &Db) -> Result<i64, DbError> {
    const SQL: &str = "select count(*) from consents where chain_no is null";
    Ok(both!(db, |p| sqlx::query_scalar::<_, i64>(SQL).fetch_one(p).await)?)
}

/// Whether there is a row without a number.
///
/// # Errors
/// [`DbError`].
pub async fn waits(db: &Db) -> Result<bool, DbError> {
    const SQL: &str = "select count(*) from (select 1 from consents where chain_no is null limit 1) as waiting";
    Ok(both!(db, |p| sqlx::query_scalar::<_, i64>(SQL).fetch_one(p).await)? > 0)
}

/// Gives numbers to at most `limit` rows and says to how many. If two instances try at once, the one that moves the
/// head first wins, and the other does nothing.
///
/// # Errors
/// [`DbError`]; nothing has changed then.
pub async fn extend(db: &Db, now: Time, limit: i64) -> Result<u64, DbError> {
    const NEXT: &str = "select id, call_id, call_sid, at, scope, method, notice_version, given, event_id from consents \
        where chain_no is null order by call_id, id limit $1";
    const MOVE: &str = "update consent_chain set number = $1, hash = $2, at = $3 where id = 1 and number = $4";
    const PLACE: &str = "update consents set chain_no = $3, chained_at = $4, chain_hash = $5 \
        where call_id = $1 and id = $2 and chain_no is null";
    Ok(write_tx!(db, |tx| {
        let rows = sqlx::query_as::<_, Link>(NEXT).bind(limit).fetch_all(&mut *tx).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let head = sqlx::query_as::<_, Head>(HEAD).fetch_one(&mut *tx).await?;
        let linked = linked(&head, &rows, now);
        let Some((last, hash)) = linked.last() else { return Ok(0) };
        let moved = sqlx::query(MOVE).bind(last).bind(hash).bind(now).bind(head.number).execute(&mut *tx).await?;
        if moved.rows_affected() == 0 {
            return Ok(0);
        }
        for (row, (number, hash)) in rows.iter().zip(&linked) {
            let place = sqlx::query(PLACE).bind(row.call_id).bind(&row.id).bind(number).bind(now).bind(hash);
            if place.execute(&mut *tx).await?.rows_affected() == 0 {
                // Somebody took the row away meanwhile; leaving rolls back.
                return Ok(0);
            }
        }
        linked.len() as u64
    }))
}

/// Numbers and hashes of `rows` behind the head.
fn linked(head: &Head, rows: &[Link], now: Time) -> Vec<(i64, String)> {
    let mut before = head.hash.clone();
    let mut places = Vec::with_capacity(rows.len());
    for (number, row) in (head.number + 1..).zip(rows) {
        before = row.hash(&before, number, now);
        places.push((number, before.clone()));
    }
    places
}
