//! The nine views, as JSON and as CSV.

use super::query::{Asked, Named, Parameters, QueryText};
use super::trouble;
use crate::base::{Problem, ProblemKind};
use crate::ledger::views::{VIEWS, View};
use crate::ops::access::Operator;
use crate::ops::state::Ops;
use crate::ops::view::{Table, ViewBody, ViewList};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use utoipa::IntoParams;

/// Rows when nobody says.
const USUAL: i64 = 1000;
/// Most rows.
const MOST: i64 = 10_000;

/// How a view is wanted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::ops) struct ViewQuery {
    /// Rows, 1 to 10000; 1000 when absent.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 10000)]
    limit: i64,
    /// json or csv; what `Accept` says when absent.
    format: Option<String>,
}

impl Parameters for ViewQuery {
    const NAMES: &'static [&'static str] = &["format", "limit"];

    fn read(query: &QueryText) -> Result<Self, Problem> {
        Ok(Self { limit: query.limit(USUAL, MOST)?, format: query.word("format", &["csv", "json"])? })
    }
}

impl ViewQuery {
    fn wants_csv(&self, headers: &HeaderMap) -> bool {
        let accepts = || {
            let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
            accept.contains("text/csv")
        };
        self.format.as_deref().map_or_else(accepts, |format| format == "csv")
    }
}

/// All views
///
/// Their names, what their rows are, and their columns.
#[utoipa::path(get, path = "/api/views", tag = "views",
    responses((status = 200, body = ViewList, description = "All nine")))]
pub(in crate::ops) async fn views() -> Json<ViewList> {
    Json(ViewList::all())
}

/// One view
///
/// The same rows as SQL gives, in the same order, as JSON or CSV (`?format=csv` or `Accept: text/csv`). Times are UTC.
/// In CSV a text that a spreadsheet would run as a formula has an apostrophe before it, telephone numbers too; programs
/// had better read JSON.
#[utoipa::path(get, path = "/api/views/{name}", tag = "views", params(("name" = String, Path, description = "Name of the view"), ViewQuery),
    responses((status = 200, description = "The rows", content((ViewBody = "application/json"), (String = "text/csv")))))]
pub(in crate::ops) async fn view(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(name): Named,
    Asked(asked): Asked<ViewQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let view = View::named(&name).ok_or_else(no_such_view)?;
    let rows = view.read(ops.db(), asked.limit).await.map_err(trouble::storage)?;
    let table = Table::of(view, rows, &who);
    if !asked.wants_csv(&headers) {
        return Ok(Json(table.into_body()).into_response());
    }
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, table.to_csv()).into_response())
}

fn no_such_view() -> Problem {
    let names = VIEWS.map(|view| view.name).join(", ");
    Problem::new(ProblemKind::NotFound, format!("there is no such view; there are {names}"))
}
