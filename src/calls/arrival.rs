//! A call comes in: who is not let in, who is led on at once, and the choice of a language.

use super::draft::Draft;
use super::scene::{Scene, Turn};
use super::{limits, lists, tongue, welcome};
use crate::base::Outcome;

/// A call comes in.
pub(super) fn answer(turn: Turn<'_>, scene: &Scene<'_>, draft: &mut Draft) {
    if turn.webhook.by_get {
        draft.error(scene, "webhook.by_get", "the number's webhook is set to GET: set it to POST at the carrier");
    }
    if !lists::is_vip(&turn) {
        limits::ask(&turn, scene, draft);
    }
    if !lists::met(&turn, draft) {
        receive(turn, draft);
    }
}

/// Asks a caller for a language, welcomes him, or says that the line is closed.
pub(super) fn receive(turn: Turn<'_>, draft: &mut Draft) {
    if !limits::comes_in(&turn) {
        return welcome::greet(turn, draft);
    }
    if !tongue::asks(&turn, draft, 0) {
        welcome::enter(turn, draft);
    }
}

/// Turns away a caller of a number that no line answers.
pub(super) fn turn_away(scene: &Scene<'_>, draft: &mut Draft) {
    draft.decided("no line answers this number: apology");
    draft.outcome(Outcome::Rejected, "number not in service");
    draft.tell(scene.line, |words| words.unknown_number);
    draft.hang_up();
}
