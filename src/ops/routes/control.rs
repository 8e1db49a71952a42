//! Live calls: hang up, or send the caller elsewhere. The carrier does it; what was asked for is written down first.

use super::live::{Entry, Live};
use super::query::Named;
use super::trouble;
use crate::base::{E164, Problem, ProblemKind, WriteKey, derived_id, rfc3339_ms};
use crate::carrier::CallChange as Change;
use crate::ledger::read;
use crate::ledger::{Facts, OutboxEvent, TransferStep};
use crate::ops::access::{Operator, Role};
use crate::ops::state::Ops;
use crate::ops::steering::Destination;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Where to send a caller.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::ops) struct TransferWish {
    /// A number in E.164 form, or `voicemail` for the line's mailbox.
    #[schema(example = "+15875550101")]
    to: String,
}

/// What the carrier was asked to do. How it goes is told by the call's timeline and by events.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct Requested {
    /// The call.
    call_sid: String,
    /// `transfer` or `hangup`.
    requested: &'static str,
    /// `tr_…`, the name of the transfer in `call.transfer` events.
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer_id: Option<String>,
}

/// Transfer a live call
///
/// Cold: whatever the caller hears is interrupted, the number rings for 25 s, and when nobody takes the call the caller
/// comes to the mailbox. Each step is an event `call.transfer`.
#[utoipa::path(post, path = "/api/calls/{sid}/transfer", tag = "calls", request_body = TransferWish,
    params(("sid" = String, Path, description = "CA…")),
    responses((status = 202, body = Requested, description = "The carrier sends the caller there")))]
pub(in crate::ops) async fn transfer(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    key: Option<Extension<WriteKey>>,
    Named(sid): Named,
    wish: Result<Json<TransferWish>, JsonRejection>,
) -> Result<(StatusCode, Json<Requested>), Problem> {
    who.require(Role::Operator)?;
    let to = destination(wish)?;
    let live = Live::find(&ops, &sid).await?;
    live.is_whole("transfer")?;
    let id = match &key {
        Some(Extension(key)) => key.id("tr"),
        None => derived_id("tr", &[&sid, &rfc3339_ms(ops.now())]),
    };
    let url = live.url(&id, to.as_ref()).await?;
    live.note(&who, Noted { id: &id, to: to.as_ref(), step: "requested", reason: None }).await?;
    if let Err(problem) = live.ask(&Change::Url(url)).await {
        let reason =
            if problem.kind == ProblemKind::Conflict { "the call had ended" } else { "the carrier did not do it" };
        let failed = Noted { id: &id, to: to.as_ref(), step: "failed", reason: Some(reason) };
        if let Err(unwritten) = live.note(&who, failed).await {
            tracing::warn!(call.sid = sid, transfer = id, why = %unwritten.detail, "a failed transfer was not written down");
        }
        return Err(problem);
    }
    Ok((StatusCode::ACCEPTED, Json(Requested { call_sid: sid, requested: "transfer", transfer_id: Some(id) })))
}

/// Hang up a live call
///
/// A leg of a dial can be hung up alone.
#[utoipa::path(post, path = "/api/calls/{sid}/hangup", tag = "calls", params(("sid" = String, Path, description = "CA…")),
    responses((status = 202, body = Requested, description = "The carrier ends the call")))]
pub(in crate::ops) async fn hangup(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(sid): Named,
) -> Result<(StatusCode, Json<Requested>), Problem> {
    who.require(Role::Operator)?;
    let live = Live::find(&ops, &sid).await?;
    live.note_hangup(&who).await?;
    live.ask(&Change::Complete).await?;
    Ok((StatusCode::ACCEPTED, Json(Requested { call_sid: sid, requested: "hangup", transfer_id: None })))
}

/// A number, or `None` for the mailbox.
fn destination(wish: Result<Json<TransferWish>, JsonRejection>) -> Result<Option<E164>, Problem> {
    let hint =
        || Problem::new(ProblemKind::BadRequest, r#"write JSON like {"to": "+15875550101"} or {"to": "voicemail"}"#);
    let Json(wish) = wish.map_err(|_| hint())?;
    if wish.to == "voicemail" {
        return Ok(None);
    }
    let detail = "to: write a number in E.164 form, like +15875550101, or voicemail; other targets come later";
    E164::parse(&wish.to).map(Some).map_err(|_| Problem::new(ProblemKind::Unprocessable, detail))
}

/// A step of a transfer, to be written down.
struct Noted<'a> {
    id: &'a str,
    to: Option<&'a E164>,
    step: &'static str,
    reason: Option<&'static str>,
}

impl Live<'_> {
    /// Where the carrier is to ask what comes next: the next step of this call.
    async fn url(&self, transfer_id: &str, to: Option<&E164>) -> Result<String, Problem> {
        let db = self.ops.db();
        let webhooks = read::webhooks(db, &self.row).await.map_err(trouble::storage)?;
        let consents = read::consents(db, &self.row).await.map_err(trouble::storage)?;
        let last = webhooks.iter().map(|webhook| webhook.step).max().unwrap_or(0);
        let consent = consents.iter().rev().find(|row| row.scope == "recording").map(|row| row.given);
        let line = self.row.line.as_deref().unwrap_or_default();
        let step = u32::try_from(last.saturating_add(1)).unwrap_or(u32::MAX);
        Ok((self.steering.url)(&Destination { transfer_id, line, step, consent, to }))
    }

    async fn ask(&self, change: &Change) -> Result<(), Problem> {
        let asked = self.carrier.change_call(&self.row.call_sid, change).await;
        self.answered(asked).map(drop)
    }

    async fn note(&self, who: &Operator, noted: Noted<'_>) -> Result<(), Problem> {
        let to = noted.to.map(E164::as_str);
        let mut facts = Facts::default();
        facts.event(OutboxEvent::transfer(&TransferStep {
            id: noted.id,
            call_sid: &self.row.call_sid,
            line: self.row.line.as_deref(),
            step: noted.step,
            to,
            reason: noted.reason,
        }));
        let whom = to.unwrap_or("voicemail");
        let decision = match noted.reason {
            None => format!("{} transfers the caller to {whom}", who.subject),
            Some(reason) => format!("transfer to {whom} failed: {reason}"),
        };
        let input = json!({ "By": who.subject, "To": to, "Transfer": noted.id, "Step": noted.step });
        let name = format!("{}\0{}", noted.id, noted.step);
        self.entries().store(Entry { kind: "transfer", name: &name, input, decision, facts }).await
    }

    async fn note_hangup(&self, who: &Operator) -> Result<(), Problem> {
        let (now, decision) = (self.ops.now().to_rfc3339(), format!("{} hangs up", who.subject));
        let (name, input) = (format!("{now}\0requested"), json!({ "By": who.subject }));
        let entry = Entry { kind: "hangup", name: &name, input, decision, facts: Facts::default() };
        self.entries().store(entry).await
    }
}
