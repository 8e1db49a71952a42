//! Statements over `overrides`.

use crate::base::Time;
use crate::db::{Db, DbError, both, from_row, write_tx};

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) line: String,
    pub(super) state: String,
    pub(super) say: String,
    pub(super) starts_at: Time,
    pub(super) ends_at: Option<Time>,
    pub(super) source: String,
    pub(super) made_by: String,
    pub(super) created_at: Time,
    pub(super) cancelled_at: Option<Time>,
}

from_row!(Row { id, line, state, say, starts_at, ends_at, source, made_by, created_at, cancelled_at });

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, line, state, say, starts_at, ends_at, source, made_by, created_at, cancelled_at from overrides ",
            $rest
        )
    };
}

/// Writes a row; the same one again changes nothing.
pub(super) async fn insert(db: &Db, row: &Row) -> Result<(), DbError> {
    const SQL: &str = "insert into overrides (id, line, state, say, starts_at, ends_at, source, made_by, created_at, updated_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) on conflict (id) do nothing";
    write_tx!(db, |tx| {
        let insert = sqlx::query(SQL).bind(&row.id).bind(&row.line).bind(&row.state).bind(&row.say);
        let insert = insert.bind(row.starts_at).bind(row.ends_at).bind(&row.source).bind(&row.made_by);
        insert.bind(row.created_at).execute(&mut *tx).await?;
    });
    Ok(())
}

/// One row.
pub(super) async fn one(db: &Db, id: &str) -> Result<Option<Row>, DbError> {
    Ok(both!(db, |p| sqlx::query_as(columns!("where id = $1")).bind(id).fetch_optional(p).await)?)
}

/// Newest first, of one line or of all.
pub(super) async fn list(
    db: &Db,
    line: Option<&str>,
    before: Option<&(Time, String)>,
    limit: i64,
) -> Result<Vec<Row>, DbError> {
    const SQL: &str = columns!(
        "where ($1 is null or line = $1) and ($2 is null or created_at < $2 or (created_at = $2 and id < $3)) \
         order by created_at desc, id desc limit $4"
    );
    let (at, id) = before.map(|(at, id)| (*at, id.as_str())).unzip();
    Ok(both!(db, |p| sqlx::query_as(SQL).bind(line).bind(at).bind(id).bind(limit).fetch_all(p).await)?)
}

/// Takes one back; what was taken back stays so.
pub(super) async fn cancel(db: &Db, id: &str, now: Time) -> Result<(), DbError> {
    const SQL: &str = "update overrides set cancelled_at = $2, updated_at = $2 where id = $1 and cancelled_at is null";
    write_tx!(db, |tx| {
        sqlx::query(SQL).bind(id).bind(now).execute(&mut *tx).await?;
    });
    Ok(())
}

/// Forgets what ended before `before`; says how many rows.
///
/// # Errors
/// [`DbError`].
pub async fn forget_overrides(db: &Db, before: Time) -> Result<u64, DbError> {
    const SQL: &str = "delete from overrides where coalesce(cancelled_at, ends_at) < $1";
    let gone = write_tx!(db, |tx| { sqlx::query(SQL).bind(before).execute(&mut *tx).await?.rows_affected() });
    Ok(gone)
}
