//! A connection that belongs to one lane of the ledger, and its two drivers.
//!
//! SQLite's is rusqlite's, used on the lane's own thread: sqlx runs every statement on a thread of its own, and two
//! thread switches a statement added up to a quarter of a webhook's processor time when the two were measured in turn.

use super::DbError;
use super::rows::{Cell, Record, Returned, RowGroup, RowStatement, Value};
use crate::base::Time;
use chrono::{Datelike, SecondsFormat, Timelike};
use rusqlite::ToSql;
use rusqlite::types::{Null, ToSqlOutput, ValueRef};
use sqlx::postgres::{PgConnection, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Database, Row, SqlSafeStr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Longer than any statement of ours should take; a caller waits far less (the gate's deadline).
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection of a lane's own. Not `Sync`: it stays on the lane's thread.
#[derive(Debug)]
pub struct LaneConnection {
    engine: Engine,
    /// Statements run so far.
    statements: u64,
}

#[derive(Debug)]
enum Engine {
    Sqlite(SqliteLane),
    Postgres(PgConnection),
}

/// SQLite's writer.
#[derive(Debug)]
struct SqliteLane {
    connection: rusqlite::Connection,
    /// Set by whoever moves the log into the file and finds that it never ends.
    log_is_large: Arc<AtomicBool>,
}

/// How long the log's readers may keep it from beginning anew; another time will do.
const READER_PATIENCE: Duration = Duration::from_millis(10);

impl LaneConnection {
    /// A writer that leaves checkpoints to another connection, so that no caller waits for one.
    pub(super) fn open_sqlite(path: &Path, log_is_large: &Arc<AtomicBool>) -> Result<Self, DbError> {
        let connection = rusqlite::Connection::open(path)?;
        connection.busy_timeout(STATEMENT_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        // A multi-row upsert keeps a journal of its own statement: in memory, not in a file made and unlinked each time.
        connection.pragma_update(None, "temp_store", "memory")?;
        // KiB when negative: the upper levels of the random-key indexes stay in reach.
        connection.pragma_update(None, "cache_size", -8192)?;
        // What a busy hour left behind is given back once the log begins anew.
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        connection.set_prepared_statement_cache_capacity(256);
        let engine = Engine::Sqlite(SqliteLane { connection, log_is_large: Arc::clone(log_is_large) });
        Ok(Self { engine, statements: 0 })
    }

    pub(super) const fn of_postgres(connection: PgConnection) -> Self {
        Self { engine: Engine::Postgres(connection), statements: 0 }
    }

    /// Statements run so far.
    #[must_use]
    pub const fn statements(&self) -> u64 {
        self.statements
    }

    /// Begins a transaction; SQLite takes the write lock at once.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin(&mut self) -> Result<(), DbError> {
        let sql = match self.engine {
            Engine::Sqlite(_) => "begin immediate",
            Engine::Postgres(_) => "begin",
        };
        self.fetch(sql, &[], &[]).await.map(drop)
    }

    /// Lets SQLite's write-ahead log begin anew, if it has been found large. Between two commits, by the writer itself:
    /// anybody else would have to wait for a pause that a busy writer never makes, or make it wait.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn tend(&mut self) -> Result<(), DbError> {
        let Engine::Sqlite(lane) = &self.engine else { return Ok(()) };
        if lane.log_is_large.swap(false, Ordering::Acquire) {
            lane.connection.busy_timeout(READER_PATIENCE)?;
            lane.connection.query_row("pragma wal_checkpoint(restart)", [], |_| Ok(()))?;
            lane.connection.busy_timeout(STATEMENT_TIMEOUT)?;
        }
        Ok(())
    }

    /// Runs a multi-row statement over `values` (row after row) and gives what it returns, in no promised order.
    ///
    /// # Errors
    /// [`DbError`]; whatever was begun on the connection has to be rolled back.
    pub async fn rows(&mut self, statement: &RowStatement, values: &[Value<'_>]) -> Result<Vec<Record>, DbError> {
        let mut records = Vec::new();
        if values.is_empty() {
            return Ok(records);
        }
        match &mut self.engine {
            Engine::Sqlite(lane) => {
                let mut rest = values;
                for (rows, sql) in &statement.texts {
                    while let Some((now, later)) = rest.split_at_checked(rows * statement.kinds.len()) {
                        self.statements += 1;
                        run_sqlite(&lane.connection, sql, now, &statement.returning, &mut records)?;
                        rest = later;
                    }
                }
            }
            Engine::Postgres(connection) => {
                self.statements += 1;
                let query = bind_columns(built(&statement.of_arrays), &statement.kinds, values);
                run_postgres(connection, query, &statement.returning, &mut records).await?;
            }
        }
        Ok(records)
    }

    /// Runs the statements of a group, each over its own values.
    ///
    /// # Errors
    /// [`DbError`]; whatever was begun on the connection has to be rolled back.
    pub async fn group(&mut self, group: &RowGroup, values: &[Vec<Value<'_>>]) -> Result<(), DbError> {
        let pairs = group.members.iter().zip(values);
        if let Engine::Postgres(connection) = &mut self.engine {
            if values.iter().any(|values| !values.is_empty()) {
                self.statements += 1;
                let bind = |query, (member, values): (&RowStatement, &Vec<Value<'_>>)| {
                    bind_columns(query, &member.kinds, values)
                };
                run_postgres(connection, pairs.fold(built(&group.of_arrays), bind), &[], &mut Vec::new()).await?;
            }
            return Ok(());
        }
        for (member, values) in pairs {
            self.rows(member, values).await?;
        }
        Ok(())
    }

    /// Runs one statement and gives what it returns; an empty `returning` for one that returns nothing.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn fetch(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        returning: &[Cell],
    ) -> Result<Vec<Record>, DbError> {
        let mut records = Vec::new();
        self.statements += 1;
        match &mut self.engine {
            Engine::Sqlite(lane) => run_sqlite(&lane.connection, sql, values, returning, &mut records)?,
            Engine::Postgres(connection) => {
                run_postgres(connection, bind_all(sqlx::query(sql), values), returning, &mut records).await?;
            }
        }
        Ok(records)
    }
}

/// `$1`, `$2` … are numbered by SQLite in the order in which they first appear, which is ours too.
fn run_sqlite(
    connection: &rusqlite::Connection,
    sql: &str,
    values: &[Value<'_>],
    returning: &[Cell],
    records: &mut Vec<Record>,
) -> Result<(), DbError> {
    let mut statement = connection.prepare_cached(sql)?;
    for (place, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(place + 1, value)?;
    }
    if returning.is_empty() {
        statement.raw_execute()?;
        return Ok(());
    }
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let cells = returning.iter().enumerate().map(|(column, kind)| read_sqlite(row.get_ref(column)?, *kind));
        records.push(Record(cells.collect::<Result<_, DbError>>()?));
    }
    Ok(())
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Int(Some(number)) => (*number).into(),
            Self::Text(Some(text)) => (*text).into(),
            Self::Bytes(bytes) => (*bytes).into(),
            Self::Time(Some(at)) => as_text(*at).into(),
            Self::Bool(flag) => (*flag).into(),
            Self::Int(None) | Self::Text(None) | Self::Time(None) => Null.into(),
        })
    }
}

/// As sqlx writes it, so that text order is time order in every table: `2026-11-20T12:00:00.123456+00:00`, the
/// fraction left out when there is none, three digits when three will do. Written by hand because a webhook has six.
fn as_text(at: Time) -> String {
    let mut text = String::with_capacity(32);
    let (date, time) = (at.date_naive(), at.time());
    let Ok(year) = u32::try_from(date.year()) else { return at.to_rfc3339_opts(SecondsFormat::AutoSi, false) };
    let whole = [(year, 4, '-'), (date.month(), 2, '-'), (date.day(), 2, 'T')];
    let clock = [(time.hour(), 2, ':'), (time.minute(), 2, ':'), (time.second(), 2, '.')];
    for (number, digits, then) in whole.into_iter().chain(clock) {
        push_digits(&mut text, number, digits);
        text.push(then);
    }
    match time.nanosecond() {
        0 => drop(text.pop()),
        nanos if nanos % 1_000_000 == 0 => push_digits(&mut text, nanos / 1_000_000, 3),
        nanos if nanos % 1000 == 0 => push_digits(&mut text, nanos / 1000, 6),
        nanos => push_digits(&mut text, nanos, 9),
    }
    text.push_str("+00:00");
    text
}

fn push_digits(text: &mut String, number: u32, digits: u32) {
    for place in (0..digits).rev() {
        let digit = (number / 10u32.pow(place)) % 10;
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

fn read_sqlite(value: ValueRef<'_>, kind: Cell) -> Result<Returned, DbError> {
    let text = || value.as_str_or_null().map_err(|error| DbError::Refused(error.into()));
    Ok(match kind {
        Cell::Int | Cell::Bool => {
            Returned::Int(value.as_i64_or_null().map_err(|error| DbError::Refused(error.into()))?)
        }
        Cell::Text => Returned::Text(text()?.map(str::to_owned)),
        Cell::Bytes => {
            let bytes = value.as_bytes_or_null().map_err(|error| DbError::Refused(error.into()))?;
            Returned::Bytes(bytes.map(<[u8]>::to_vec))
        }
        Cell::Time => {
            let at =
                text()?.map(|text| text.parse::<Time>()).transpose().map_err(|error| DbError::Refused(error.into()))?;
            Returned::Time(at)
        }
    })
}

type PgQuery<'q> = Query<'q, Postgres, <Postgres as Database>::Arguments>;

/// A text that was built at the start, of nothing but our own words.
fn built(sql: &Arc<str>) -> PgQuery<'static> {
    sqlx::query(AssertSqlSafe(Arc::clone(sql)).into_sql_str())
}

async fn run_postgres(
    connection: &mut PgConnection,
    query: PgQuery<'_>,
    returning: &[Cell],
    records: &mut Vec<Record>,
) -> Result<(), DbError> {
    if returning.is_empty() {
        query.execute(connection).await?;
        return Ok(());
    }
    for row in query.fetch_all(connection).await? {
        records.push(read_postgres(&row, returning)?);
    }
    Ok(())
}

/// Rows turned into columns, each an array. A value of another kind than its column's would be a mistake of ours and
/// becomes null.
fn bind_columns<'q>(mut query: PgQuery<'q>, kinds: &[Cell], values: &[Value<'_>]) -> PgQuery<'q> {
    for (place, kind) in kinds.iter().enumerate() {
        let column = values.iter().skip(place).step_by(kinds.len());
        query = match kind {
            Cell::Int => query.bind(column.map(|v| if let Value::Int(v) = v { *v } else { None }).collect::<Vec<_>>()),
            Cell::Text => {
                query.bind(column.map(|v| if let Value::Text(v) = v { *v } else { None }).collect::<Vec<_>>())
            }
            Cell::Time => {
                query.bind(column.map(|v| if let Value::Time(v) = v { *v } else { None }).collect::<Vec<_>>())
            }
            Cell::Bytes => {
                query.bind(column.map(|v| if let Value::Bytes(v) = v { Some(*v) } else { None }).collect::<Vec<_>>())
            }
            Cell::Bool => {
                query.bind(column.map(|v| if let Value::Bool(v) = v { Some(*v) } else { None }).collect::<Vec<_>>())
            }
        };
    }
    query
}

fn bind_all<'q>(mut query: PgQuery<'q>, values: &[Value<'_>]) -> PgQuery<'q> {
    for value in values {
        query = match value {
            Value::Int(value) => query.bind(*value),
            Value::Text(value) => query.bind(*value),
            Value::Bytes(value) => query.bind(*value),
            Value::Time(value) => query.bind(*value),
            Value::Bool(value) => query.bind(*value),
        };
    }
    query
}

fn read_postgres(row: &PgRow, kinds: &[Cell]) -> Result<Record, DbError> {
    let cells = kinds.iter().enumerate().map(|(column, kind)| {
        Ok(match kind {
            Cell::Int => Returned::Int(row.try_get(column)?),
            Cell::Text => Returned::Text(row.try_get(column)?),
            Cell::Bytes => Returned::Bytes(row.try_get(column)?),
            Cell::Time => Returned::Time(row.try_get(column)?),
            Cell::Bool => Returned::Int(row.try_get::<Option<bool>, _>(column)?.map(i64::from)),
        })
    });
    Ok(Record(cells.collect::<Result<_, DbError>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_are_written_as_the_other_driver_writes_them(seconds in 0i64..4_000_000_000, nanos in 0u32..1_000_000_000, coarse in 0u32..4) {
            let unit = [1, 1000, 1_000_000, 1_000_000_000][coarse as usize];
            let at = Time::from_timestamp(seconds, nanos / unit * unit).unwrap();
            prop_assert_eq!(as_text(at), at.to_rfc3339_opts(SecondsFormat::AutoSi, false));
        }
    }
}
