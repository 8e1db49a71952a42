//! A person who is called picks up: he hears who calls, and takes the call by a key. A mailbox presses nothing, so the call
//! goes on to whoever is next, and the caller hears it ring meanwhile.
//!
//! What is asked here is asked on the leg of the person called. It decides nothing for the caller: he never agrees to
//! anything here, and nothing is recorded.

use super::draft::Draft;
use super::scene::{Scene, Turn};
use super::state::State;
use super::{answered, spoken, taping};
use crate::base::{Caller, Outcome};
use crate::gate::Route;
use crate::twiml::{Gather, GatherInput, Say};

/// How often a person is asked: a call that comes as a surprise is not always understood the first time.
const MOST_ASKED: u32 = 2;
/// Seconds to press the key.
const ANSWER_S: u32 = 5;

/// The URL that a phone's noun asks when somebody picks up; `state` is the leg's own.
pub(super) fn url(turn: &Turn<'_>, state: State<'_>) -> String {
    let from = turn.field("From").unwrap_or_default();
    let caller = match Caller::parse(from) {
        _ if !state.screen || !state.caller.is_empty() => state.caller,
        Caller::Number(_) => from,
        Caller::Withheld | Caller::Other(_) => "",
    };
    turn.url(Route::Screen, State { caller, ..state })
}

/// Somebody picked up, or answered our question.
pub(super) fn met(turn: &Turn<'_>, scene: &Scene<'_>, draft: &mut Draft) {
    let asked = turn.state.tries;
    if turn.is_gone() {
        draft.decided("whoever picked up is gone");
    } else if turn.state.told && !turn.state.screen {
        taping::tell_called(turn, draft);
    } else if asked > 0 && turn.field("Digits") == Some("1") {
        draft.decided("accepted");
        accepted(scene, draft);
    } else if asked < MOST_ASKED {
        // Also for a URL that we do not understand: a question is never wrong.
        ask(turn, draft);
    } else {
        draft.decided("not accepted");
        draft.outcome(Outcome::Abandoned, "not accepted");
        draft.hang_up();
    }
}

/// Something failed on the leg of a person who is called. He is not the caller, and meets no menu: he is let go, and the dial
/// goes on to whoever is next.
pub(super) fn let_go(draft: &mut Draft) {
    draft.also(", whoever picked up is let go");
    draft.hang_up();
}

/// An empty end of the document connects the two.
fn accepted(scene: &Scene<'_>, draft: &mut Draft) {
    if let Some(parent) = scene.field("ParentCallSid") {
        answered::tell(scene, draft, parent);
    }
}

/// Who calls, and the question.
fn ask(turn: &Turn<'_>, draft: &mut Draft) {
    draft.decided(if turn.state.tries == 0 { "asked to accept" } else { "asked once more" });
    let tries = turn.state.tries.saturating_add(1);
    let step = turn.state.step.saturating_add(1);
    let url = turn.url(Route::Screen, State { step, tries, screen: true, ..turn.state });
    let mut gather = Gather::new()
        .input(GatherInput::Dtmf)
        .action(url.as_str())
        .timeout(ANSWER_S)
        .num_digits(1)
        .finish_on_key("")
        .action_on_empty_result(true);
    gather.prompts.push(who_calls(turn).into());
    gather.prompts.extend(taping::notice(turn));
    gather.prompts.push(spoken::sentence(Some(turn.line), |words| words.press_to_accept).into());
    draft.verb(gather);
    draft.redirect(url);
}

fn who_calls(turn: &Turn<'_>) -> Say {
    let line = turn.line.name.replace('-', " ");
    spoken::filled(turn.line, |words| {
        let caller = match turn.state.caller {
            "" => words.unknown_caller.to_owned(),
            number if number.starts_with('+') => digits(number),
            name => name.to_owned(),
        };
        words.call_for.replace("{line}", &line).replace("{caller}", &caller)
    })
}

/// A number in groups, as people say it: `5 8 7, 5 5 5, 0 1 0 1`; one of another country from its country code on.
fn digits(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let local = match digits.as_slice() {
        ['1', local @ ..] if local.len() == 10 => local,
        all => all,
    };
    let (front, last) = local.split_at(local.len().saturating_sub(4));
    let groups = front.chunks(3).chain(std::iter::once(last)).filter(|group| !group.is_empty());
    let group = |group: &[char]| group.iter().map(char::to_string).collect::<Vec<_>>().join(" ");
    groups.map(group).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_said_in_groups() {
        assert_eq!(digits("+15875550101"), "5 8 7, 5 5 5, 0 1 0 1");
        assert_eq!(digits("+49301234567"), "4 9 3, 0 1 2, 3, 4 5 6 7");
        assert_eq!(digits("+2901234"), "2 9 0, 1 2 3 4");
    }
}
