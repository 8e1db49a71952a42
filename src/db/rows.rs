//! Multi-row statements: the hot tables are written in batches, one statement for up to 64 rows.
//!
//! A statement is a head (`insert into t (a, b)`), as many `($1, $2)` groups as there are rows, and a tail
//! (`on conflict … returning …`). Texts exist for 1, 2, 4 … 64 rows, so 37 rows are three statements (32 + 4 + 1)
//! and every text stays prepared.

use super::{DbError, LaneConnection};
use crate::base::Time;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Database, Row};
use std::fmt::Write as _;
use std::sync::Arc;

/// Most rows in one statement, and most units in one transaction.
pub const MOST_ROWS: usize = 64;

/// A value to bind. Its type is the column's, also when it is absent.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// `bigint`
    Int(Option<i64>),
    /// `text`
    Text(Option<&'a str>),
    /// `bytea` or `blob`
    Bytes(&'a [u8]),
    /// `timestamptz`, or text in SQLite
    Time(Option<Time>),
    /// `boolean`
    Bool(bool),
}

/// Kind of a returned column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// `bigint`
    Int,
    /// `text`
    Text,
    /// `bytea` or `blob`
    Bytes,
    /// `timestamptz`
    Time,
}

/// A returned row. Asking for a column that is not there, or of another kind, gives `None`.
#[derive(Clone, Debug, Default)]
pub struct Record(Vec<Returned>);

#[derive(Clone, Debug)]
enum Returned {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Time(Option<Time>),
}

impl Record {
    /// The integer of a column.
    #[must_use]
    pub fn int(&self, column: usize) -> Option<i64> {
        if let Some(Returned::Int(value)) = self.0.get(column) { *value } else { None }
    }

    /// The text of a column.
    #[must_use]
    pub fn text(&self, column: usize) -> Option<&str> {
        if let Some(Returned::Text(value)) = self.0.get(column) { value.as_deref() } else { None }
    }

    /// The bytes of a column.
    #[must_use]
    pub fn bytes(&self, column: usize) -> Option<&[u8]> {
        if let Some(Returned::Bytes(value)) = self.0.get(column) { value.as_deref() } else { None }
    }

    /// The instant of a column.
    #[must_use]
    pub fn time(&self, column: usize) -> Option<Time> {
        if let Some(Returned::Time(value)) = self.0.get(column) { *value } else { None }
    }
}

/// A multi-row statement.
#[derive(Clone, Debug)]
pub struct RowStatement {
    columns: usize,
    returning: Vec<Cell>,
    /// Row count and text, largest first.
    texts: Vec<(usize, Arc<str>)>,
}

impl RowStatement {
    /// `head` ends where `values` begins, `columns` is the number of values a row, `tail` follows the rows;
    /// `returning` tells the kinds of the columns that the tail returns.
    #[must_use]
    pub fn new(head: &str, columns: usize, tail: &str, returning: &[Cell]) -> Self {
        let sizes = std::iter::successors(Some(MOST_ROWS), |size| (*size > 1).then_some(size / 2));
        let texts = sizes.map(|rows| (rows, text(head, columns, rows, tail).into())).collect();
        Self { columns, returning: returning.to_vec(), texts }
    }
}

/// `head values ($1, $2), ($3, $4) tail`
fn text(head: &str, columns: usize, rows: usize, tail: &str) -> String {
    let mut sql = format!("{head} values ");
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let comma = if column == 0 { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(sql, "{comma}${}", row * columns + column + 1);
        }
        sql.push(')');
    }
    sql.push(' ');
    sql.push_str(tail);
    sql
}

impl LaneConnection {
    /// Runs a multi-row statement over `values` (row after row) and gives what it returns, in no promised order.
    ///
    /// # Errors
    /// [`DbError`]; whatever was begun on the connection has to be rolled back.
    pub async fn rows(&mut self, statement: &RowStatement, values: &[Value<'_>]) -> Result<Vec<Record>, DbError> {
        let mut records = Vec::new();
        let mut rest = values;
        for (rows, sql) in &statement.texts {
            while rest.len() >= rows * statement.columns {
                let (now, later) = rest.split_at(rows * statement.columns);
                self.run(sql, now, &statement.returning, &mut records).await?;
                rest = later;
            }
        }
        Ok(records)
    }

    /// Runs one statement without values: `begin`, `commit`, `rollback`.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn execute(&mut self, sql: &'static str) -> Result<(), DbError> {
        match self {
            Self::Sqlite(connection) => sqlx::query(sql).execute(connection).await.map(drop)?,
            Self::Postgres(connection) => sqlx::query(sql).execute(connection).await.map(drop)?,
        }
        Ok(())
    }

    async fn run(
        &mut self,
        sql: &Arc<str>,
        values: &[Value<'_>],
        returning: &[Cell],
        records: &mut Vec<Record>,
    ) -> Result<(), DbError> {
        let sql = AssertSqlSafe(Arc::clone(sql));
        match self {
            Self::Sqlite(connection) => {
                let query = bind_all::<sqlx::Sqlite>(sqlx::query(sql), values);
                if returning.is_empty() {
                    query.execute(connection).await?;
                    return Ok(());
                }
                for row in query.fetch_all(connection).await? {
                    records.push(read(&row, returning)?);
                }
            }
            Self::Postgres(connection) => {
                let query = bind_all::<sqlx::Postgres>(sqlx::query(sql), values);
                if returning.is_empty() {
                    query.execute(connection).await?;
                    return Ok(());
                }
                for row in query.fetch_all(connection).await? {
                    records.push(read(&row, returning)?);
                }
            }
        }
        Ok(())
    }
}

/// Binds every value in turn.
fn bind_all<'q, DB>(
    mut query: Query<'q, DB, <DB as Database>::Arguments>,
    values: &[Value<'_>],
) -> Query<'q, DB, <DB as Database>::Arguments>
where
    DB: Database,
    for<'v> Option<i64>: sqlx::Encode<'v, DB> + sqlx::Type<DB>,
    for<'v> Option<&'v str>: sqlx::Encode<'v, DB> + sqlx::Type<DB>,
    for<'v> &'v [u8]: sqlx::Encode<'v, DB> + sqlx::Type<DB>,
    for<'v> Option<Time>: sqlx::Encode<'v, DB> + sqlx::Type<DB>,
    for<'v> bool: sqlx::Encode<'v, DB> + sqlx::Type<DB>,
{
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

fn read<R>(row: &R, kinds: &[Cell]) -> Result<Record, sqlx::Error>
where
    R: Row,
    usize: sqlx::ColumnIndex<R>,
    for<'v> Option<i64>: sqlx::Decode<'v, R::Database> + sqlx::Type<R::Database>,
    for<'v> Option<String>: sqlx::Decode<'v, R::Database> + sqlx::Type<R::Database>,
    for<'v> Option<Vec<u8>>: sqlx::Decode<'v, R::Database> + sqlx::Type<R::Database>,
    for<'v> Option<Time>: sqlx::Decode<'v, R::Database> + sqlx::Type<R::Database>,
{
    let mut cells = Vec::with_capacity(kinds.len());
    for (column, kind) in kinds.iter().enumerate() {
        cells.push(match kind {
            Cell::Int => Returned::Int(row.try_get(column)?),
            Cell::Text => Returned::Text(row.try_get(column)?),
            Cell::Bytes => Returned::Bytes(row.try_get(column)?),
            Cell::Time => Returned::Time(row.try_get(column)?),
        });
    }
    Ok(Record(cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_numbers_its_places_row_after_row() {
        assert_eq!(
            text("insert into t (a, b)", 2, 2, "returning a"),
            "insert into t (a, b) values ($1, $2), ($3, $4) returning a"
        );
    }

    #[test]
    fn texts_come_largest_first() {
        let sizes: Vec<usize> = RowStatement::new("h", 1, "", &[]).texts.iter().map(|(rows, _)| *rows).collect();
        assert_eq!(sizes, [64, 32, 16, 8, 4, 2, 1]);
    }
}
