//! The room over HTTP. The operators' side lets people in and knows their roles.

use super::bodies::{CallerBody, CallerList, CallerQuery, CallerWish};
use super::queries::{self, Filter, Row};
use crate::asks::{Asked, Asks, Body, bad, cursor, cut, ends, page_size, place};
use crate::base::{Clock, Problem, ProblemKind, Time, mask};
use crate::config::callers::Pattern;
use crate::config::entries::List;
use crate::db::{self, Db, DbError};
use crate::ledger::read;
use crate::world::Worlds;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderName, LOCATION};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Longest note, in characters.
const LONGEST: usize = 500;
/// The word for every line.
const ALL: &str = "all";

/// Callers on lists. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Callers {
    db: Db,
    worlds: Worlds,
    clock: Clock,
}

impl Callers {
    /// The room, on its neighbours.
    #[must_use]
    pub fn new(db: Db, worlds: Worlds, clock: Clock) -> Self {
        Self { db, worlds, clock }
    }

    /// What everybody who is let in may ask.
    #[must_use]
    pub fn open_routes(&self) -> OpenApiRouter {
        OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).with_state(self.clone())
    }

    /// What callers notice.
    #[must_use]
    pub fn routes(&self) -> OpenApiRouter {
        OpenApiRouter::new().routes(routes!(put)).routes(routes!(take_back)).with_state(self.clone())
    }

    async fn row(&self, id: &str) -> Result<Row, Problem> {
        // Postgres refuses NUL, and no name of ours has one.
        let row =
            if id.contains(char::is_control) { None } else { queries::one(&self.db, id).await.map_err(storage)? };
        row.ok_or_else(|| Problem::new(ProblemKind::NotFound, "no entry of a list has this id"))
    }

    /// Who is meant, and on which line when nobody says.
    async fn meant(&self, wish: &CallerWish) -> Result<(String, Option<String>), Problem> {
        match (&wish.number, &wish.call_sid) {
            (Some(number), None) => {
                let pattern = Pattern::parse(number.trim()).ok_or_else(|| {
                    bad("number: write it in E.164 form, like +15875550111, or the beginning of numbers, like +1900*")
                })?;
                Ok((pattern.to_string(), None))
            }
            (None, Some(sid)) => self.caller_of(sid).await,
            _ => Err(bad("write number or call_sid, one of them")),
        }
    }

    async fn caller_of(&self, sid: &str) -> Result<(String, Option<String>), Problem> {
        let none = || Problem::new(ProblemKind::NotFound, "no call of this SID is known");
        if sid.contains(char::is_control) {
            return Err(none());
        }
        let call = read::call(&self.db, sid).await.map_err(storage)?.ok_or_else(none)?;
        if let Some(parent) = call.parent_call_sid {
            return Err(unfit(format!("this is a leg of another call; name {parent}")));
        }
        let placed = call.direction.is_some_and(|direction| direction.starts_with("outbound"));
        let other = if placed { call.to_number } else { call.from_number };
        let caller = other.as_deref().and_then(Pattern::parse);
        let withheld = "the caller withheld the number: write block = { withheld = true } into the line's callers";
        Ok((caller.ok_or_else(|| unfit(withheld))?.to_string(), call.line))
    }

    /// The line that a wish names; `None`: every line.
    fn line(&self, wish: &CallerWish, usual: Option<String>) -> Result<Option<String>, Problem> {
        let world = self.worlds.current();
        let line = match wish.line.as_deref() {
            Some(ALL) => None,
            Some(name) => Some(name.to_owned()),
            // A line that a reload took away has no callers any more.
            None => usual.filter(|name| world.line(name).is_some()),
        };
        if let Some(name) = &line
            && world.line(name).is_none()
        {
            return Err(Problem::new(ProblemKind::NotFound, "there is no line of this name"));
        }
        let leads = |name: &str| world.line(name).is_some_and(|line| line.callers.vip.is_some());
        let anywhere = || world.lines().iter().any(|line| line.callers.vip.is_some());
        if wish.list == List::Vip && !line.as_deref().map_or_else(anywhere, leads) {
            return Err(unfit("no way for VIPs: write vip = { numbers = [], then = … } into the line's callers"));
        }
        Ok(line)
    }
}

fn unfit(detail: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
    Problem::new(ProblemKind::Unprocessable, detail)
}

/// Callers on lists
///
/// Newest first; also what is over. The lists of the configuration are not here.
#[utoipa::path(get, path = "/api/callers", tag = "callers", params(CallerQuery),
    responses((status = 200, body = CallerList, description = "One page of the list")))]
async fn list(
    State(room): State<Callers>,
    asks: Asks,
    Asked(asked): Asked<CallerQuery>,
) -> Result<Json<CallerList>, Problem> {
    let (limit, before) = (page_size(asked.limit)?, place(asked.cursor.as_deref())?);
    if [&asked.line, &asked.number].into_iter().flatten().any(|text| text.contains(char::is_control)) {
        return Err(bad("line and number hold no control characters"));
    }
    let list = asked.list.map(|list| list.as_str().to_owned());
    let filter = Filter { line: asked.line, list, number: asked.number };
    let mut rows = queries::list(&room.db, &filter, before.as_ref(), limit + 1).await.map_err(storage)?;
    let next_cursor = cut(&mut rows, limit, |row| cursor(row.created_at, &row.id));
    let now = room.clock.now();
    let items = rows.into_iter().map(|row| CallerBody::of(row, now, &asks.requester)).collect();
    Ok(Json(CallerList { items, next_cursor }))
}

/// One caller on a list
#[utoipa::path(get, path = "/api/callers/{id}", tag = "callers", params(("id" = String, Path, description = "cl_…")),
    responses((status = 200, body = CallerBody, description = "The entry")))]
async fn one(State(room): State<Callers>, asks: Asks, Path(id): Path<String>) -> Result<Json<CallerBody>, Problem> {
    Ok(Json(CallerBody::of(room.row(&id).await?, room.clock.now(), &asks.requester)))
}

/// Put a caller on a list
///
/// By number, or by one of their calls. Blocked callers are not let in, allowed ones never blocked, VIPs led past the menu where the
/// line has a way for them. It goes before the lists of the configuration, takes the place of what was said of the same caller there,
/// and counts on every instance within two seconds; calls that are on the line go on. Needs the role operator.
#[utoipa::path(post, path = "/api/callers", tag = "callers", request_body = CallerWish,
    responses((status = 201, body = CallerBody, description = "Put there")))]
async fn put(
    State(room): State<Callers>,
    asks: Asks,
    Body(wish): Body<CallerWish>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<CallerBody>), Problem> {
    let now = room.clock.now();
    let (number, usual) = room.meant(&wish).await?;
    let line = room.line(&wish, usual)?;
    let row = row(wish, (number, line), now, &asks)?;
    queries::insert(&room.db, &row).await.map_err(storage)?;
    // A write that was sent again finds what it wrote.
    let row = room.row(&row.id).await?;
    let (caller, by) = (mask(&row.number), &asks.requester.subject);
    tracing::info!(caller, list = row.list, line = row.line, id = row.id, by, "a caller is put on a list");
    let location = [(LOCATION, format!("/api/callers/{}", row.id))];
    Ok((StatusCode::CREATED, location, Json(CallerBody::of(row, now, &asks.requester))))
}

fn row(wish: CallerWish, (number, line): (String, Option<String>), now: Time, asks: &Asks) -> Result<Row, Problem> {
    let ends_at = ends(now, wish.until, wish.minutes)?;
    if ends_at.is_some_and(|ends| ends <= now) {
        return Err(bad("until: is over already"));
    }
    if wish.note.chars().count() > LONGEST || wish.note.contains('\0') {
        return Err(bad(format!("note: write at most {LONGEST} characters")));
    }
    Ok(Row {
        id: asks.name("cl", now),
        line,
        number,
        list: wish.list.as_str().to_owned(),
        note: wish.note,
        call_sid: wish.call_sid,
        ends_at,
        made_by: asks.requester.subject.clone(),
        created_at: now,
        cancelled_at: None,
    })
}

/// Take a caller off a list
///
/// Counts within two seconds. Needs the role operator.
#[utoipa::path(delete, path = "/api/callers/{id}", tag = "callers", params(("id" = String, Path, description = "cl_…")),
    responses((status = 200, body = CallerBody, description = "The entry as it is now")))]
async fn take_back(
    State(room): State<Callers>,
    asks: Asks,
    Path(id): Path<String>,
) -> Result<Json<CallerBody>, Problem> {
    let (now, id) = (room.clock.now(), room.row(&id).await?.id);
    queries::cancel(&room.db, &id, now).await.map_err(storage)?;
    tracing::info!(id, by = asks.requester.subject, "a caller is taken off a list");
    Ok(Json(CallerBody::of(room.row(&id).await?, now, &asks.requester)))
}

fn storage(error: DbError) -> Problem {
    db::problem(&error, "lists of callers")
}
