//! Legal holds: what must be kept, why, and who said so.

use super::query::{Asked, Named, Parameters, QueryText, cut};
use super::trouble;
use super::voicemails::known;
use crate::base::{Problem, ProblemKind, Time};
use crate::ledger::holds::{self, HoldRow};
use crate::ops::access::{Operator, Role};
use crate::ops::state::Ops;
use crate::ops::view::{LegalHoldBody, LegalHoldList};
use axum::body::Bytes;
use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Why a call is put on hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::ops) struct LegalHoldRequest {
    /// 1 to 500 characters, for whoever asks later.
    reason: String,
}

/// Which holds.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::ops) struct LegalHoldQuery {
    /// Items of a page, 1 to 200; 50 when absent.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: i64,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<(Time, String)>,
    /// Also those that were released.
    released: Option<bool>,
}

impl Parameters for LegalHoldQuery {
    const NAMES: &'static [&'static str] = &["cursor", "limit", "released"];

    fn read(query: &QueryText) -> Result<Self, Problem> {
        let place = |text: &str| {
            let (micros, id) = text.split_once('/')?;
            Some((Time::from_timestamp_micros(micros.parse().ok()?)?, id.to_owned()))
        };
        Ok(Self { limit: query.page_size()?, cursor: query.place(place)?, released: query.switch("released")? })
    }
}

/// Legal holds
///
/// Calls that are kept, newest hold first.
#[utoipa::path(get, path = "/api/legal-holds", tag = "calls", params(LegalHoldQuery),
    responses((status = 200, body = LegalHoldList, description = "One page")))]
pub(in crate::ops) async fn list(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Asked(asked): Asked<LegalHoldQuery>,
) -> Result<Json<LegalHoldList>, Problem> {
    who.require(Role::Operator)?;
    let released = asked.released.unwrap_or(false);
    let rows = holds::holds(ops.db(), released, asked.cursor.as_ref(), asked.limit + 1).await;
    let mut rows = rows.map_err(trouble::storage)?;
    let next_cursor = cut(&mut rows, asked.limit, |row| format!("{}/{}", row.held_at.timestamp_micros(), row.id));
    Ok(Json(LegalHoldList { items: rows.into_iter().map(LegalHoldBody::of).collect(), next_cursor }))
}

/// Put a call on legal hold
///
/// Until it is released neither retention nor anybody removes the call, its timeline, its messages, its recordings or its
/// consents, also those that come later. On one that is on hold already the first reason stands. Admins only.
#[utoipa::path(post, path = "/api/calls/{sid}/legal-hold", tag = "calls", params(("sid" = String, Path, description = "CA…")),
    request_body = LegalHoldRequest,
    responses((status = 200, body = LegalHoldBody, description = "The hold"),
              (status = 404, description = "Nothing of such a call is left")))]
pub(in crate::ops) async fn hold_call(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(sid): Named,
    body: Bytes,
) -> Result<Json<LegalHoldBody>, Problem> {
    hold(&ops, &who, &sid, &body).await
}

/// Release a call from legal hold
///
/// Retention goes on as if the hold had never been; who held it and who released it stays. Admins only.
#[utoipa::path(delete, path = "/api/calls/{sid}/legal-hold", tag = "calls", params(("sid" = String, Path, description = "CA…")),
    responses((status = 200, body = LegalHoldBody, description = "The hold that ended"),
              (status = 404, description = "It is not on hold")))]
pub(in crate::ops) async fn release_call(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(sid): Named,
) -> Result<Json<LegalHoldBody>, Problem> {
    release(&ops, &who, &sid).await
}

/// Put a message on legal hold
///
/// The whole call that left it: see `POST /api/calls/{sid}/legal-hold`. Admins only.
#[utoipa::path(post, path = "/api/voicemails/{id}/hold", tag = "voicemail", params(("id" = String, Path, description = "vm_…")),
    request_body = LegalHoldRequest,
    responses((status = 200, body = LegalHoldBody, description = "The hold")))]
pub(in crate::ops) async fn hold_voicemail(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(id): Named,
    body: Bytes,
) -> Result<Json<LegalHoldBody>, Problem> {
    who.require(Role::Admin)?;
    let row = known(&ops, &id).await?;
    hold(&ops, &who, &row.call_sid, &body).await
}

/// Release a message from legal hold
///
/// And the call that left it. Admins only.
#[utoipa::path(post, path = "/api/voicemails/{id}/release", tag = "voicemail", params(("id" = String, Path, description = "vm_…")),
    responses((status = 200, body = LegalHoldBody, description = "The hold that ended"),
              (status = 404, description = "It is not on hold")))]
pub(in crate::ops) async fn release_voicemail(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(id): Named,
) -> Result<Json<LegalHoldBody>, Problem> {
    who.require(Role::Admin)?;
    let row = known(&ops, &id).await?;
    release(&ops, &who, &row.call_sid).await
}

async fn hold(ops: &Ops, who: &Operator, call_sid: &str, body: &[u8]) -> Result<Json<LegalHoldBody>, Problem> {
    who.require(Role::Admin)?;
    let mistake = || Problem::new(ProblemKind::BadRequest, r#"write {"reason": "…"}, 1 to 500 characters"#);
    let LegalHoldRequest { reason } = serde_json::from_slice(body).map_err(|_| mistake())?;
    let reason = reason.trim();
    if !(1..=500).contains(&reason.chars().count()) || reason.contains('\0') {
        return Err(mistake());
    }
    let held = holds::hold(ops.db(), call_sid, (&who.subject, reason), ops.now()).await.map_err(trouble::storage)?;
    let row = held.ok_or_else(|| Problem::new(ProblemKind::NotFound, "nothing of such a call is left"))?;
    tracing::info!(call.sid = call_sid, by = who.subject, "call put on legal hold");
    Ok(Json(LegalHoldBody::of(row)))
}

async fn release(ops: &Ops, who: &Operator, call_sid: &str) -> Result<Json<LegalHoldBody>, Problem> {
    who.require(Role::Admin)?;
    let released = holds::release(ops.db(), call_sid, &who.subject, ops.now()).await.map_err(trouble::storage)?;
    let row: HoldRow = released.ok_or_else(|| Problem::new(ProblemKind::NotFound, "it is not on legal hold"))?;
    tracing::info!(call.sid = call_sid, by = who.subject, "call released from legal hold");
    Ok(Json(LegalHoldBody::of(row)))
}
