//! Live calls.

use super::trouble;
use crate::base::Problem;
use crate::ledger::read;
use crate::ops::access::Operator;
use crate::ops::state::Ops;
use crate::ops::view::{Session, SessionList};
use axum::extract::State;
use axum::{Extension, Json};

/// Live calls
///
/// Calls that have not ended, over all instances, newest first. Also at `/twilio/sessions`.
#[utoipa::path(get, path = "/api/sessions", tag = "calls",
    responses((status = 200, body = SessionList, description = "All live calls")))]
pub(in crate::ops) async fn sessions(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
) -> Result<Json<SessionList>, Problem> {
    let rows = read::live_calls(ops.db(), ops.now()).await.map_err(trouble::storage)?;
    let mut streams = ops.streams();
    let sessions = rows.into_iter().map(|row| {
        let stream = streams.remove(&row.call_sid);
        Session::of(row, &who).with(stream)
    });
    let sessions: Vec<Session> = sessions.collect();
    Ok(Json(SessionList { count: sessions.len(), sessions }))
}
