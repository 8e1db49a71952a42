//! Statements over `caller_entries`.

use crate::base::Time;
use crate::db::{Db, DbError, both, from_row, write_tx};

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) line: Option<String>,
    pub(super) number: String,
    pub(super) list: String,
    pub(super) note: String,
    pub(super) call_sid: Option<String>,
    pub(super) ends_at: Option<Time>,
    pub(super) made_by: String,
    pub(super) created_at: Time,
    pub(super) cancelled_at: Option<Time>,
}

from_row!(Row { id, line, number, list, note, call_sid, ends_at, made_by, created_at, cancelled_at });

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, line, number, list, note, call_sid, ends_at, made_by, created_at, cancelled_at from caller_entries ",
            $rest
        )
    };
}

/// Which entries. Absent means any.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    pub(super) line: Option<String>,
    pub(super) list: Option<String>,
    pub(super) number: Option<String>,
}

/// Writes a row, in the place of what was said of the same caller there; the same one again changes nothing.
pub(super) async fn insert(db: &Db, row: &Row) -> Result<(), DbError> {
    const SQL: &str = "insert into caller_entries (id, line, number, list, note, call_sid, ends_at, made_by, created_at, updated_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) on conflict (id) do nothing";
    const BEFORE: &str = "update caller_entries set cancelled_at = $1, updated_at = $1 where number = $2 \
        and coalesce(line, '') = $3 and cancelled_at is null and id <> $4";
    write_tx!(db, |tx| {
        let insert = sqlx::query(SQL).bind(&row.id).bind(&row.line).bind(&row.number).bind(&row.list).bind(&row.note);
        let insert = insert.bind(&row.call_sid).bind(row.ends_at).bind(&row.made_by).bind(row.created_at);
        if insert.execute(&mut *tx).await?.rows_affected() == 1 {
            let before = sqlx::query(BEFORE).bind(row.created_at).bind(&row.number);
            let before = before.bind(row.line.as_deref().unwrap_or_default()).bind(&row.id);
            before.execute(&mut *tx).await?;
        }
    });
    Ok(())
}

/// One row.
pub(super) async fn one(db: &Db, id: &str) -> Result<Option<Row>, DbError> {
    Ok(both!(db, |p| sqlx::query_as(columns!("where id = $1")).bind(id).fetch_optional(p).await)?)
}

/// Newest first.
pub(super) async fn list(
    db: &Db,
    filter: &Filter,
    before: Option<&(Time, String)>,
    limit: i64,
) -> Result<Vec<Row>, DbError> {
    const SQL: &str = columns!(
        "where ($1 is null or line = $1) and ($2 is null or list = $2) and ($3 is null or number = $3) \
         and ($4 is null or created_at < $4 or (created_at = $4 and id < $5)) \
         order by created_at desc, id desc limit $6"
    );
    let (at, id) = before.map(|(at, id)| (*at, id.as_str())).unzip();
    let query = both!(db, |p| sqlx::query_as(SQL)
        .bind(&filter.line)
        .bind(&filter.list)
        .bind(&filter.number)
        .bind(at)
        .bind(id)
        .bind(limit)
        .fetch_all(p)
        .await);
    Ok(query?)
}

/// Takes one back; what was taken back stays so.
pub(super) async fn cancel(db: &Db, id: &str, now: Time) -> Result<(), DbError> {
    const SQL: &str =
        "update caller_entries set cancelled_at = $2, updated_at = $2 where id = $1 and cancelled_at is null";
    write_tx!(db, |tx| {
        sqlx::query(SQL).bind(id).bind(now).execute(&mut *tx).await?;
    });
    Ok(())
}

/// Forgets what was over before `before`; says how many rows.
///
/// # Errors
/// [`DbError`].
pub async fn forget_callers(db: &Db, before: Time) -> Result<u64, DbError> {
    const OLD: &str = "select count(*) from caller_entries where coalesce(cancelled_at, ends_at) < $1";
    const SQL: &str = "delete from caller_entries where coalesce(cancelled_at, ends_at) < $1";
    // A look first: taking SQLite's write lock for nothing would keep callers waiting.
    let old: i64 = both!(db, |p| sqlx::query_scalar(OLD).bind(before).fetch_one(p).await)?;
    if old == 0 {
        return Ok(0);
    }
    Ok(write_tx!(db, |tx| { sqlx::query(SQL).bind(before).execute(&mut *tx).await?.rows_affected() }))
}
