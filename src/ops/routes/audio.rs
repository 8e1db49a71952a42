//! The audio of a message, passed through from the carrier.

use super::query::Named;
use super::trouble;
use super::voicemails::known;
use crate::base::{Problem, ProblemKind};
use crate::carrier::Media;
use crate::ledger::inbox::{self, VoicemailRow};
use crate::ledger::read;
use crate::ops::access::{Operator, Role};
use crate::ops::state::Ops;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

/// Play a message
///
/// The carrier's audio as WAV; a `Range` is passed on. Playing from the start marks the message as read.
#[utoipa::path(get, path = "/api/voicemails/{id}/audio", tag = "voicemail",
    params(("id" = String, Path, description = "vm_…"), ("Range" = Option<String>, Header, description = "Part of the audio")),
    responses((status = 200, content_type = "audio/wav", description = "The audio"),
              (status = 206, content_type = "audio/wav", description = "A part of it"),
              (status = 416, description = "No such part")))]
pub(in crate::ops) async fn audio(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(id): Named,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    who.require(Role::Operator)?;
    let row = known(&ops, &id).await?;
    let range = headers.get(RANGE);
    let media = from_carrier(&ops, &row, range).await?;
    let from_the_start = range.is_none_or(|range| range.as_bytes().starts_with(b"bytes=0-"));
    if method == Method::GET && from_the_start && media.status() < 300 {
        // The listener has the audio either way; a mark that fails is worth a line in the log, not an error.
        if let Err(error) = inbox::mark_read(ops.db(), &id, &who.subject, ops.now()).await {
            tracing::warn!(%error, voicemail = id, "a message was played but could not be marked as read");
        }
    }
    Ok(answer(&row, media))
}

async fn from_carrier(ops: &Ops, row: &VoicemailRow, range: Option<&HeaderValue>) -> Result<Media, Problem> {
    let none = || Problem::new(ProblemKind::NotFound, format!("there is no audio: the message is {}", row.state));
    let recording = row.recording_sid.as_deref().ok_or_else(none)?;
    let hint = "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to fetch audio from the carrier";
    let carrier = ops.carrier().ok_or_else(|| Problem::new(ProblemKind::Unavailable, hint))?;
    let call = read::call(ops.db(), &row.call_sid).await.map_err(trouble::storage)?;
    let account = call.and_then(|call| call.account_sid);
    let media = carrier.media(account.as_deref(), recording, range).await;
    ops.carrier_watch().note(ops.now(), media.as_ref().err());
    media.map_err(|error| trouble::carrier(&error))
}

fn answer(row: &VoicemailRow, media: Media) -> Response {
    let status = StatusCode::from_u16(media.status()).unwrap_or(StatusCode::OK);
    let mut headers = media.headers();
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("audio/wav"));
    if let Ok(name) = HeaderValue::from_str(&format!("inline; filename=\"{}.wav\"", row.id)) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    (status, headers, Body::from_stream(media.into_stream())).into_response()
}
