//! The inbox.

use super::query::{Asked, Named, Parameters, QueryText, cut};
use super::trouble;
use crate::base::{Problem, ProblemKind, Time};
use crate::db::DbError;
use crate::ledger::VoicemailState;
use crate::ledger::holds;
use crate::ledger::inbox::{self, Moved, Place, VoicemailFilter, VoicemailRow};
use crate::ledger::mails;
use crate::ops::access::{Operator, Role};
use crate::ops::state::Ops;
use crate::ops::view::{VoicemailBody, VoicemailList};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa::IntoParams;

/// Which messages.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::ops) struct VoicemailQuery {
    /// Items of a page, 1 to 200; 50 when absent.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: i64,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Place>,
    /// Name of the line.
    line: Option<String>,
    /// Name of the box.
    mailbox: Option<String>,
    /// expected, recorded, ready, absent or failed.
    state: Option<String>,
    /// The call that left it.
    call_sid: Option<String>,
    /// Read (true) or not (false).
    read: Option<bool>,
    /// Expected at or after, RFC 3339.
    #[param(value_type = Option<String>)]
    since: Option<Time>,
    /// Expected before, RFC 3339.
    #[param(value_type = Option<String>)]
    until: Option<Time>,
    /// The trash instead of the inbox.
    trash: Option<bool>,
}

const STATES: [VoicemailState; 5] = [
    VoicemailState::Expected,
    VoicemailState::Recorded,
    VoicemailState::Ready,
    VoicemailState::Absent,
    VoicemailState::Failed,
];

impl Parameters for VoicemailQuery {
    const NAMES: &'static [&'static str] =
        &["call_sid", "cursor", "limit", "line", "mailbox", "read", "since", "state", "trash", "until"];

    fn read(query: &QueryText) -> Result<Self, Problem> {
        Ok(Self {
            limit: query.page_size()?,
            cursor: query.place(read_place)?,
            line: query.text("line"),
            mailbox: query.text("mailbox"),
            state: query.word("state", &STATES.map(VoicemailState::as_str))?,
            call_sid: query.text("call_sid"),
            read: query.switch("read")?,
            since: query.time("since")?,
            until: query.time("until")?,
            trash: query.switch("trash")?,
        })
    }
}

impl VoicemailQuery {
    fn filter(&self) -> VoicemailFilter {
        VoicemailFilter {
            line: self.line.clone(),
            mailbox: self.mailbox.clone(),
            state: self.state.clone(),
            call_sid: self.call_sid.clone(),
            read: self.read,
            since: self.since,
            until: self.until,
            trash: self.trash.unwrap_or(false),
        }
    }
}

/// Microseconds and id: what the list is sorted by.
fn place_of(row: &VoicemailRow) -> String {
    format!("{}/{}", row.expected_at.timestamp_micros(), row.id)
}

fn read_place(text: &str) -> Option<Place> {
    let (micros, id) = text.split_once('/')?;
    Some((Time::from_timestamp_micros(micros.parse().ok()?)?, id.to_owned()))
}

/// Messages
///
/// Newest first, expected ones too: a message can be late, but never unknown.
#[utoipa::path(get, path = "/api/voicemails", tag = "voicemail", params(VoicemailQuery),
    responses((status = 200, body = VoicemailList, description = "One page")))]
pub(in crate::ops) async fn voicemails(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Asked(asked): Asked<VoicemailQuery>,
) -> Result<Json<VoicemailList>, Problem> {
    let rows = inbox::voicemails(ops.db(), &asked.filter(), asked.cursor.as_ref(), asked.limit + 1).await;
    let mut rows = rows.map_err(trouble::storage)?;
    let next_cursor = cut(&mut rows, asked.limit, place_of);
    let items = rows.into_iter().map(|row| VoicemailBody::of(row, &who, ops.now())).collect();
    Ok(Json(VoicemailList { items, next_cursor }))
}

/// One message
///
/// Also when it is in the trash.
#[utoipa::path(get, path = "/api/voicemails/{id}", tag = "voicemail", params(("id" = String, Path, description = "vm_…")),
    responses((status = 200, body = VoicemailBody, description = "The message")))]
pub(in crate::ops) async fn voicemail(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(id): Named,
) -> Result<Json<VoicemailBody>, Problem> {
    let row = known(&ops, &id).await?;
    let mails = mails::mails_of_voicemail(ops.db(), &id).await.map_err(trouble::storage)?;
    let hold = holds::held_call(ops.db(), &row.call_sid).await.map_err(trouble::storage)?;
    Ok(Json(VoicemailBody::of(row, &who, ops.now()).whole(mails, hold, &who)))
}

/// The row of a message, or 404.
pub(super) async fn known(ops: &Ops, id: &str) -> Result<VoicemailRow, Problem> {
    let found = inbox::voicemail(ops.db(), id).await.map_err(trouble::storage)?;
    found.ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::new(ProblemKind::NotFound, "no message of this id is in the inbox")
}

/// Mark as read
///
/// The first time is told as the event `voicemail.read`; playing the audio marks it too.
#[utoipa::path(post, path = "/api/voicemails/{id}/read", tag = "voicemail", params(("id" = String, Path, description = "vm_…")),
    responses((status = 200, body = VoicemailBody, description = "The message as it is now")))]
pub(in crate::ops) async fn mark_read(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(id): Named,
) -> Result<Json<VoicemailBody>, Problem> {
    who.require(Role::Operator)?;
    let row = settled(inbox::mark_read(ops.db(), &id, &who.subject, ops.now()).await)?;
    Ok(Json(VoicemailBody::of(row, &who, ops.now())))
}

/// Mark as unread
#[utoipa::path(post, path = "/api/voicemails/{id}/unread", tag = "voicemail", params(("id" = String, Path, description = "vm_…")),
    responses((status = 200, body = VoicemailBody, description = "The message as it is now")))]
pub(in crate::ops) async fn mark_unread(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(id): Named,
) -> Result<Json<VoicemailBody>, Problem> {
    who.require(Role::Operator)?;
    let row = settled(inbox::mark_unread(ops.db(), &id).await)?;
    Ok(Json(VoicemailBody::of(row, &who, ops.now())))
}

/// Delete
///
/// Moves it to the trash and tells `voicemail.deleted`. The audio goes when the trash is emptied. A message
/// that may still be on its way is refused with 409.
#[utoipa::path(delete, path = "/api/voicemails/{id}", tag = "voicemail", params(("id" = String, Path, description = "vm_…")),
    responses((status = 204, description = "It is in the trash")))]
pub(in crate::ops) async fn delete(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    who.require(Role::Operator)?;
    settled(inbox::delete(ops.db(), &id, &who.subject, ops.now()).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Done now or before is the same to the client: a wish may be sent twice.
fn settled(moved: Result<Moved, DbError>) -> Result<VoicemailRow, Problem> {
    match moved.map_err(trouble::storage)? {
        Moved::Now(row) | Moved::Already(row) => Ok(row),
        Moved::TooEarly => Err(Problem::new(ProblemKind::Conflict, "the message is still being recorded")),
        Moved::Held(reason) => {
            Err(Problem::new(ProblemKind::Conflict, format!("the message is on legal hold: {reason}")))
        }
        Moved::Unknown => Err(unknown()),
    }
}
