//! The room over HTTP. The operators' side lets people in and knows their roles.

use super::bodies::{HoursBody, HoursQuery, OverrideBody, OverrideList, OverrideQuery, OverrideWish};
use super::queries::{self, Row};
use crate::asks::{Asked, Asks, Body, bad, cursor, cut, ends, page_size, place};
use crate::base::{Clock, Problem, ProblemKind, Time};
use crate::config::line::Line;
use crate::db::{self, Db, DbError};
use crate::world::Worlds;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderName, LOCATION};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Longest words of an override, in characters.
const LONGEST: usize = 1000;

/// When lines are open. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Openings {
    db: Db,
    worlds: Worlds,
    clock: Clock,
}

impl Openings {
    /// The room, on its neighbours.
    #[must_use]
    pub fn new(db: Db, worlds: Worlds, clock: Clock) -> Self {
        Self { db, worlds, clock }
    }

    /// What everybody who is let in may ask.
    #[must_use]
    pub fn open_routes(&self) -> OpenApiRouter {
        OpenApiRouter::new().routes(routes!(hours)).routes(routes!(list)).routes(routes!(one)).with_state(self.clone())
    }

    /// What callers notice.
    #[must_use]
    pub fn routes(&self) -> OpenApiRouter {
        OpenApiRouter::new().routes(routes!(make)).routes(routes!(take_back)).with_state(self.clone())
    }

    fn line(&self, name: &str) -> Result<Arc<Line>, Problem> {
        let none = || Problem::new(ProblemKind::NotFound, "there is no line of this name");
        self.worlds.current().line(name).map(Arc::clone).ok_or_else(none)
    }

    async fn row(&self, id: &str) -> Result<Row, Problem> {
        // Postgres refuses NUL, and no name of ours has one.
        let row =
            if id.contains(char::is_control) { None } else { queries::one(&self.db, id).await.map_err(storage)? };
        row.ok_or_else(|| Problem::new(ProblemKind::NotFound, "there is no override of this id"))
    }
}

/// Whether a line is open
///
/// And which rule says so: an override, a date, a day of the week. While it is closed: when it opens next.
#[utoipa::path(get, path = "/api/lines/{name}/hours", tag = "lines", params(("name" = String, Path, description = "Name of the line"), HoursQuery),
    responses((status = 200, body = HoursBody, description = "The rule that wins")))]
async fn hours(
    State(room): State<Openings>,
    Path(name): Path<String>,
    Asked(asked): Asked<HoursQuery>,
) -> Result<Json<HoursBody>, Problem> {
    let (line, at) = (room.line(&name)?, asked.at.unwrap_or_else(|| room.clock.now()));
    let standing = room.worlds.current().standing(&line, at);
    Ok(Json(HoursBody::of(&line, at, &standing)))
}

/// Overrides
///
/// What somebody says of lines for a while, newest first; also what is over.
#[utoipa::path(get, path = "/api/overrides", tag = "lines", params(OverrideQuery),
    responses((status = 200, body = OverrideList, description = "One page of the list")))]
async fn list(
    State(room): State<Openings>,
    asks: Asks,
    Asked(asked): Asked<OverrideQuery>,
) -> Result<Json<OverrideList>, Problem> {
    let (limit, before) = (page_size(asked.limit)?, place(asked.cursor.as_deref())?);
    if asked.line.as_deref().is_some_and(|line| line.contains(char::is_control)) {
        return Err(bad("line: no name of a line"));
    }
    let rows = queries::list(&room.db, asked.line.as_deref(), before.as_ref(), limit + 1).await;
    let mut rows = rows.map_err(storage)?;
    let next_cursor = cut(&mut rows, limit, |row| cursor(row.created_at, &row.id));
    let now = room.clock.now();
    let items = rows.into_iter().map(|row| OverrideBody::of(row, now, &asks.requester)).collect();
    Ok(Json(OverrideList { items, next_cursor }))
}

/// One override
#[utoipa::path(get, path = "/api/overrides/{id}", tag = "lines", params(("id" = String, Path, description = "ov_…")),
    responses((status = 200, body = OverrideBody, description = "The override")))]
async fn one(State(room): State<Openings>, asks: Asks, Path(id): Path<String>) -> Result<Json<OverrideBody>, Problem> {
    Ok(Json(OverrideBody::of(room.row(&id).await?, room.clock.now(), &asks.requester)))
}

/// Open or close a line for a while
///
/// Whatever its hours say. Counts on every instance within two seconds; calls that are on the line go on. Of several that
/// count at a moment the newest does. Needs the role operator.
#[utoipa::path(post, path = "/api/overrides", tag = "lines", request_body = OverrideWish,
    responses((status = 201, body = OverrideBody, description = "Said")))]
async fn make(
    State(room): State<Openings>,
    asks: Asks,
    Body(wish): Body<OverrideWish>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<OverrideBody>), Problem> {
    let now = room.clock.now();
    let line = room.line(&wish.line)?;
    let row = row(wish, &line, now, &asks)?;
    queries::insert(&room.db, &row).await.map_err(storage)?;
    // A write that was sent again finds what it wrote.
    let row = room.row(&row.id).await?;
    tracing::info!(line = row.line, state = row.state, id = row.id, by = asks.requester.subject, "a line is overruled");
    let location = [(LOCATION, format!("/api/overrides/{}", row.id))];
    Ok((StatusCode::CREATED, location, Json(OverrideBody::of(row, now, &asks.requester))))
}

fn row(wish: OverrideWish, line: &Line, now: Time, asks: &Asks) -> Result<Row, Problem> {
    let from = wish.from.unwrap_or(now);
    let ends = ends(from, wish.until, wish.minutes)?;
    if ends.is_some_and(|ends| ends <= from || ends <= now) {
        return Err(bad("until: is over before it begins"));
    }
    if wish.say.chars().count() > LONGEST || wish.say.contains('\0') {
        return Err(bad(format!("say: write at most {LONGEST} characters")));
    }
    Ok(Row {
        id: asks.name("ov", now),
        line: line.name.clone(),
        state: wish.state.as_str().to_owned(),
        say: wish.say,
        starts_at: from,
        ends_at: ends,
        source: "api".to_owned(),
        made_by: asks.requester.subject.clone(),
        created_at: now,
        cancelled_at: None,
    })
}

/// Take an override back
///
/// The line's hours count again within two seconds. Needs the role operator.
#[utoipa::path(delete, path = "/api/overrides/{id}", tag = "lines", params(("id" = String, Path, description = "ov_…")),
    responses((status = 200, body = OverrideBody, description = "The override as it is now")))]
async fn take_back(
    State(room): State<Openings>,
    asks: Asks,
    Path(id): Path<String>,
) -> Result<Json<OverrideBody>, Problem> {
    let (now, id) = (room.clock.now(), room.row(&id).await?.id);
    queries::cancel(&room.db, &id, now).await.map_err(storage)?;
    tracing::info!(id, by = asks.requester.subject, "an override is taken back");
    Ok(Json(OverrideBody::of(room.row(&id).await?, now, &asks.requester)))
}

fn storage(error: DbError) -> Problem {
    db::problem(&error, "overrides")
}
