//! Step 4: deciding, and what is said when that fails.

use super::order::{Decide, Gate};
use super::webhook::Webhook;
use crate::base::{CallSid, WebhookResult};
use crate::ledger::{self, ErrorEntry, Facts, Unit};
use crate::world::World;
use bytes::Bytes;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Said when nothing else is left to say it with.
const SORRY: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Say>Sorry, something went wrong. \
    Please call again later.</Say><Hangup/></Response>";
pub(super) const NOTHING: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

impl Gate {
    /// A bug in the decision is no reason for silence: the caller hears an apology and goes on to the mailbox. Should
    /// the same bug be in the apology, there is one that needs nothing.
    pub(super) fn decide(&self, world: &World, webhook: &Webhook<'_>) -> (Unit, WebhookResult) {
        if let Some(unit) = caught(&self.parts.decide, world, webhook) {
            let result = result_of(&unit);
            let (sid, route) = (webhook.fields.get("CallSid"), webhook.route.name());
            tracing::debug!(call.sid = sid, route, decision = unit.webhook.decision, "decided");
            return (unit, result);
        }
        let (sid, route) = (webhook.fields.get("CallSid"), webhook.route.name());
        tracing::error!(call.sid = sid, route, "a decision failed; the caller hears an apology");
        let unit = caught(&self.parts.fault, world, webhook).unwrap_or_else(|| {
            tracing::error!(call.sid = sid, route, "the apology failed too; the caller hears a constant one");
            last_resort(webhook)
        });
        (unit, WebhookResult::Fault)
    }
}

fn caught(decide: &Decide, world: &World, webhook: &Webhook<'_>) -> Option<Unit> {
    catch_unwind(AssertUnwindSafe(|| decide(world, webhook))).ok()
}

/// A unit may carry errors that tell of the carrier or of a setting; those were understood well.
fn result_of(unit: &Unit) -> WebhookResult {
    let malformed = unit.facts.errors().iter().any(|error| error.kind == "webhook.malformed");
    if malformed { WebhookResult::Malformed } else { WebhookResult::Answered }
}

/// Made of constants and of what has been read already, because whatever makes units has just failed twice.
fn last_resort(webhook: &Webhook<'_>) -> Unit {
    let mut facts = Facts::default();
    facts.error(ErrorEntry {
        kind: "webhook.fault".to_owned(),
        message: "neither the decision nor the apology could be made".to_owned(),
        call_sid: webhook.fields.get("CallSid").and_then(CallSid::parse).map(|sid| sid.to_string()),
    });
    let row = ledger::Webhook { kind: webhook.route.name(), decision: "fault".to_owned(), ..Default::default() };
    let answer = Bytes::from_static(if webhook.somebody_listens() { SORRY } else { NOTHING });
    Unit {
        key: webhook.key,
        at: webhook.at,
        call: None,
        parent: None,
        webhook: row,
        facts,
        answer,
        limits: Vec::new(),
        busy: None,
    }
}
