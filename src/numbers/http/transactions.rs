//! Transactions: how they stand, and what an operator may do about it.

use super::bodies::{JournalBody, TransactionList};
use crate::asks::{Asked, bad, cursor, cut, page_size, place};
use crate::base::Problem;
use crate::numbers::asking::Asker;
use crate::numbers::desk::Numbers;
use crate::numbers::saga::{Journal, Kind, State as Standing};
use crate::numbers::store::{self, TransactionFilter};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use serde::Deserialize;
use utoipa::IntoParams;

/// 202, and where to follow it.
pub(super) type Accepted = (StatusCode, [(axum::http::HeaderName, String); 1], Json<JournalBody>);

pub(super) fn accepted(journal: Journal) -> Accepted {
    let at = format!("/api/transactions/{}", journal.transaction.id);
    (StatusCode::ACCEPTED, [(LOCATION, at)], Json(journal.into()))
}

/// Which transactions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TransactionQuery {
    /// Items of a page, 1 to 200; 50 when absent.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// provision_number, onboard_tenant, port_number or release_number.
    kind: Option<String>,
    /// running, done, rolling_back, rolled_back or failed_undo.
    state: Option<String>,
    /// Name of the line.
    line: Option<String>,
}

/// Transactions
///
/// Newest first.
#[utoipa::path(get, path = "/api/transactions", tag = "numbers", params(TransactionQuery),
    responses((status = 200, body = TransactionList, description = "One page")))]
pub(super) async fn list(
    State(room): State<Numbers>,
    Asked(asked): Asked<TransactionQuery>,
) -> Result<Json<TransactionList>, Problem> {
    let words = |all: Vec<&str>| all.join(", ");
    if asked.kind.as_deref().is_some_and(|kind| Kind::parse(kind).is_none()) {
        let all = words(Kind::ALL.iter().map(|kind| kind.as_str()).collect());
        return Err(bad(format!("kind: write one of {all}")));
    }
    if asked.state.as_deref().is_some_and(|state| Standing::parse(state).is_none()) {
        let all = words(Standing::ALL.iter().map(|state| state.as_str()).collect());
        return Err(bad(format!("state: write one of {all}")));
    }
    let (limit, after) = (page_size(asked.limit)?, place(asked.cursor.as_deref())?);
    let filter = TransactionFilter { kind: asked.kind, state: asked.state, line: asked.line };
    let mut rows = store::transactions(room.db(), &filter, after.as_ref(), limit + 1).await?;
    let next_cursor = cut(&mut rows, limit, |row| cursor(row.created_at, &row.id));
    Ok(Json(TransactionList { items: rows.into_iter().map(Into::into).collect(), next_cursor }))
}

/// One transaction
///
/// With its steps, also while it runs.
#[utoipa::path(get, path = "/api/transactions/{id}", tag = "numbers",
    params(("id" = String, Path, description = "txn_…")),
    responses((status = 200, body = JournalBody, description = "The transaction")))]
pub(super) async fn one(State(room): State<Numbers>, Path(id): Path<String>) -> Result<Json<JournalBody>, Problem> {
    Ok(Json(room.transaction(&id).await?.into()))
}

/// Try again
///
/// What waits does not wait any longer; what was rolled back begins anew. Needs the role admin.
#[utoipa::path(post, path = "/api/transactions/{id}/retry", tag = "numbers",
    params(("id" = String, Path, description = "txn_…")),
    responses((status = 202, body = JournalBody, description = "It is taken up again")))]
pub(super) async fn retry(State(room): State<Numbers>, Path(id): Path<String>) -> Result<Accepted, Problem> {
    Ok(accepted(room.retry(&id).await?))
}

/// Roll back
///
/// Takes back every step that was done, in the opposite order. Needs the role admin.
#[utoipa::path(post, path = "/api/transactions/{id}/rollback", tag = "numbers",
    params(("id" = String, Path, description = "txn_…")),
    responses((status = 202, body = JournalBody, description = "It is on its way back")))]
pub(super) async fn rollback(
    State(room): State<Numbers>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Accepted, Problem> {
    Ok(accepted(room.rollback(&id, &asker.by).await?))
}
