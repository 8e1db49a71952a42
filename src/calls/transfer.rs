//! An operator sends a caller elsewhere: the carrier is told to ask one of these URLs what comes next, and what comes
//! next is decided here like every other step.

use super::draft::Draft;
use super::scene::{Scene, Turn};
use super::state::{Standing, State};
use crate::base::E164;
use crate::gate::Route;
use crate::ledger::{OutboxEvent, TransferStep};

/// Where a caller is sent.
#[derive(Clone, Copy, Debug)]
pub struct Onward<'a> {
    /// `tr_…`
    pub id: &'a str,
    /// Name of the line.
    pub line: &'a str,
    /// Step of the call from which it goes on.
    pub step: u32,
    /// What the caller said to being recorded, as far as a row says so.
    pub consent: Option<bool>,
    /// Whom to ring; `None`: the mailbox.
    pub to: Option<&'a E164>,
}

/// The URL of ours that sends the caller there.
#[must_use]
pub fn onward(public_url: &str, to: &Onward<'_>) -> String {
    let consent = match to.consent {
        Some(true) => Standing::Given,
        Some(false) => Standing::Refused,
        None => Standing::None,
    };
    let number = to.to.map_or("", E164::as_str);
    let state = State { step: to.step, line: to.line, consent, transfer: to.id, to: number, ..State::default() };
    state.url(public_url, if to.to.is_some() { Route::Dial } else { Route::Voicemail })
}

/// Whether this is the request for the document that rings the number, not the end of its dial.
pub(super) fn begins(turn: &Turn<'_>) -> bool {
    !turn.state.to.is_empty() && turn.field("DialCallStatus").is_none()
}

/// Tells how a transfer went, if this step belongs to one.
pub(super) fn tell(turn: &Turn<'_>, draft: &mut Draft, step: &str, reason: Option<&str>) {
    tell_of(turn.state, &turn.line.name, turn.sid.as_str(), draft, (step, reason));
}

/// The same for a leg, whose status names its call.
pub(super) fn leg_answered(scene: &Scene<'_>, call_sid: &str, draft: &mut Draft) {
    if let Some(line) = scene.line {
        tell_of(scene.state, &line.name, call_sid, draft, ("completed", None));
    }
}

fn tell_of(state: State<'_>, line: &str, call_sid: &str, draft: &mut Draft, (step, reason): (&str, Option<&str>)) {
    if state.transfer.is_empty() {
        return;
    }
    let to = (!state.to.is_empty()).then_some(state.to);
    draft.facts.event(OutboxEvent::transfer(&TransferStep {
        id: state.transfer,
        call_sid,
        line: Some(line),
        step,
        to,
        reason,
    }));
}
