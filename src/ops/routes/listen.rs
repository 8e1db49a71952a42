//! A message behind a link of a mail: a page with a player, and its audio. Who has the link may hear this one message.

use super::played::{Wanted, play};
use super::query::Named;
use super::trouble;
use crate::base::{Problem, ProblemKind};
use crate::ledger::inbox::{self, VoicemailRow};
use crate::ledger::read;
use crate::ops::state::Ops;
use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderName, RANGE, REFERRER_POLICY};
use axum::http::{HeaderMap, Method};
use axum::response::{Html, IntoResponse, Response};

/// Whom the event `voicemail.read` names.
const LISTENER: &str = "link";
/// The page plays and shows, and nothing else.
const POLICY: &str = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// Hear a message
///
/// The page behind a link of a mail. Looking at it marks nothing: what looks through mails for viruses opens links too.
#[utoipa::path(get, path = "/listen/{token}", tag = "voicemail", security(()), params(("token" = String, Path, description = "From a mail")),
    responses((status = 200, content_type = "text/html", description = "A player"),
              (status = 404, description = "The link is not one, its time is over, or the message is deleted")))]
pub(in crate::ops) async fn page(State(ops): State<Ops>, Named(token): Named) -> Result<Response, Problem> {
    let row = linked(&ops, &token).await?;
    let length = row.duration_s.map(|seconds| format!(", {} s", seconds.max(0))).unwrap_or_default();
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Voicemail</title>\
         <meta name=\"viewport\" content=\"width=device-width\"></head>\
         <body style=\"font-family:sans-serif;margin:2em\"><p>A message for {}{length}</p>\
         <audio controls preload=\"none\" src=\"/listen/{token}/audio\"></audio></body></html>\n",
        row.line
    );
    let headers: [(HeaderName, &str); 2] = [(CONTENT_SECURITY_POLICY, POLICY), (REFERRER_POLICY, "no-referrer")];
    Ok((headers, Html(page)).into_response())
}

/// Play a message by its link
///
/// As WAV, and in parts where the player asks for a `Range`. Playing from the start marks the message as read.
#[utoipa::path(get, path = "/listen/{token}/audio", tag = "voicemail", security(()),
    params(("token" = String, Path, description = "From a mail"), ("Range" = Option<String>, Header, description = "Part of the audio")),
    responses((status = 200, content_type = "audio/wav", description = "The audio"),
              (status = 206, content_type = "audio/wav", description = "A part of it"),
              (status = 404, description = "The link is not one, its time is over, or the message is deleted")))]
pub(in crate::ops) async fn audio(
    State(ops): State<Ops>,
    Named(token): Named,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let row = linked(&ops, &token).await?;
    let sid = row.recording_sid.as_deref().ok_or_else(over)?;
    let range = headers.get(RANGE);
    let call = read::call(ops.db(), &row.call_sid).await.map_err(trouble::storage)?;
    let account = call.and_then(|call| call.account_sid);
    let response = play(&ops, &Wanted { sid, account: account.as_deref(), range, name: &row.id }).await?;
    let from_the_start = range.is_none_or(|range| range.as_bytes().starts_with(b"bytes=0-"));
    if method == Method::GET && from_the_start && response.status().is_success() {
        // The listener has the audio either way.
        if let Err(error) = inbox::mark_read(ops.db(), &row.id, LISTENER, ops.now()).await {
            tracing::warn!(%error, voicemail = row.id, "a message was played but could not be marked as read");
        }
    }
    Ok(response)
}

/// The message of a link that still plays.
async fn linked(ops: &Ops, token: &str) -> Result<VoicemailRow, Problem> {
    let (id, _) = ops.links().read(token, ops.now()).map_err(|_dead| over())?;
    let row = inbox::voicemail(ops.db(), &id).await.map_err(trouble::storage)?;
    row.filter(|row| row.deleted_at.is_none()).ok_or_else(over)
}

/// A stranger who tries tokens learns nothing; neither does somebody whose time is over.
fn over() -> Problem {
    Problem::new(ProblemKind::NotFound, "this link plays nothing (any more): the message is in the inbox, or deleted")
}
