//! What a key, or no key, leads to.

use super::draft::Draft;
use super::scene::Turn;
use super::state::{Choice, Origin, Why};
use super::{desk, dial, gather, page, queue, stream, voicemail};
use crate::base::Outcome;
use crate::config::line::{Action, Line};

/// The action that a choice led to, behind all that is said first; `None` when a reload took it away.
pub(super) fn behind<'a>(line: &'a Line, origin: Origin<'_>) -> Option<&'a Action> {
    let menu = line.menus.get(if origin.menu.is_empty() { line.entry.as_str() } else { origin.menu });
    let action = match origin.by {
        Choice::Failed => &line.agent.on_failure,
        Choice::Ended => &line.agent.on_end,
        Choice::Vip => &line.callers.vip.as_ref()?.then,
        Choice::Closed => &line.hours.as_ref()?.closed.then,
        Choice::Otherwise => &menu?.otherwise,
        Choice::Key(key) => menu?.keys.get(&key)?,
        // Numbers of their own.
        Choice::Emergency | Choice::Target => return None,
    };
    Some(action.last())
}

/// Does what the configuration says.
pub(super) fn perform(turn: &Turn<'_>, draft: &mut Draft, action: &Action, origin: Origin<'_>) {
    match action {
        Action::Dial(_) => dial::ring(turn, draft, origin),
        Action::Voicemail => voicemail::take(turn, draft, Why::Chosen),
        Action::Menu(name) => gather::play(turn, draft, name, 0, Vec::new()),
        Action::Repeat => gather::play(turn, draft, origin.menu, turn.state.tries, Vec::new()),
        Action::Say { text, then } => {
            draft.say(turn.line, text);
            perform(turn, draft, then, origin);
        }
        Action::Talk => stream::connect(turn, draft, 0),
        Action::Page { zone, listed } => page::ask(turn, draft, (zone, listed), origin),
        Action::Hours { callers } => desk::ask(turn, draft, callers, origin),
        Action::Queue(waits) => queue::join(turn, draft, waits, origin),
        Action::Answer(answer) => queue::take_calls(turn, draft, answer, origin),
        Action::Hangup { text } => {
            draft.decided("hang up");
            draft.outcome(Outcome::Rejected, "the line hung up");
            draft.say(turn.line, text);
            draft.hang_up();
        }
    }
}
