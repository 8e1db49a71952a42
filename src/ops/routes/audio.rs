//! The audio of a message.

use super::played::{Wanted, play};
use super::query::Named;
use super::trouble;
use super::voicemails::known;
use crate::base::{Problem, ProblemKind};
use crate::ledger::{inbox, read};
use crate::ops::access::{Operator, Role};
use crate::ops::state::Ops;
use axum::Extension;
use axum::extract::State;
use axum::http::header::RANGE;
use axum::http::{HeaderMap, Method};
use axum::response::Response;

/// Play a message
///
/// From our own storage once it is there, from the carrier before; as WAV, and in parts where the player asks for a
/// `Range`. Playing from the start marks the message as read.
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
    let none = || Problem::new(ProblemKind::NotFound, format!("there is no audio: the message is {}", row.state));
    let sid = row.recording_sid.as_deref().ok_or_else(none)?;
    let range = headers.get(RANGE);
    let call = read::call(ops.db(), &row.call_sid).await.map_err(trouble::storage)?;
    let account = call.and_then(|call| call.account_sid);
    let response = play(&ops, &Wanted { sid, account: account.as_deref(), range, name: &row.id }).await?;
    let from_the_start = range.is_none_or(|range| range.as_bytes().starts_with(b"bytes=0-"));
    if method == Method::GET && from_the_start && response.status().is_success() {
        // The listener has the audio either way; a mark that fails is worth a line in the log, not an error.
        if let Err(error) = inbox::mark_read(ops.db(), &id, &who.subject, ops.now()).await {
            tracing::warn!(%error, voicemail = id, "a message was played but could not be marked as read");
        }
    }
    Ok(response)
}
