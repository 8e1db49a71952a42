//! Pages: begun, ended, and what became of them.

use super::bodies::{BegunBody, PageBody, PageList};
use super::extract::{PageWish, Wanted};
use super::problem::storage;
use crate::asks::{Asked, Asks, bad, cursor, cut, page_size, place};
use crate::base::{Problem, ProblemKind};
use crate::paging::{Asker, Origin, PageFilter, PageId, PageRow, Paging, Refused, Request, Right, Samples, read};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderName, LOCATION};
use serde::Deserialize;
use std::time::Duration;
use utoipa::IntoParams;

/// How long an answer waits for its row. The page itself does not.
const ROW: Duration = Duration::from_millis(250);

/// Which pages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PageQuery {
    /// Items of a page of the list, 1 to 200; 50 when absent.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `playing`, `ended` or `refused`.
    state: Option<String>,
    /// Extension of a zone.
    zone: Option<String>,
}

/// Pages
///
/// Newest first, refused ones too.
#[utoipa::path(get, path = "/api/pages", tag = "paging", params(PageQuery),
    responses((status = 200, body = PageList, description = "One page of the list")))]
pub(super) async fn list(
    State(room): State<Paging>,
    asks: Asks,
    Asked(asked): Asked<PageQuery>,
) -> Result<Json<PageList>, Problem> {
    let limit = page_size(asked.limit)?;
    if asked.state.as_deref().is_some_and(|state| !["playing", "ended", "refused"].contains(&state)) {
        return Err(bad("state: write one of playing, ended, refused"));
    }
    if asked.zone.as_deref().is_some_and(|zone| !zone.bytes().all(|b| b.is_ascii_digit())) {
        return Err(bad("zone: write the extension of a zone, like 701"));
    }
    let filter = PageFilter { state: asked.state, zone: asked.zone, before: place(asked.cursor.as_deref())? };
    let mut rows = read::pages(&room.0.db, &filter, limit + 1).await.map_err(storage)?;
    let next_cursor = cut(&mut rows, limit, |row| cursor(row.requested_at, &row.id));
    let items = rows.into_iter().map(|row| PageBody::of(row, &asks.requester)).collect();
    Ok(Json(PageList { items, next_cursor }))
}

/// One page
#[utoipa::path(get, path = "/api/pages/{id}", tag = "paging", params(("id" = String, Path, description = "pg_…")),
    responses((status = 200, body = PageBody, description = "The page")))]
pub(super) async fn one(
    State(room): State<Paging>,
    asks: Asks,
    Path(id): Path<String>,
) -> Result<Json<PageBody>, Problem> {
    Ok(Json(PageBody::of(known(&room, &id).await?, &asks.requester)))
}

async fn known(room: &Paging, id: &str) -> Result<PageRow, Problem> {
    // Postgres refuses NUL, and no name of ours has one.
    let found = if id.contains(char::is_control) { None } else { read::page(&room.0.db, id).await.map_err(storage)? };
    found.ok_or_else(|| Problem::new(ProblemKind::NotFound, "there is no page of this id"))
}

/// Page
///
/// Plays an announcement of the configuration file, or a WAV file: as the body itself with `Content-Type: audio/wav` and zone
/// and priority in the query, or in base64 as `audio`. Answers when it begins. Needs the role operator.
#[utoipa::path(post, path = "/api/pages", tag = "paging", request_body = PageWish,
    responses((status = 201, body = BegunBody, description = "It plays")))]
pub(super) async fn begin(
    State(room): State<Paging>,
    asks: Asks,
    wanted: Wanted,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<BegunBody>), Problem> {
    let zones = wanted.wish.all_zones()?;
    let request = Request {
        zones: zones.clone(),
        priority: wanted.wish.priority,
        origin: Origin::Api,
        right: Right::House,
        id: asks.id("pg").map(|id| PageId::new(&id)),
        asker: Asker { user: Some(asks.requester.subject), ..Asker::default() },
    };
    let sound = sound(&room, wanted).await.inspect_err(|why| room.refused(&request, why))?;
    let length_ms = sound.ms();
    let id = match begun_before(&room, &request).await {
        Some(id) => id,
        None => room.page(request, sound)?.as_str().to_owned(),
    };
    room.0.clerk.written(ROW).await;
    let location = [(LOCATION, format!("/api/pages/{id}"))];
    let body = BegunBody { id, state: "playing", zones, source: Origin::Api.as_str(), length_ms };
    Ok((StatusCode::CREATED, location, Json(body)))
}

/// A write that was sent again because nobody heard the answer has paged already.
async fn begun_before(room: &Paging, request: &Request) -> Option<String> {
    let id = request.id.as_ref()?;
    let row = read::page(&room.0.db, id.as_str()).await.ok()?;
    row.filter(|row| row.state != "refused").map(|row| row.id)
}

/// The sound of a page: files are read and turned into samples beside the requests.
async fn sound(room: &Paging, wanted: Wanted) -> Result<Samples, Refused> {
    let room = room.clone();
    let work = move || match (wanted.wav, &wanted.wish.announcement) {
        (Some(_), Some(_)) => Err(Refused::Unplayable("a file and an announcement: send one of them".to_owned())),
        (Some(wav), None) => Samples::of_wav(&wav),
        (None, Some(name)) => room.announcement(name),
        (None, None) => Err(Refused::Unplayable("no sound: name an announcement, or send a WAV file".to_owned())),
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Refused::Unplayable("the sound could not be read".to_owned())))
}

/// End a page
///
/// At once, whoever speaks. A page that has ended stays as it is. Needs the role operator.
#[utoipa::path(delete, path = "/api/pages/{id}", tag = "paging", params(("id" = String, Path, description = "pg_…")),
    responses((status = 200, body = PageBody, description = "The page as it is now")))]
pub(super) async fn end(
    State(room): State<Paging>,
    asks: Asks,
    Path(id): Path<String>,
) -> Result<Json<PageBody>, Problem> {
    if room.stop(&id) {
        tracing::info!(page = id, by = asks.requester.subject, "an operator ended a page");
        room.0.clerk.written(ROW).await;
    }
    let row = known(&room, &id).await?;
    if row.state == "playing" {
        return Err(Problem::new(ProblemKind::Conflict, "the page plays in another instance; ask that one"));
    }
    Ok(Json(PageBody::of(row, &asks.requester)))
}
