//! A view as JSON and as CSV, with the columns in their order.

use super::csv::{as_text, push_record};
use super::shown::{number, sees_all, text};
use crate::base::rfc3339_ms;
use crate::ledger::views::{Datum, Kind, VIEWS, View};
use crate::ops::access::Operator;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use utoipa::ToSchema;

/// Rows of a view as the one who asks may see them.
pub(in crate::ops) struct Table {
    view: &'static View,
    rows: Vec<Vec<Datum>>,
}

impl Table {
    pub(in crate::ops) fn of(view: &'static View, rows: Vec<Vec<Datum>>, who: &Operator) -> Self {
        let kinds = || view.columns.iter().map(|(_, kind)| *kind);
        let shown =
            |row: Vec<Datum>| row.into_iter().zip(kinds()).map(|(datum, kind)| shown(datum, kind, who)).collect();
        Self { view, rows: rows.into_iter().map(shown).collect() }
    }

    /// With a header row.
    pub(in crate::ops) fn to_csv(&self) -> String {
        let mut csv = String::new();
        push_record(&mut csv, self.view.columns.iter().map(|(name, _)| Cow::from(*name)));
        for row in &self.rows {
            push_record(&mut csv, row.iter().map(cell));
        }
        csv
    }

    pub(in crate::ops) fn into_body(self) -> ViewBody {
        let columns = self.view.columns;
        ViewBody { view: self.view.name, items: self.rows.into_iter().map(|row| Item(columns, row)).collect() }
    }
}

/// Viewers see masked numbers and no names of callers; a withheld number is null for everybody.
fn shown(datum: Datum, kind: Kind, who: &Operator) -> Datum {
    let Datum::Text(words) = datum else { return datum };
    match kind {
        Kind::Number => number(Some(&words), who).map_or(Datum::Null, Datum::Text),
        Kind::Person if !sees_all(who) => Datum::Null,
        Kind::Free => Datum::Text(text(&words, who)),
        _ => Datum::Text(words),
    }
}

fn cell(datum: &Datum) -> Cow<'_, str> {
    match datum {
        Datum::Null => "".into(),
        Datum::Text(text) => as_text(text),
        Datum::Int(number) => number.to_string().into(),
        Datum::Real(number) => number.to_string().into(),
        Datum::Time(at) => rfc3339_ms(*at).into(),
        Datum::Day(day) => day.to_string().into(),
    }
}

/// Rows of a view.
#[derive(Serialize, ToSchema)]
pub(in crate::ops) struct ViewBody {
    /// Its name.
    view: &'static str,
    /// Objects whose fields are the view's columns, in the view's order.
    #[schema(value_type = Vec<Object>)]
    items: Vec<Item>,
}

/// One row.
struct Item(&'static [(&'static str, Kind)], Vec<Datum>);

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().zip(&self.1).map(|((name, _), datum)| (name, Value(datum))))
    }
}

struct Value<'d>(&'d Datum);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Datum::Null => serializer.serialize_none(),
            Datum::Text(text) => serializer.serialize_str(text),
            Datum::Int(number) => serializer.serialize_i64(*number),
            Datum::Real(number) => serializer.serialize_f64(*number),
            Datum::Time(at) => serializer.serialize_str(&rfc3339_ms(*at)),
            Datum::Day(day) => serializer.collect_str(day),
        }
    }
}

/// All views.
#[derive(Serialize, ToSchema)]
pub(in crate::ops) struct ViewList {
    items: Vec<ViewEntry>,
}

/// One view.
#[derive(Serialize, ToSchema)]
struct ViewEntry {
    /// Its name, here and in SQL.
    name: &'static str,
    /// What its rows are.
    about: &'static str,
    /// Its columns, in order.
    columns: Vec<&'static str>,
}

impl ViewList {
    pub(in crate::ops) fn all() -> Self {
        let entry = |view: View| ViewEntry {
            name: view.name,
            about: view.about,
            columns: view.columns.iter().map(|(name, _)| *name).collect(),
        };
        Self { items: VIEWS.map(entry).into() }
    }
}
