//! Live calls: hang up, or send the caller elsewhere. The carrier does it; what was asked for is written down first.

use super::query::Named;
use super::trouble;
use crate::base::{CallSid, CallState, E164, Problem, ProblemKind, WriteKey, derived_id, rfc3339_ms};
use crate::carrier::{CallChange as Change, Carrier, Patience};
use crate::ledger::read::{self, CallRow};
use crate::ledger::{CallChange, CallFact, Facts, OutboxEvent, TransferStep, Unit, Webhook};
use crate::ops::access::{Operator, Role};
use crate::ops::state::Ops;
use crate::ops::steering::{Destination, Steering};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::{Extension, Json};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;
use utoipa::ToSchema;

/// How long the database may take to write a wish down.
const STORAGE_PATIENCE: Duration = Duration::from_secs(3);
/// How soon to ask again when the carrier does not say.
const LATER_S: u64 = 5;

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
    live.is_whole()?;
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

/// A call that goes on, and what steers it.
struct Live<'a> {
    ops: &'a Ops,
    steering: &'a Steering,
    carrier: Carrier,
    row: CallRow,
}

impl<'a> Live<'a> {
    async fn find(ops: &'a Ops, sid: &str) -> Result<Self, Problem> {
        let found = read::call(ops.db(), sid).await.map_err(trouble::storage)?;
        let row = found.ok_or_else(|| Problem::new(ProblemKind::NotFound, "no call of this SID is known"))?;
        if CallState::parse(&row.state).is_some_and(CallState::is_final) {
            return Err(over());
        }
        let hint = "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to steer calls";
        let steered = ops.carrier().zip(ops.steering());
        let (carrier, steering) = steered.ok_or_else(|| Problem::new(ProblemKind::Unavailable, hint))?;
        let account = row.account_sid.as_deref().unwrap_or(carrier.account_sid());
        let carrier = carrier.acting_on(account).map_err(|error| trouble::steering(&error))?;
        Ok(Self { ops, steering, carrier: carrier.with_patience(Patience::LIVE), row })
    }

    /// A leg alone cannot be sent elsewhere: the caller at its other end would be dropped.
    fn is_whole(&self) -> Result<(), Problem> {
        let Some(parent) = &self.row.parent_call_sid else { return Ok(()) };
        let detail = format!("this is a leg of another call; transfer {parent}");
        Err(Problem::new(ProblemKind::Unprocessable, detail))
    }

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
        self.ops.carrier_watch().note(self.ops.now(), asked.as_ref().err());
        match asked {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(over()),
            Err(error) => Err(trouble::steering(&error)),
        }
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
        self.store("transfer", (noted.id, noted.step), (input, decision), facts).await
    }

    async fn note_hangup(&self, who: &Operator) -> Result<(), Problem> {
        let (now, decision) = (self.ops.now().to_rfc3339(), format!("{} hangs up", who.subject));
        self.store("hangup", (&now, "requested"), (json!({ "By": who.subject }), decision), Facts::default()).await
    }

    /// An entry of the timeline. It says nothing about the call's state: only the carrier knows that.
    async fn store(
        &self,
        kind: &'static str,
        (id, step): (&str, &str),
        (input, decision): (Value, String),
        facts: Facts,
    ) -> Result<(), Problem> {
        let sid = CallSid::parse(&self.row.call_sid).ok_or_else(over)?;
        let mut key = [0; 16];
        let digest = Sha256::digest([kind, &self.row.call_sid, id, step].join("\0"));
        key.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
        let unit = Unit {
            key,
            at: self.ops.now(),
            call: Some(CallChange {
                sid,
                fact: CallFact::default(),
                state: None,
                outcome: None,
                reason: None,
                duration_s: None,
            }),
            parent: None,
            webhook: Webhook { kind, input: input.to_string(), decision, ..Webhook::default() },
            facts,
            answer: Bytes::new(),
            limits: Vec::new(),
            busy: None,
        };
        let stored = self.steering.ledger.store(unit, STORAGE_PATIENCE).await;
        let detail = "it could not be written down, so the carrier was not asked";
        let unwritten = |_| Problem::new(ProblemKind::Unavailable, detail).retry_after(LATER_S);
        stored.map(drop).map_err(unwritten)
    }
}

fn over() -> Problem {
    Problem::new(ProblemKind::Conflict, "the call has ended")
}
