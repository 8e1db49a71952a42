//! Somebody who was dialled took the call.

use super::draft::Draft;
use super::plan::Plan;
use super::scene::Scene;
use super::state::{Origin, State};
use super::transfer;
use crate::base::{Outcome, derived_id};
use crate::config::line::{Line, Target};
use crate::ledger::OutboxEvent;
use serde_json::json;

/// Somebody took the call.
pub(super) fn tell(scene: &Scene<'_>, draft: &mut Draft, parent: &str) {
    draft.outcome(Outcome::Answered, "answered");
    draft.parent_answered(parent);
    if let (Some(line), Some(sid)) = (scene.line, &scene.sid) {
        draft.facts.event(event(line, scene.state, parent, sid.as_str()));
        transfer::leg_answered(scene, parent, draft);
    }
}

/// The event of a person who took the call. Two webhooks tell of it, the leg's status and the dial's end, in any
/// order, so its id follows from the two calls that were joined.
pub(super) fn event(line: &Line, state: State<'_>, call_sid: &str, leg_sid: &str) -> OutboxEvent {
    let (kind, number) = match target(line, state) {
        _ if !state.to.is_empty() => ("number", state.to),
        Some(Target::Number(number)) => ("number", number.as_str()),
        Some(Target::Public(number)) => ("number", number.as_str()),
        Some(Target::Sip(uri)) => ("sip", uri.as_str()),
        None => ("number", ""),
    };
    OutboxEvent {
        id: Some(derived_id("evt", &["call.answered", call_sid, leg_sid])),
        kind: "call.answered",
        line: Some(line.name.clone()),
        subject: format!("calls/{call_sid}"),
        data: json!({ "answered_by": { "kind": kind, "id": leg_sid, "number": number } }),
    }
}

/// The target that a URL of a dial names.
fn target<'a>(line: &'a Line, state: State<'_>) -> Option<&'a Target> {
    let plan = Plan::of(line, Origin { menu: state.menu, by: state.choice? })?;
    plan.phones.get(state.target as usize).map(|phone| phone.target)
}
