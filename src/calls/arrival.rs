//! A call comes in: the choice of a language, the notice, then the first menu.

use super::draft::Draft;
use super::scene::{Scene, Turn};
use super::spoken;
use super::state::{Standing, State};
use super::{gather, limits, lists, opening, tongue};
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
        return welcome(turn, draft);
    }
    if !tongue::asks(&turn, draft, 0) {
        enter(turn, draft);
    }
}

/// The same in a language that is settled.
pub(super) fn enter(turn: Turn<'_>, draft: &mut Draft) {
    if !opening::closed(&turn, draft) {
        welcome(turn, draft);
    }
}

fn welcome(turn: Turn<'_>, draft: &mut Draft) {
    let notice = &turn.line.consent.notice;
    draft.say(turn.line, notice);
    let consent = if notice.is_empty() { Standing::None } else { Standing::Pending };
    let turn = Turn { state: State { consent, ..turn.state }, ..turn };
    // The greeting stands inside the Gather: who knows the menu need not wait for it.
    let prefix = spoken::text(turn.line, &turn.line.greeting).collect();
    gather::play(&turn, draft, &turn.line.entry, 0, prefix);
}

/// Turns away a caller of a number that no line answers.
pub(super) fn turn_away(scene: &Scene<'_>, draft: &mut Draft) {
    draft.decided("no line answers this number: apology");
    draft.outcome(Outcome::Rejected, "number not in service");
    draft.tell(scene.line, |words| words.unknown_number);
    draft.hang_up();
}
