//! The carrier tells how a call, or a leg of it, fares. Callbacks come twice, late and in any order: each says only
//! what it proves, and the ledger lets no state move back.

use super::answered;
use super::draft::Draft;
use super::scene::Scene;
use super::text;
use crate::base::{CallState, Outcome};

/// Takes note; nobody listens to the answer.
pub(super) fn changed(scene: &Scene<'_>, draft: &mut Draft) {
    let word = scene.field("CallStatus");
    let Some(state) = word.and_then(CallState::parse) else {
        draft.decided("call status unknown: kept");
        return draft.error(scene, "webhook.malformed", "a status callback without a CallStatus that we know");
    };
    let seconds = duration(scene, draft);
    draft.lasted(seconds);
    match scene.field("ParentCallSid") {
        Some(parent) => leg(scene, draft, state, parent),
        None => {
            call(draft, state);
            if state.is_final() {
                text::missed(scene, draft);
            }
        }
    }
}

/// Our caller's own call. Whatever was reached before outranks what its end says.
fn call(draft: &mut Draft, state: CallState) {
    draft.decided("call is ");
    draft.also(state.as_str());
    if state.is_final() {
        let reason = match state {
            CallState::Completed | CallState::Canceled => "caller hung up",
            CallState::Busy => "busy",
            CallState::NoAnswer => "no answer",
            _ => "failed",
        };
        draft.outcome(Outcome::Abandoned, reason);
    }
}

/// A phone that we ring.
fn leg(scene: &Scene<'_>, draft: &mut Draft, state: CallState, parent: &str) {
    draft.decided("leg is ");
    draft.also(state.as_str());
    if state == CallState::InProgress {
        // Whoever picked up is asked whether he takes the call: his key answers it, and a mailbox has none.
        if !scene.state.screen {
            answered::tell(scene, draft, parent);
        }
    } else if state.is_final() {
        let code = scene.field("SipResponseCode").filter(|code| code.len() == 3);
        let reason = code.map_or_else(|| state.as_str().to_owned(), |code| format!("{} ({code})", state.as_str()));
        draft.outcome(Outcome::Abandoned, reason);
    }
}

fn duration(scene: &Scene<'_>, draft: &mut Draft) -> Option<i64> {
    let text = scene.field("CallDuration")?;
    let seconds = text.parse().ok().filter(|seconds| (0..=i64::from(u32::MAX)).contains(seconds));
    if seconds.is_none() {
        draft.error(scene, "webhook.malformed", "a CallDuration that is no number of seconds");
    }
    seconds
}
