//! Consent to recording: the notice, what proves that it was heard, and the key that refuses.

use super::draft::Draft;
use super::scene::Turn;
use super::state::{Standing, State};
use crate::base::derived_id;
use crate::ledger::{Consent, ConsentMethod, ConsentScope};
use crate::twiml::Permit;

/// Draws the conclusion of a webhook that follows the notice. The notice stands before the Gather and cannot be cut
/// short, so the first signed webhook after it proves that it was played to its end; a caller who is gone by then
/// proves nothing. Without storage the row would not last, so the question stays open for the next webhook.
pub(super) fn settle<'a>(turn: Turn<'a>, draft: &mut Draft) -> Turn<'a> {
    if turn.state.consent != Standing::Pending || turn.is_gone() {
        return turn;
    }
    if presses_refusal(&turn) {
        return refuse(turn, draft);
    }
    if !turn.can_store() {
        return turn;
    }
    // The permit goes unused: this row is for a conversation that may be recorded in a later step.
    let _permit = draft.facts.grant(row(&turn, ConsentScope::Recording, ConsentMethod::NoticeHeard));
    marked(turn, Standing::Given)
}

/// Writes the row of a refusal, or of a consent that is taken back.
pub(super) fn refuse<'a>(turn: Turn<'a>, draft: &mut Draft) -> Turn<'a> {
    let given = turn.state.consent == Standing::Given;
    let method = if given { ConsentMethod::RevokedByKey } else { ConsentMethod::Key };
    draft.facts.refuse(row(&turn, ConsentScope::Recording, method));
    marked(turn, Standing::Refused)
}

/// Leave to record one message: the greeting says that it is recorded, and the caller may hang up before the tone.
pub(super) fn of_message(turn: &Turn<'_>, draft: &mut Draft) -> Permit {
    draft.facts.grant(row(turn, ConsentScope::Voicemail, ConsentMethod::MessageAfterTone))
}

/// Leave to record the conversation, on the strength of a stored row.
pub(super) fn of_conversation(turn: &Turn<'_>, draft: &Draft) -> Option<Permit> {
    turn.can_store().then(|| draft.facts.granted_before(turn.state.consent == Standing::Given)).flatten()
}

/// Whether the key that refuses was pressed.
pub(super) fn presses_refusal(turn: &Turn<'_>) -> bool {
    let key = turn.line.consent.refuse_key;
    turn.field("Digits").is_some_and(|digits| key.is_some_and(|key| digits.chars().eq([key])))
}

fn marked(turn: Turn<'_>, consent: Standing) -> Turn<'_> {
    Turn { state: State { consent, ..turn.state }, ..turn }
}

/// One row a scope and step, whoever decides it and however often.
fn row(turn: &Turn<'_>, scope: ConsentScope, method: ConsentMethod) -> Consent {
    let step = turn.state.step.to_string();
    Consent {
        id: derived_id("con", &[turn.sid.as_str(), &step, scope.as_str()]),
        scope,
        method,
        notice_version: turn.line.consent.version.clone(),
        given: false,
    }
}
