//! Calls: the list, and one call from beginning to end.

use super::query::{Asked, Named, Parameters, QueryText, cut};
use super::trouble;
use crate::base::{CallState, Outcome, Problem, ProblemKind, Time};
use crate::ledger::holds;
use crate::ledger::inbox;
use crate::ledger::mails;
use crate::ledger::read::{self, CallFilter};
use crate::ops::access::{Operator, Role};
use crate::ops::state::Ops;
use crate::ops::view::{CallBody, CallDetail, CallList, LegalHoldBody, Past, text, timeline, why};
use axum::extract::State;
use axum::{Extension, Json};
use utoipa::IntoParams;

/// Which calls.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::ops) struct CallQuery {
    /// Items of a page, 1 to 200; 50 when absent.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: i64,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<i64>,
    /// Name of the line.
    line: Option<String>,
    /// Twilio's CallStatus: queued, initiated, ringing, in-progress, completed, busy, failed, no-answer or canceled.
    state: Option<String>,
    /// abandoned, rejected, voicemail, answered or emergency.
    outcome: Option<String>,
    /// The caller's number; operators only. Escape `+` as `%2B`.
    from: Option<String>,
    /// The number called; operators only. Escape `+` as `%2B`.
    to: Option<String>,
    /// Started at or after, RFC 3339.
    #[param(value_type = Option<String>)]
    since: Option<Time>,
    /// Started before, RFC 3339.
    #[param(value_type = Option<String>)]
    until: Option<Time>,
    /// Child legs of dials as well.
    legs: Option<bool>,
}

impl Parameters for CallQuery {
    const NAMES: &'static [&'static str] =
        &["cursor", "from", "legs", "limit", "line", "outcome", "since", "state", "to", "until"];

    fn read(query: &QueryText) -> Result<Self, Problem> {
        Ok(Self {
            limit: query.page_size()?,
            cursor: query.place(|text| text.parse().ok())?,
            line: query.text("line"),
            state: query.word("state", &CallState::ALL.map(CallState::as_str))?,
            outcome: query.word("outcome", &Outcome::ALL.map(Outcome::as_str))?,
            from: query.text("from"),
            to: query.text("to"),
            since: query.time("since")?,
            until: query.time("until")?,
            legs: query.switch("legs")?,
        })
    }
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
            since: self.since,
            until: self.until,
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
    let rows = read::calls(ops.db(), &filter, asked.cursor, asked.limit + 1).await;
    let mut rows = rows.map_err(trouble::storage)?;
    let next_cursor = cut(&mut rows, asked.limit, |row| row.id.to_string());
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
    let mails = mails::mails_of_call(db, &row.call_sid).await.map_err(trouble::storage)?;
    let hold = holds::held_call(db, &row.call_sid).await.map_err(trouble::storage)?;
    Ok(Json(CallDetail {
        legal_hold: hold.filter(|_| who.role >= Role::Operator).map(LegalHoldBody::of),
        why: text(&why(&row, &webhooks, &voicemails), &who),
        timeline: timeline(Past { webhooks, consents, voicemails, mails }, &who, ops.now()),
        call: CallBody::of(row, &who),
    }))
}
