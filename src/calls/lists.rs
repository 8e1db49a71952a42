//! Callers that a list knows: not let in, or led past the menu.

use super::action;
use super::draft::Draft;
use super::limits;
use super::scene::Turn;
use super::state::{Choice, Origin};
use crate::base::Outcome;
use crate::config::callers::{Block, Verdict, Vip};

/// Turns to what the lists of the line want for this caller. `false`: no list knows him, or one allows him.
pub(super) fn met(turn: &Turn<'_>, draft: &mut Draft) -> bool {
    if !limits::comes_in(turn) {
        return false;
    }
    match verdict(turn, turn.field("StirVerstat")) {
        Verdict::Usual => false,
        Verdict::Blocked(block, rule) => {
            blocked(turn, draft, (block, &rule));
            true
        }
        Verdict::Vip(vip, rule) => {
            led_past(turn, draft, (vip, &rule));
            true
        }
    }
}

/// Whether a list leads this caller past everything, limits too.
pub(super) fn is_vip(turn: &Turn<'_>) -> bool {
    matches!(verdict(turn, None), Verdict::Vip(..))
}

fn verdict<'a>(turn: &Turn<'a>, verstat: Option<&str>) -> Verdict<'a> {
    turn.world.verdict(turn.line, (turn.field("From").unwrap_or_default(), verstat), turn.webhook.at)
}

/// A blocked caller who calls too often meets the limits like everybody else.
fn blocked(turn: &Turn<'_>, draft: &mut Draft, (block, rule): (&Block, &str)) {
    draft.decided("not let in: ");
    draft.also(rule);
    limits::turn_away(turn, draft, &block.then);
    draft.outcome(Outcome::Rejected, rule);
}

fn led_past(turn: &Turn<'_>, draft: &mut Draft, (vip, rule): (&Vip, &str)) {
    draft.decided(rule);
    draft.say(turn.line, &vip.greeting);
    action::perform(turn, draft, &vip.then, Origin { menu: &turn.line.entry, by: Choice::Vip });
}
