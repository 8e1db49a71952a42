//! Tenants: set up whole, taken away whole.

use super::bodies::{JournalBody, TenantList};
use super::transactions::{Accepted, accepted};
use crate::asks::{Asked, Body, cursor, cut, page_size, place};
use crate::base::Problem;
use crate::numbers::asking::{Asker, TenantWish};
use crate::numbers::choice::ChoiceText;
use crate::numbers::desk::Numbers;
use crate::numbers::store;
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// A tenant to be set up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantWishBody {
    /// Name of its line: `[a-z0-9-]`, 1 to 40 characters.
    name: String,
    /// TOML: one `[[lines]]` table, as in `switchboard.toml`, without numbers; an answering machine when absent.
    #[serde(default)]
    definition: Option<String>,
    /// Whether the tenant gets an account of its own at the carrier; yes when absent. Needs DATA_KEY, which seals its token.
    #[serde(default = "yes")]
    own_account: bool,
    /// Which number.
    #[serde(default)]
    number: ChoiceText,
}

const fn yes() -> bool {
    true
}

/// Which tenants.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TenantQuery {
    /// Items of a page, 1 to 200; 50 when absent.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Tenants
///
/// Those that were set up here, newest first; lines of the configuration file are not among them.
#[utoipa::path(get, path = "/api/tenants", tag = "numbers", params(TenantQuery),
    responses((status = 200, body = TenantList, description = "One page")))]
pub(super) async fn list(
    State(room): State<Numbers>,
    Asked(asked): Asked<TenantQuery>,
) -> Result<Json<TenantList>, Problem> {
    let (limit, after) = (page_size(asked.limit)?, place(asked.cursor.as_deref())?);
    let mut rows = store::lines(room.db(), after.as_ref(), limit + 1).await?;
    let next_cursor = cut(&mut rows, limit, |row| cursor(row.created_at, &row.name));
    Ok(Json(TenantList { items: rows.into_iter().map(Into::into).collect(), next_cursor }))
}

/// Set a tenant up
///
/// Account, number and line, or nothing. Follow the transaction that `Location` names. Needs the role admin.
#[utoipa::path(post, path = "/api/tenants", tag = "numbers", request_body = TenantWishBody,
    responses((status = 202, body = JournalBody, description = "Begun")))]
pub(super) async fn onboard(
    State(room): State<Numbers>,
    asker: Asker,
    Body(wish): Body<TenantWishBody>,
) -> Result<Accepted, Problem> {
    let TenantWishBody { name, definition, own_account, number } = wish;
    let wish = TenantWish { name, definition, own_account, choice: number };
    Ok(accepted(room.onboard(wish, &asker).await?))
}

/// Take a tenant away
///
/// Its line, its number and its account, for good. Needs the role admin.
#[utoipa::path(delete, path = "/api/tenants/{name}", tag = "numbers",
    params(("name" = String, Path, description = "Name of the line")),
    responses((status = 202, body = JournalBody, description = "The transaction that had set it up, on its way back")))]
pub(super) async fn offboard(
    State(room): State<Numbers>,
    asker: Asker,
    Path(name): Path<String>,
) -> Result<Accepted, Problem> {
    Ok(accepted(room.offboard(&name, &asker.by).await?))
}
