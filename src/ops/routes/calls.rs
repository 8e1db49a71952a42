//! Calls: the list, and one call from beginning to end.

use super::query::{Asked, Named, cut, page_size, place, time};
use super::trouble;
use crate::base::{Problem, ProblemKind};
use crate::ledger::inbox;
use crate::ledger::read::{self, CallFilter};
use crate::ops::access::{Operator, Role};
use crate::ops::state::Ops;
use crate::ops::view::{CallBody, CallDetail, CallList, text, timeline, why};
use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which calls.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::ops) struct CallQuery {
    /// Items of a page, 1 to 200; 50 when absent.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Name of the line.
    line: Option<String>,
    /// Twilio's CallStatus: ringing, in-progress, completed, …
    state: Option<String>,
    /// abandoned, rejected, voicemail, answered or emergency.
    outcome: Option<String>,
    /// The caller's number; operators only. Escape `+` as `%2B`.
    from: Option<String>,
    /// The number called; operators only. Escape `+` as `%2B`.
    to: Option<String>,
    /// Started at or after, RFC 3339.
    since: Option<String>,
    /// Started before, RFC 3339.
    until: Option<String>,
    /// Child legs of dials as well.
    legs: Option<bool>,
}

impl CallQuery {
    fn filter(&self, who: &Operator) -> Result<CallFilter, Problem> {
        if self.from.is_some() || self.to.is_some() {
            // Else a viewer could find a masked number by trying.
            who.require(Role::Operator)?;
        }
        Ok(CallFilter {
            line: self.line.clone(),
            state: self.state.clone(),
            outcome: self.outcome.clone(),
            from: self.from.as_deref().map(with_plus),
            to: self.to.as_deref().map(with_plus),
            since: time("since", self.since.as_deref())?,
            until: time("until", self.until.as_deref())?,
            legs: self.legs.unwrap_or(false),
        })
    }
}

/// A `+` that was not escaped arrives as a space.
fn with_plus(number: &str) -> String {
    number.strip_prefix(' ').map_or_else(|| number.to_owned(), |digits| format!("+{digits}"))
}

/// Calls
///
/// Newest first. A call that comes in while pages are turned neither moves nor repeats another.
#[utoipa::path(get, path = "/api/calls", tag = "calls", params(CallQuery),
    responses((status = 200, body = CallList, description = "One page")))]
pub(in crate::ops) async fn calls(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Asked(asked): Asked<CallQuery>,
) -> Result<Json<CallList>, Problem> {
    let filter = asked.filter(&who)?;
    let before = place(asked.cursor.as_deref(), |text| text.parse::<i64>().ok())?;
    let size = page_size(asked.limit);
    let mut rows = read::calls(ops.db(), &filter, before, size + 1).await.map_err(trouble::storage)?;
    let next_cursor = cut(&mut rows, size, |row| row.id.to_string());
    Ok(Json(CallList { items: rows.into_iter().map(|row| CallBody::of(row, &who)).collect(), next_cursor }))
}

/// One call
///
/// With everything that came in, was decided and was answered, and a sentence that says why it ended so.
#[utoipa::path(get, path = "/api/calls/{sid}", tag = "calls", params(("sid" = String, Path, description = "CA…")),
    responses((status = 200, body = CallDetail, description = "The call and its timeline")))]
pub(in crate::ops) async fn call(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(sid): Named,
) -> Result<Json<CallDetail>, Problem> {
    let db = ops.db();
    let found = read::call(db, &sid).await.map_err(trouble::storage)?;
    let row = found.ok_or_else(|| Problem::new(ProblemKind::NotFound, "no call of this SID is known"))?;
    let webhooks = read::webhooks(db, &row).await.map_err(trouble::storage)?;
    let consents = read::consents(db, &row).await.map_err(trouble::storage)?;
    let voicemails = inbox::voicemails_of_call(db, &row.call_sid).await.map_err(trouble::storage)?;
    Ok(Json(CallDetail {
        why: text(&why(&row, &webhooks, &voicemails), &who),
        timeline: timeline(webhooks, consents, voicemails, &who, ops.now()),
        call: CallBody::of(row, &who),
    }))
}
