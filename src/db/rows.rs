//! Multi-row statements: the hot tables are written in batches, one statement for up to 64 rows.
//!
//! A statement is a head (`insert into t (a, b)`), as many `($1, $2)` groups as there are rows, and a tail
//! (`on conflict … returning …`). Texts exist for the sizes that batches mostly have, so 13 rows are one statement,
//! 37 are two (32 + 5), and every text stays prepared.

use crate::base::Time;
use std::fmt::Write as _;
use std::sync::Arc;

/// Most rows in one statement, and most units in one transaction.
pub const MOST_ROWS: usize = 64;

/// Rows that a text exists for, largest first.
const SIZES: [usize; 20] = [MOST_ROWS, 48, 32, 24, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

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
pub struct Record(pub(super) Vec<Returned>);

#[derive(Clone, Debug)]
pub(super) enum Returned {
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
    pub(super) columns: usize,
    pub(super) returning: Vec<Cell>,
    /// Row count and text, largest first.
    pub(super) texts: Vec<(usize, Arc<str>)>,
}

impl RowStatement {
    /// `head` ends where `values` begins, `columns` is the number of values a row, `tail` follows the rows;
    /// `returning` tells the kinds of the columns that the tail returns.
    #[must_use]
    pub fn new(head: &str, columns: usize, tail: &str, returning: &[Cell]) -> Self {
        let texts = SIZES.into_iter().map(|rows| (rows, text(head, columns, rows, tail).into())).collect();
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
        assert!(sizes.is_sorted_by(|a, b| a > b));
        assert_eq!((sizes.first(), sizes.last()), (Some(&MOST_ROWS), Some(&1)));
    }
}
