//! Audio on its way to a player: from our own storage where it is, else from the carrier.

use super::trouble;
use crate::base::{Problem, ProblemKind};
use crate::carrier::Media;
use crate::ledger::recordings::{self, RecordingRow};
use crate::ops::state::Ops;
use crate::shelf::{Found, Open, Place};
use axum::body::Body;
use axum::http::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

const WAV: HeaderValue = HeaderValue::from_static("audio/wav");

/// What is to be played.
pub(super) struct Wanted<'a> {
    /// `RE…`
    pub(super) sid: &'a str,
    /// The account that holds it at the carrier.
    pub(super) account: Option<&'a str>,
    /// The player's `Range`.
    pub(super) range: Option<&'a HeaderValue>,
    /// Name of the file, without its ending.
    pub(super) name: &'a str,
}

/// The audio, or the part of it that was asked for.
pub(super) async fn play(ops: &Ops, wanted: &Wanted<'_>) -> Result<Response, Problem> {
    let row = recordings::recording(ops.db(), wanted.sid).await.map_err(trouble::storage)?;
    let mut response = match from_shelf(ops, row.as_ref(), wanted.range).await {
        Some(response) => response,
        None if row.as_ref().is_some_and(|row| row.carrier_deleted_at.is_some()) => {
            return Err(elsewhere(row.as_ref()));
        }
        None => from_carrier(ops, wanted).await?,
    };
    if let Ok(name) = HeaderValue::from_str(&format!("inline; filename=\"{}.wav\"", wanted.name)) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// The carrier has deleted its copy, and ours is not within reach.
fn elsewhere(row: Option<&RecordingRow>) -> Problem {
    if row.is_some_and(|row| row.state == "deleted") {
        return Problem::new(ProblemKind::NotFound, "the audio is removed: its time was over");
    }
    let shelf = row.and_then(|row| row.shelf.as_deref()).unwrap_or("another storage");
    let hint = format!("the audio is in {shelf}, where this instance cannot read it: docs/OPERATIONS.md, Recordings");
    Problem::new(ProblemKind::Unavailable, hint)
}

/// Our own copy. A fault of the disk is worth a line in the log; the carrier may still have it.
async fn from_shelf(ops: &Ops, row: Option<&RecordingRow>, range: Option<&HeaderValue>) -> Option<Response> {
    let row = row.filter(|row| row.state == "stored")?;
    let place = Place { shelf: row.shelf.as_deref()?, path: row.path.as_deref()? };
    let bytes = row.bytes.and_then(|bytes| u64::try_from(bytes).ok())?;
    match ops.shelf().open(place, bytes, range.and_then(|range| range.to_str().ok())).await {
        Ok(Found::Open(open)) => Some(ours(row, open)),
        Ok(Found::Nowhere(total)) => {
            let headers = [(CONTENT_RANGE, format!("bytes */{total}"))];
            Some((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response())
        }
        Ok(Found::Absent | Found::Elsewhere) => None,
        Err(error) => {
            tracing::error!(%error, recording = row.recording_sid, "our copy of a recording could not be read");
            None
        }
    }
}

fn ours(row: &RecordingRow, open: Open) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, WAV);
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let tag = row.sha256.as_ref().and_then(|sha256| HeaderValue::from_str(&format!("\"{sha256}\"")).ok());
    headers.extend(tag.map(|tag| (ETAG, tag)));
    headers.insert(CONTENT_LENGTH, open.part.map_or(open.total, crate::shelf::Part::len).into());
    let status = match open.part {
        None => StatusCode::OK,
        Some(part) => {
            let range = format!("bytes {}-{}/{}", part.start, part.end, open.total);
            headers.extend(HeaderValue::from_str(&range).ok().map(|range| (CONTENT_RANGE, range)));
            StatusCode::PARTIAL_CONTENT
        }
    };
    (status, headers, Body::from_stream(open.into_stream())).into_response()
}

async fn from_carrier(ops: &Ops, wanted: &Wanted<'_>) -> Result<Response, Problem> {
    let hint = "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to fetch audio from the carrier";
    let carrier = ops.carrier().ok_or_else(|| Problem::new(ProblemKind::Unavailable, hint))?;
    let media = carrier.media(wanted.account, wanted.sid, wanted.range).await;
    ops.carrier_watch().note(ops.now(), media.as_ref().err());
    media.map(passed_on).map_err(|error| trouble::carrier(&error))
}

fn passed_on(media: Media) -> Response {
    let status = StatusCode::from_u16(media.status()).unwrap_or(StatusCode::OK);
    let mut headers = media.headers();
    headers.entry(CONTENT_TYPE).or_insert(WAV);
    (status, headers, Body::from_stream(media.into_stream())).into_response()
}
