//! The door of an open line: the notice, then the first menu.

use super::draft::Draft;
use super::scene::Turn;
use super::state::{Standing, State};
use super::{gather, opening, spoken};

/// Welcomes a caller in a language that is settled, or says that the line is closed.
pub(super) fn enter(turn: Turn<'_>, draft: &mut Draft) {
    if !opening::closed(&turn, draft) {
        greet(turn, draft);
    }
}

/// The notice, then the first menu.
pub(super) fn greet(turn: Turn<'_>, draft: &mut Draft) {
    let notice = &turn.line.consent.notice;
    draft.say(turn.line, notice);
    let consent = if notice.is_empty() { Standing::None } else { Standing::Pending };
    let turn = Turn { state: State { consent, ..turn.state }, ..turn };
    // The greeting stands inside the Gather: who knows the menu need not wait for it.
    let prefix = spoken::text(turn.line, &turn.line.greeting).collect();
    gather::play(&turn, draft, &turn.line.entry, 0, prefix);
}
