//! Calls that operators steer: which one, by what, and what of it is written down.

use super::trouble;
use crate::base::{CallSid, CallState, Problem, ProblemKind, Time};
use crate::carrier::{Carrier, CarrierError, Patience};
use crate::ledger::read::{self, CallRow};
use crate::ledger::{CallChange, CallFact, Facts, Ledger, Unit, Webhook};
use crate::ops::state::Ops;
use crate::ops::steering::Steering;
use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How long the database may take to write a wish down.
const STORAGE_PATIENCE: Duration = Duration::from_secs(3);
/// How soon to ask again when the carrier does not say.
const LATER_S: u64 = 5;

/// A call that goes on, and what steers it.
pub(super) struct Live<'a> {
    pub(super) ops: &'a Ops,
    pub(super) steering: &'a Steering,
    pub(super) carrier: Carrier,
    pub(super) row: CallRow,
}

impl<'a> Live<'a> {
    /// The call of this SID.
    ///
    /// # Errors
    /// It is unknown or over, or nothing steers calls here.
    pub(super) async fn find(ops: &'a Ops, sid: &str) -> Result<Self, Problem> {
        let row = known(ops, sid).await?;
        if is_over(&row) { Err(over()) } else { Self::steer(ops, row) }
    }

    /// A call that is known to go on.
    ///
    /// # Errors
    /// Nothing steers calls here.
    pub(super) fn steer(ops: &'a Ops, row: CallRow) -> Result<Self, Problem> {
        let hint = "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to steer calls";
        let steered = ops.carrier().zip(ops.steering());
        let (carrier, steering) = steered.ok_or_else(|| Problem::new(ProblemKind::Unavailable, hint))?;
        let account = row.account_sid.as_deref().unwrap_or(carrier.account_sid());
        let carrier = carrier.acting_on(account).map_err(|error| trouble::steering(&error))?;
        Ok(Self { ops, steering, carrier: carrier.with_patience(Patience::LIVE), row })
    }

    /// A leg alone cannot be led: what is done is done to the call at whose other end the caller is.
    pub(super) fn is_whole(&self, verb: &str) -> Result<(), Problem> {
        whole(&self.row, verb)
    }

    /// What the carrier said; `None` from it means that there is no such thing any more.
    pub(super) fn answered<T>(&self, asked: Result<Option<T>, CarrierError>) -> Result<T, Problem> {
        self.ops.carrier_watch().note(self.ops.now(), asked.as_ref().err());
        match asked {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(over()),
            Err(error) => Err(trouble::steering(&error)),
        }
    }

    /// Where things are written down.
    pub(super) fn entries(&self) -> Entries<'_> {
        Entries { ledger: &self.steering.ledger, call_sid: &self.row.call_sid, at: self.ops.now() }
    }
}

/// The call of this SID, also one that is over.
///
/// # Errors
/// It is unknown.
pub(super) async fn known(ops: &Ops, sid: &str) -> Result<CallRow, Problem> {
    let found = read::call(ops.db(), sid).await.map_err(trouble::storage)?;
    found.ok_or_else(|| Problem::new(ProblemKind::NotFound, "no call of this SID is known"))
}

/// Whether it has ended.
pub(super) fn is_over(row: &CallRow) -> bool {
    CallState::parse(&row.state).is_some_and(CallState::is_final)
}

/// Refuses a leg, and names its call.
///
/// # Errors
/// It is a leg.
pub(super) fn whole(row: &CallRow, verb: &str) -> Result<(), Problem> {
    let Some(parent) = &row.parent_call_sid else { return Ok(()) };
    let detail = format!("this is a leg of another call; {verb} {parent}");
    Err(Problem::new(ProblemKind::Unprocessable, detail))
}

/// The timeline of a call, for what operators do.
pub(super) struct Entries<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) call_sid: &'a str,
    pub(super) at: Time,
}

/// An entry of the timeline.
pub(super) struct Entry<'a> {
    pub(super) kind: &'static str,
    /// What tells it from others of its kind: the same twice is one entry.
    pub(super) name: &'a str,
    pub(super) input: Value,
    pub(super) decision: String,
    pub(super) facts: Facts,
}

impl Entries<'_> {
    /// Writes it down. It says nothing about the call's state: only the carrier knows that.
    ///
    /// # Errors
    /// It could not be.
    pub(super) async fn store(&self, entry: Entry<'_>) -> Result<(), Problem> {
        let Entry { kind, name, input, decision, facts } = entry;
        let sid = CallSid::parse(self.call_sid).ok_or_else(over)?;
        let mut key = [0; 16];
        let digest = Sha256::digest([kind, self.call_sid, name].join("\0"));
        key.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
        let unit = Unit {
            key,
            at: self.at,
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
        let stored = self.ledger.store(unit, STORAGE_PATIENCE).await;
        let detail = "it could not be written down, so the carrier was not asked";
        let unwritten = |_| Problem::new(ProblemKind::Unavailable, detail).retry_after(LATER_S);
        stored.map(drop).map_err(unwritten)
    }
}

fn over() -> Problem {
    Problem::new(ProblemKind::Conflict, "the call has ended")
}
