//! Multi-row statements: the hot tables are written in batches, one statement for up to 64 rows.
//!
//! A statement is a head (`insert into t (a, b)`), rows, and a tail (`on conflict … returning …`). For SQLite the rows are
//! as many `($1, $2)` groups; texts exist for the sizes that batches mostly have, so 13 rows are one statement, 37 are two
//! (32 + 5). For Postgres they are arrays, one a column, so that any number of rows is one statement and one way to the
//! server. Either way every text stays prepared.

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

/// Kind of a column.
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
    /// `boolean`; read as 0 or 1
    Bool,
}

impl Cell {
    /// Postgres' name of the type.
    const fn name(self) -> &'static str {
        match self {
            Self::Int => "bigint",
            Self::Text => "text",
            Self::Bytes => "bytea",
            Self::Time => "timestamptz",
            Self::Bool => "boolean",
        }
    }
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
    pub(super) kinds: Vec<Cell>,
    pub(super) returning: Vec<Cell>,
    /// SQLite's: row count and text, largest first.
    pub(super) texts: Vec<(usize, Arc<str>)>,
    /// Postgres': any number of rows, a column each an array.
    pub(super) of_arrays: Arc<str>,
    head: String,
    tail: String,
}

impl RowStatement {
    /// `head` ends where the rows begin, `kinds` are those of the values of a row, `tail` follows the rows;
    /// `returning` tells the kinds of the columns that the tail returns.
    #[must_use]
    pub fn new(head: &str, kinds: &[Cell], tail: &str, returning: &[Cell]) -> Self {
        let texts = SIZES.into_iter().map(|rows| (rows, text(head, kinds.len(), rows, tail).into())).collect();
        Self {
            kinds: kinds.to_vec(),
            returning: returning.to_vec(),
            texts,
            of_arrays: of_arrays(head, kinds, tail, 0).into(),
            head: head.to_owned(),
            tail: tail.to_owned(),
        }
    }
}

/// Multi-row statements that do not look at each other and return nothing. Postgres runs them as one, each but the last
/// in a `with`; SQLite, where a statement costs no way to a server, one after the other.
#[derive(Clone, Debug)]
pub struct RowGroup {
    pub(super) members: Vec<RowStatement>,
    pub(super) of_arrays: Arc<str>,
}

impl RowGroup {
    /// The members in the order in which their values will be given.
    #[must_use]
    pub fn new(members: Vec<RowStatement>) -> Self {
        let mut sql = String::new();
        let mut places = 0;
        for (place, member) in members.iter().enumerate() {
            let text = of_arrays(&member.head, &member.kinds, &member.tail, places);
            places += member.kinds.len();
            // Writing to a String cannot fail.
            let _ = match (place, place + 1 == members.len()) {
                (_, true) => write!(sql, " {text}"),
                (0, false) => write!(sql, "with part0 as ({text})"),
                (_, false) => write!(sql, ", part{place} as ({text})"),
            };
        }
        Self { members, of_arrays: sql.into() }
    }
}

/// `head select * from unnest($1::bigint[], $2::text[]) tail`; `before` places are taken by others.
fn of_arrays(head: &str, kinds: &[Cell], tail: &str, before: usize) -> String {
    let arrays = kinds.iter().enumerate().map(|(column, kind)| format!("${}::{}[]", before + column + 1, kind.name()));
    format!("{head} select * from unnest({}) {tail}", arrays.collect::<Vec<_>>().join(", "))
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
    fn arrays_hold_any_number_of_rows_and_a_group_numbers_its_places_through() {
        let statement = |table: &str| {
            RowStatement::new(
                &format!("insert into {table} (a, b)"),
                &[Cell::Int, Cell::Text],
                "on conflict do nothing",
                &[],
            )
        };
        assert_eq!(
            &*statement("t").of_arrays,
            "insert into t (a, b) select * from unnest($1::bigint[], $2::text[]) on conflict do nothing"
        );
        assert_eq!(
            &*RowGroup::new(vec![statement("t"), statement("u"), statement("v")]).of_arrays,
            "with part0 as (insert into t (a, b) select * from unnest($1::bigint[], $2::text[]) on conflict do nothing), \
             part1 as (insert into u (a, b) select * from unnest($3::bigint[], $4::text[]) on conflict do nothing) \
             insert into v (a, b) select * from unnest($5::bigint[], $6::text[]) on conflict do nothing"
        );
    }

    #[test]
    fn texts_come_largest_first() {
        let sizes: Vec<usize> =
            RowStatement::new("h", &[Cell::Int], "", &[]).texts.iter().map(|(rows, _)| *rows).collect();
        assert!(sizes.is_sorted_by(|a, b| a > b));
        assert_eq!((sizes.first(), sizes.last()), (Some(&MOST_ROWS), Some(&1)));
    }
}
