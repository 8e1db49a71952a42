//! Recordings of messages and conversations: what there is, what it sounds like, what must be kept.

use super::played::{Wanted, play};
use super::query::{Asked, Named, Parameters, QueryText, cut};
use super::trouble;
use crate::base::{Problem, ProblemKind, Time};
use crate::db::DbError;
use crate::ledger::recordings::{self, Discarded, Held, RecordingFilter, RecordingPlace, RecordingRow};
use crate::ops::access::{Operator, Role};
use crate::ops::state::Ops;
use crate::ops::view::{RecordingBody, RecordingList};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::RANGE;
use axum::response::Response;
use axum::{Extension, Json};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Which recordings.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::ops) struct RecordingQuery {
    /// Items of a page, 1 to 200; 50 when absent.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: i64,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<RecordingPlace>,
    /// Name of the line.
    line: Option<String>,
    /// expected, fetching, stored, absent, failed or deleted.
    state: Option<String>,
    /// voicemail or dial.
    kind: Option<String>,
    /// The call it was made in.
    call_sid: Option<String>,
    /// On hold (true) or not (false).
    hold: Option<bool>,
    /// First heard of at or after, RFC 3339.
    #[param(value_type = Option<String>)]
    since: Option<Time>,
    /// First heard of before, RFC 3339.
    #[param(value_type = Option<String>)]
    until: Option<Time>,
}

impl Parameters for RecordingQuery {
    const NAMES: &'static [&'static str] =
        &["call_sid", "cursor", "hold", "kind", "limit", "line", "since", "state", "until"];

    fn read(query: &QueryText) -> Result<Self, Problem> {
        Ok(Self {
            limit: query.page_size()?,
            cursor: query.place(read_place)?,
            line: query.text("line"),
            state: query.word("state", &["expected", "fetching", "stored", "absent", "failed", "deleted"])?,
            kind: query.word("kind", &["voicemail", "dial"])?,
            call_sid: query.text("call_sid"),
            hold: query.switch("hold")?,
            since: query.time("since")?,
            until: query.time("until")?,
        })
    }
}

fn read_place(text: &str) -> Option<RecordingPlace> {
    let (micros, sid) = text.split_once('/')?;
    Some((Time::from_timestamp_micros(micros.parse().ok()?)?, sid.to_owned()))
}

/// Recordings
///
/// Newest first: messages and recorded conversations, also those that are not copied yet.
#[utoipa::path(get, path = "/api/recordings", tag = "recordings", params(RecordingQuery),
    responses((status = 200, body = RecordingList, description = "One page")))]
pub(in crate::ops) async fn recordings(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Asked(asked): Asked<RecordingQuery>,
) -> Result<Json<RecordingList>, Problem> {
    let RecordingQuery { limit, cursor, line, state, kind, call_sid, hold, since, until } = asked;
    let filter = RecordingFilter { line, state, kind, call_sid, hold, since, until };
    let rows = recordings::recordings(ops.db(), &filter, cursor.as_ref(), limit + 1).await;
    let mut rows = rows.map_err(trouble::storage)?;
    let next_cursor = cut(&mut rows, limit, |row| format!("{}/{}", row.found_at.timestamp_micros(), row.recording_sid));
    Ok(Json(RecordingList { items: rows.into_iter().map(|row| RecordingBody::of(row, &who)).collect(), next_cursor }))
}

/// One recording
#[utoipa::path(get, path = "/api/recordings/{sid}", tag = "recordings", params(("sid" = String, Path, description = "RE…")),
    responses((status = 200, body = RecordingBody, description = "The recording")))]
pub(in crate::ops) async fn recording(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(sid): Named,
) -> Result<Json<RecordingBody>, Problem> {
    Ok(Json(RecordingBody::of(known(&ops, &sid).await?, &who)))
}

/// Play a recording
///
/// From our own storage once it is there, from the carrier before; as WAV, and in parts where the player asks for a
/// `Range`.
#[utoipa::path(get, path = "/api/recordings/{sid}/audio", tag = "recordings",
    params(("sid" = String, Path, description = "RE…"), ("Range" = Option<String>, Header, description = "Part of the audio")),
    responses((status = 200, content_type = "audio/wav", description = "The audio"),
              (status = 206, content_type = "audio/wav", description = "A part of it"),
              (status = 416, description = "No such part")))]
pub(in crate::ops) async fn audio(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(sid): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    who.require(Role::Operator)?;
    let row = known(&ops, &sid).await?;
    let (account, range) = (row.account_sid.as_deref(), headers.get(RANGE));
    play(&ops, &Wanted { sid: &row.recording_sid, account, range, name: &row.recording_sid }).await
}

/// Remove a conversation
///
/// Our copy goes within a minute, the carrier's at once. What is on hold stays (409); audio of a message goes with its message
/// (409).
#[utoipa::path(delete, path = "/api/recordings/{sid}", tag = "recordings", params(("sid" = String, Path, description = "RE…")),
    responses((status = 200, body = RecordingBody, description = "The recording as it is now"),
              (status = 409, description = "It is on hold, or a message's"),
              (status = 502, description = "Our copy goes; the carrier did not remove its own: ask again")))]
pub(in crate::ops) async fn discard(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(sid): Named,
) -> Result<Json<RecordingBody>, Problem> {
    who.require(Role::Operator)?;
    let refused = match recordings::discard(ops.db(), &sid, ops.now()).await.map_err(trouble::storage)? {
        Discarded::Done => None,
        Discarded::Held => Some("the recording is on hold"),
        Discarded::Message => Some("this is the audio of a message: remove its message, /api/voicemails/…"),
        Discarded::Unknown => return Err(unknown()),
    };
    if let Some(detail) = refused {
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    let row = known(&ops, &sid).await?;
    if let Some(carrier) = ops.carrier().filter(|_| row.carrier_deleted_at.is_none()) {
        let account = row.account_sid.as_deref().unwrap_or(carrier.account_sid());
        let gone = async { carrier.acting_on(account)?.delete_recording(&sid).await }.await;
        gone.map_err(|error| trouble::steering(&error))?;
        recordings::carrier_deleted(ops.db(), &sid, ops.now()).await.map_err(trouble::storage)?;
    }
    tracing::info!(recording = sid, by = who.subject, "a conversation is removed");
    Ok(Json(RecordingBody::of(known(&ops, &sid).await?, &who)))
}

/// Why something is put on hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::ops) struct HoldRequest {
    /// 1 to 500 characters, for whoever asks later.
    reason: String,
}

/// Put on hold
///
/// Until it is released neither retention nor anybody removes the recording, its message, its call or its consents. On
/// one that is on hold already the first reason stands.
#[utoipa::path(put, path = "/api/recordings/{sid}/hold", tag = "recordings", params(("sid" = String, Path, description = "RE…")),
    request_body = HoldRequest,
    responses((status = 200, body = RecordingBody, description = "The recording as it is now"),
              (status = 409, description = "It is removed already")))]
pub(in crate::ops) async fn hold(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(sid): Named,
    body: Bytes,
) -> Result<Json<RecordingBody>, Problem> {
    who.require(Role::Operator)?;
    let reason = reason(&body)?;
    let held = recordings::hold(ops.db(), &sid, &who.subject, &reason, ops.now()).await;
    let row = changed(&ops, &sid, held).await?;
    tracing::info!(recording = sid, by = who.subject, "recording put on hold");
    Ok(Json(RecordingBody::of(row, &who)))
}

/// Release a hold
///
/// Admins only. Retention goes on as if the hold had never been.
#[utoipa::path(delete, path = "/api/recordings/{sid}/hold", tag = "recordings", params(("sid" = String, Path, description = "RE…")),
    responses((status = 200, body = RecordingBody, description = "The recording as it is now")))]
pub(in crate::ops) async fn release(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(sid): Named,
) -> Result<Json<RecordingBody>, Problem> {
    who.require(Role::Admin)?;
    let row = changed(&ops, &sid, recordings::release(ops.db(), &sid).await).await?;
    tracing::info!(recording = sid, by = who.subject, "hold on a recording released");
    Ok(Json(RecordingBody::of(row, &who)))
}

/// Try again
///
/// Copies a recording that was given up, as if it had just been heard of.
#[utoipa::path(post, path = "/api/recordings/{sid}/retry", tag = "recordings", params(("sid" = String, Path, description = "RE…")),
    responses((status = 200, body = RecordingBody, description = "The recording as it is now"),
              (status = 409, description = "It was not given up")))]
pub(in crate::ops) async fn retry(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(sid): Named,
) -> Result<Json<RecordingBody>, Problem> {
    who.require(Role::Operator)?;
    let again = recordings::retry(ops.db(), &sid, ops.now()).await.map_err(trouble::storage)?;
    let row = known(&ops, &sid).await?;
    if !again {
        return Err(Problem::new(ProblemKind::Conflict, "only a recording whose state is failed is tried again"));
    }
    tracing::info!(recording = sid, by = who.subject, "recording tried again");
    Ok(Json(RecordingBody::of(row, &who)))
}

fn reason(body: &[u8]) -> Result<String, Problem> {
    let mistake = || Problem::new(ProblemKind::BadRequest, r#"write {"reason": "…"}, 1 to 500 characters"#);
    let wish: HoldRequest = serde_json::from_slice(body).map_err(|_| mistake())?;
    let reason = wish.reason.trim();
    let sound = (1..=500).contains(&reason.chars().count()) && !reason.contains('\0');
    if sound { Ok(reason.to_owned()) } else { Err(mistake()) }
}

async fn changed(ops: &Ops, sid: &str, held: Result<Held, DbError>) -> Result<RecordingRow, Problem> {
    match held.map_err(trouble::storage)? {
        Held::Done => known(ops, sid).await,
        Held::Gone => Err(Problem::new(ProblemKind::Conflict, "the recording is removed already")),
        Held::Unknown => Err(unknown()),
    }
}

async fn known(ops: &Ops, sid: &str) -> Result<RecordingRow, Problem> {
    let found = recordings::recording(ops.db(), sid).await.map_err(trouble::storage)?;
    found.ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::new(ProblemKind::NotFound, "no recording has this SID")
}
