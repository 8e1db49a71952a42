//! What a key, or no key, leads to.

use super::draft::Draft;
use super::scene::Turn;
use super::state::{Origin, Why};
use super::{desk, dial, gather, page, queue, stream, voicemail};
use crate::base::Outcome;
use crate::config::line::Action;

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
