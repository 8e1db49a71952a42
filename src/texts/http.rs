//! The room over HTTP. The operators' side lets people in and knows their roles.

use super::bodies::{MessageBody, MessageList, MessageQuery, MessageWish};
use super::desk::Texts;
use super::queries::{self, Filter, Row};
use crate::asks::{Asked, Asks, Body, bad, cursor, cut, page_size, place};
use crate::base::{E164, Problem, ProblemKind, Time, mask};
use crate::config::line::Line;
use crate::db::{self, DbError};
use crate::ledger::{TextKind, TextState};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderName, LOCATION};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What a carrier takes as one text, in characters.
const LONGEST: usize = 1600;

impl Texts {
    /// What everybody who is let in may ask.
    #[must_use]
    pub fn open_routes(&self) -> OpenApiRouter {
        OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).with_state(self.clone())
    }

    /// What people outside notice.
    #[must_use]
    pub fn routes(&self) -> OpenApiRouter {
        OpenApiRouter::new().routes(routes!(send)).with_state(self.clone())
    }

    async fn row(&self, name: &str) -> Result<Row, Problem> {
        // Postgres refuses NUL, and no name of ours has one.
        let odd = name.contains(char::is_control);
        let row = if odd { None } else { queries::one(self.db(), name).await.map_err(storage)? };
        row.ok_or_else(|| Problem::new(ProblemKind::NotFound, "there is no text of this name"))
    }
}

/// Texts
///
/// Those that came in and those that were sent, newest first.
#[utoipa::path(get, path = "/api/messages", tag = "messages", params(MessageQuery),
    responses((status = 200, body = MessageList, description = "One page of the list")))]
async fn list(
    State(room): State<Texts>,
    asks: Asks,
    Asked(asked): Asked<MessageQuery>,
) -> Result<Json<MessageList>, Problem> {
    let (limit, before) = (page_size(asked.limit)?, place(asked.cursor.as_deref())?);
    let filter = filter(asked)?;
    let mut rows = queries::list(room.db(), &filter, before.as_ref(), limit + 1).await.map_err(storage)?;
    let next_cursor = cut(&mut rows, limit, |row| cursor(row.created_at, &row.id));
    let items = rows.into_iter().map(|row| MessageBody::of(row, &asks.requester)).collect();
    Ok(Json(MessageList { items, next_cursor }))
}

fn filter(asked: MessageQuery) -> Result<Filter, Problem> {
    let texts = [&asked.line, &asked.from, &asked.to, &asked.state];
    if texts.into_iter().flatten().any(|text| text.contains(char::is_control)) {
        return Err(bad("a filter holds a control character"));
    }
    let direction = match asked.direction.as_deref() {
        None => None,
        Some("inbound") => Some("inbound"),
        Some("outbound") => Some("outbound"),
        Some(_) => return Err(bad("direction: write inbound or outbound")),
    };
    Ok(Filter { line: asked.line, from: asked.from, to: asked.to, direction, state: asked.state })
}

/// One text
///
/// By its id (`msg_…`) or the carrier's SID.
#[utoipa::path(get, path = "/api/messages/{sid}", tag = "messages", params(("sid" = String, Path, description = "msg_…, SM… or MM…")),
    responses((status = 200, body = MessageBody, description = "The text")))]
async fn one(State(room): State<Texts>, asks: Asks, Path(sid): Path<String>) -> Result<Json<MessageBody>, Problem> {
    Ok(Json(MessageBody::of(room.row(&sid).await?, &asks.requester)))
}

/// Send a text
///
/// It is taken down and handed to the carrier within seconds; follow it where `Location` says. Nobody who wrote STOP is sent
/// one. Needs the role operator.
#[utoipa::path(post, path = "/api/messages", tag = "messages", request_body = MessageWish,
    responses((status = 202, body = MessageBody, description = "Taken down")))]
async fn send(
    State(room): State<Texts>,
    asks: Asks,
    Body(wish): Body<MessageWish>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<MessageBody>), Problem> {
    if room.parts().carrier.is_none() {
        let told = "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are not set: there is nobody to send a text";
        return Err(Problem::new(ProblemKind::Conflict, told));
    }
    let now = room.now();
    let row = room.written(wish, now, &asks).await?;
    queries::insert(room.db(), &row).await.map_err(storage)?;
    let to = mask(row.to_number.as_deref().unwrap_or_default());
    tracing::info!(text = row.id, line = row.line, to, by = asks.requester.subject, "a text is to be sent");
    // A write that was sent again finds what it wrote.
    let row = room.row(&row.id).await?;
    let location = [(LOCATION, format!("/api/messages/{}", row.id))];
    Ok((StatusCode::ACCEPTED, location, Json(MessageBody::of(row, &asks.requester))))
}

impl Texts {
    async fn written(&self, wish: MessageWish, now: Time, asks: &Asks) -> Result<Row, Problem> {
        let to = E164::parse(&wish.to).map_err(|why| bad(format!("to: {why}")))?;
        let length = wish.body.chars().count();
        if wish.body.trim().is_empty() || length > LONGEST {
            return Err(bad(format!("body: write 1 to {LONGEST} characters")));
        }
        if wish.body.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(bad("body: control characters cannot be sent"));
        }
        let (line, from) = self.sender(&wish)?;
        if queries::opted_out(self.db(), from.as_str(), to.as_str()).await.map_err(storage)? {
            return Err(Problem::new(ProblemKind::Conflict, "this number has written STOP to that one of ours"));
        }
        Ok(Row {
            id: asks.name("msg", now),
            message_sid: None,
            account_sid: queries::account_of(self.db(), from.as_str()).await.map_err(storage)?,
            line: Some(line.name.clone()),
            direction: TextKind::Api.direction().to_owned(),
            kind: TextKind::Api.as_str().to_owned(),
            from_number: Some(from.to_string()),
            to_number: Some(to.to_string()),
            body: Some(wish.body),
            media: "[]".to_owned(),
            segments: None,
            state: TextState::Queued.as_str().to_owned(),
            error_code: None,
            error: None,
            in_reply_to: None,
            call_sid: None,
            requested_by: Some(asks.requester.subject.clone()),
            attempts: 0,
            asked_at: None,
            created_at: now,
            updated_at: now,
        })
    }

    /// The line that sends it, and by which of its numbers.
    fn sender(&self, wish: &MessageWish) -> Result<(Arc<Line>, E164), Problem> {
        let unfit = |told: &'static str| Problem::new(ProblemKind::Unprocessable, told);
        let world = self.parts().worlds.current();
        if let Some(from) = &wish.from {
            let from = E164::parse(from).map_err(|why| bad(format!("from: {why}")))?;
            let line = world.lines().iter().find(|line| line.numbers.contains(&from));
            let line = line.ok_or_else(|| unfit("from: not a number of a line"))?;
            if wish.line.as_ref().is_some_and(|name| *name != line.name) {
                return Err(unfit("from: a number of another line"));
            }
            return Ok((Arc::clone(line), from));
        }
        let line = match &wish.line {
            Some(name) => world.line(name).ok_or_else(|| unfit("line: no line of this name"))?,
            None => match world.lines() {
                [only] => only,
                _ => return Err(unfit("line: there are several; write which one, or a number of ours as from")),
            },
        };
        let from = line.numbers.first().cloned().ok_or_else(|| unfit("line: it has no number of its own"))?;
        Ok((Arc::clone(line), from))
    }
}

fn storage(error: DbError) -> Problem {
    db::problem(&error, "texts")
}
