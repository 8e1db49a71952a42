//! The nine views of migration 8 as tables to read: their columns here, what they say there and in docs/OPERATIONS.md.

use crate::base::Time;
use crate::db::{Db, DbError, both};
use Kind::{Day, Free, Int, Number, Person, Real, Text};
use chrono::NaiveDate;
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Row, Type};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word, name or id of ours or the carrier's.
    Text,
    /// A telephone number as the carrier sent it.
    Number,
    /// The name of a caller.
    Person,
    /// Text in which a telephone number may stand.
    Free,
    /// A whole number.
    Int,
    /// A number with decimals.
    Real,
    /// An instant.
    Time,
    /// A day, UTC.
    Day,
}

/// One view.
#[derive(Debug)]
pub struct View {
    /// As in SQL.
    pub name: &'static str,
    /// What its rows are.
    pub about: &'static str,
    /// Its columns, in order.
    pub columns: &'static [(&'static str, Kind)],
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// Nothing there.
    Null,
    /// Any text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number with decimals.
    Real(f64),
    /// An instant.
    Time(Time),
    /// A day, UTC.
    Day(NaiveDate),
}

/// All nine.
pub const VIEWS: [View; 9] = [
    View {
        name: "active_calls",
        about: "Calls that have not ended, newest first. Legs that a call dialled belong to it. A call of more than a day has lost its last callback and is not shown.",
        columns: &[
            ("call_sid", Text),
            ("line", Text),
            ("direction", Text),
            ("from_number", Number),
            ("to_number", Number),
            ("caller_name", Person),
            ("state", Text),
            ("outcome", Text),
            ("started_at", Kind::Time),
            ("answered_at", Kind::Time),
            ("updated_at", Kind::Time),
            ("duration_s", Int),
        ],
    },
    View {
        name: "call_volume_hourly",
        about: "Calls by hour and line, newest hour first; an hour without a call has no row. Sum over lines for the whole house.",
        columns: &[
            ("hour", Kind::Time),
            ("line", Text),
            ("calls", Int),
            ("answered", Int),
            ("voicemail", Int),
            ("emergency", Int),
            ("abandoned", Int),
            ("rejected", Int),
            ("active", Int),
            ("average_duration_s", Real),
        ],
    },
    View {
        name: "recent_errors",
        about: "What went wrong in the last seven days, newest first. No secrets, numbers masked.",
        columns: &[("at", Kind::Time), ("kind", Text), ("message", Free), ("call_sid", Text)],
    },
    View {
        name: "rate_limit_violations",
        about: "Who was turned away by a limit, newest first, summed up: one row a second and rule. Requests that were not signed, or wrongly, are not here: they meet no limit until there are too many of them.",
        columns: &[("at", Kind::Time), ("rule", Text), ("key", Free), ("refused", Int)],
    },
    View {
        name: "failed_transactions",
        about: "Work at the carrier that failed: taken back, or still to be undone. What an operator took back has not failed. What needs a hand comes first.",
        columns: &[
            ("id", Text),
            ("kind", Text),
            ("state", Text),
            ("subject", Free),
            ("line", Text),
            ("failed_step", Text),
            ("error", Free),
            ("requested_by", Free),
            ("created_at", Kind::Time),
            ("updated_at", Kind::Time),
            ("finished_at", Kind::Time),
        ],
    },
    View {
        name: "number_provisioning_status",
        about: "Where each number stands on its way to us, newest first: one row a transaction that buys, ports or onboards.",
        columns: &[
            ("transaction_id", Text),
            ("kind", Text),
            ("state", Text),
            ("phone_number", Number),
            ("line", Text),
            ("number_sid", Text),
            ("step", Text),
            ("steps_done", Int),
            ("steps", Int),
            ("error", Free),
            ("monthly_price", Text),
            ("currency", Text),
            ("requested_by", Free),
            ("created_at", Kind::Time),
            ("updated_at", Kind::Time),
        ],
    },
    View {
        name: "voicemail_backlog",
        about: "Messages that nobody has played or marked yet, oldest first.",
        columns: &[
            ("id", Text),
            ("call_sid", Text),
            ("line", Text),
            ("mailbox", Text),
            ("from_number", Number),
            ("recording_sid", Text),
            ("duration_s", Int),
            ("transcript_state", Text),
            ("received_at", Kind::Time),
            ("hours_old", Real),
        ],
    },
    View {
        name: "call_success_metrics",
        about: "How the calls of the last 24 hours went: one row for the whole house. A call succeeds when its caller reached somebody or the mailbox.",
        columns: &[
            ("calls", Int),
            ("ended", Int),
            ("answered", Int),
            ("voicemail", Int),
            ("emergency", Int),
            ("abandoned", Int),
            ("rejected", Int),
            ("failed", Int),
            ("success_percent", Real),
            ("average_duration_s", Real),
            ("longest_duration_s", Int),
        ],
    },
    View {
        name: "consent_metrics",
        about: "Who agreed to be recorded, by day and scope, newest day first.",
        columns: &[
            ("day", Day),
            ("scope", Text),
            ("given", Int),
            ("refused", Int),
            ("given_percent", Real),
            ("calls", Int),
        ],
    },
];

impl View {
    /// The view of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        const ALL: &[View; 9] = &VIEWS;
        ALL.iter().find(|view| view.name == name)
    }

    /// At most `limit` rows, in the view's own order; each has a value for each column.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn read(&self, db: &Db, limit: i64) -> Result<Vec<Vec<Datum>>, DbError> {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        // Names of this file only.
        let sql = AssertSqlSafe(format!("select {} from {} limit $1", names.join(", "), self.name));
        both!(db, |p| {
            let rows = sqlx::query(sql).bind(limit).fetch_all(p).await?;
            rows.iter().map(|row| self.data(row)).collect()
        })
    }

    fn data<'r, R: Row>(&self, row: &'r R) -> Result<Vec<Datum>, DbError>
    where
        usize: ColumnIndex<R>,
        String: Decode<'r, R::Database> + Type<R::Database>,
        i64: Decode<'r, R::Database> + Type<R::Database>,
        f64: Decode<'r, R::Database> + Type<R::Database>,
        Time: Decode<'r, R::Database> + Type<R::Database>,
        NaiveDate: Decode<'r, R::Database> + Type<R::Database>,
    {
        let datum = |(place, (_, kind)): (usize, &(&str, Kind))| {
            Ok(match kind {
                Text | Number | Person | Free => row.try_get::<Option<_>, _>(place)?.map(Datum::Text),
                Int => row.try_get::<Option<_>, _>(place)?.map(Datum::Int),
                Real => row.try_get::<Option<_>, _>(place)?.map(Datum::Real),
                Kind::Time => row.try_get::<Option<_>, _>(place)?.map(Datum::Time),
                Day => row.try_get::<Option<_>, _>(place)?.map(Datum::Day),
            }
            .unwrap_or(Datum::Null))
        };
        self.columns.iter().enumerate().map(datum).collect::<Result<_, sqlx::Error>>().map_err(DbError::from)
    }
}
