//! The caller chose, or did not: keys, words, silence.

use super::draft::Draft;
use super::emergency::Place;
use super::scene::Turn;
use super::state::{Choice, Origin, Standing};
use super::{action, consent, dial, emergency, gather, spoken};
use crate::base::{Outcome, folded};
use crate::config::line::{Action, Line, Menu};

/// Decides what an answer to a menu leads to.
pub(super) fn chosen(turn: Turn<'_>, draft: &mut Draft) {
    let was_open = turn.state.consent == Standing::Pending;
    let turn = consent::settle(turn, draft);
    if asked_for_help(&turn, draft) {
        return;
    }
    let Some((name, menu)) = turn.menu() else {
        draft.decided("the menu starts again");
        return gather::play(&turn, draft, &turn.line.entry, 0, Vec::new());
    };
    draft.decided("menu ");
    draft.also(name);
    if consent::presses_refusal(&turn) && (was_open || refuses_later(&turn, menu)) {
        return refused(turn, draft, name);
    }
    match key(&turn, menu) {
        Some(key) => {
            draft.also(": key ");
            draft.also(key.encode_utf8(&mut [0; 4]));
            match offered(&turn, menu, key) {
                Some(action) => action::perform(&turn, draft, action, Origin { menu: name, by: Choice::Key(key) }),
                None => again(&turn, draft, name, menu),
            }
        }
        None => {
            draft.also(if turn.field("SpeechResult").is_some() { ": other words" } else { ": silence" });
            again(&turn, draft, name, menu);
        }
    }
}

/// An emergency word goes before everything else. Without a number to dial it is an event, and the menu goes on.
pub(super) fn asked_for_help(turn: &Turn<'_>, draft: &mut Draft) -> bool {
    escalated(turn, draft, (turn.field("SpeechResult").unwrap_or_default(), "speech"))
}

/// Whether these words lead straight to a person on this line.
#[must_use]
pub fn calls_for_help(line: &Line, said: &str) -> bool {
    line.emergency.number.is_some() && emergency::heard(&line.emergency, said).is_some()
}

/// The same for words that were said elsewhere.
pub(super) fn escalated(turn: &Turn<'_>, draft: &mut Draft, (said, source): (&str, &'static str)) -> bool {
    let Some(heard) = emergency::heard(&turn.line.emergency, said) else {
        return false;
    };
    let transferred = turn.line.emergency.number.is_some();
    let step = turn.state.step.to_string();
    let place = Place { call_sid: turn.sid.as_str(), line: &turn.line.name, source, at: &step };
    draft.facts.event(emergency::event(&heard, &place, transferred));
    draft.decided("emergency word \"");
    draft.also(heard.keyword);
    draft.also("\"");
    if transferred {
        draft.outcome(Outcome::Emergency, "emergency word said");
        dial::ring(turn, draft, Origin { menu: "", by: Choice::Emergency }, 0);
    }
    transferred
}

/// The notice asks for its key at once; later the menu's own keys go first.
fn refuses_later(turn: &Turn<'_>, menu: &Menu) -> bool {
    turn.state.consent != Standing::None
        && turn.line.consent.refuse_key.is_some_and(|key| offered(turn, menu, key).is_none())
}

fn refused(turn: Turn<'_>, draft: &mut Draft, menu: &str) {
    draft.also(": recording refused");
    // Pressed twice it is one refusal; settled in this webhook it is written already.
    let turn = if turn.state.consent == Standing::Given { consent::refuse(turn, draft) } else { turn };
    let text = turn.line.consent.refused.as_str();
    let prefix = if text.trim().is_empty() { Vec::new() } else { vec![spoken::text(turn.line, text)] };
    gather::play(&turn, draft, menu, turn.state.tries, prefix);
}

/// The key that was pressed, or that the words stand for.
fn key(turn: &Turn<'_>, menu: &Menu) -> Option<char> {
    if let Some(digits) = turn.field("Digits") {
        let mut keys = digits.chars();
        // One key was asked for; more of them are nobody's choice.
        return Some(keys.next().filter(|_| keys.next().is_none()).unwrap_or('?'));
    }
    let said = turn.field("SpeechResult").filter(|_| menu.speech)?;
    phrase(menu, &folded(said))
}

/// The phrase that says it best is the longest one that was said; a spoken digit is a pressed one.
fn phrase(menu: &Menu, said: &str) -> Option<char> {
    let phrases = menu.phrases.iter().filter(|(phrase, _)| emergency::whole_words(said, phrase).is_some());
    let longest = phrases.max_by_key(|(phrase, _)| phrase.len()).map(|(_, key)| *key);
    longest.or_else(|| {
        let mut letters = said.chars();
        letters.next().filter(|letter| letter.is_ascii_digit() && letters.next().is_none())
    })
}

/// What the menu offers under a key. Paging without zones, or without a way to know who may, is not offered.
fn offered<'m>(turn: &Turn<'_>, menu: &'m Menu, key: char) -> Option<&'m Action> {
    menu.keys.get(&key).filter(|action| turn.world.paging || !matches!(action, Action::Page { .. }))
}

/// Once more, as long as the menu allows; then on without the caller.
fn again(turn: &Turn<'_>, draft: &mut Draft, name: &str, menu: &Menu) {
    if turn.state.tries >= menu.retries {
        draft.also(", once too often");
        return action::perform(turn, draft, &menu.otherwise, Origin { menu: name, by: Choice::Otherwise });
    }
    let prefix = if menu.invalid.trim().is_empty() { Vec::new() } else { vec![spoken::text(turn.line, &menu.invalid)] };
    gather::play(turn, draft, name, turn.state.tries.saturating_add(1), prefix);
}

/// The line's first menu, one last time, for a caller whose call stumbled over a failure of ours.
pub(super) fn resumed(turn: &Turn<'_>, draft: &mut Draft) {
    let Some((name, menu)) = turn.menu_named(&turn.line.entry) else {
        return gather::play(turn, draft, &turn.line.entry, 0, Vec::new());
    };
    if turn.state.tries >= menu.retries {
        return action::perform(turn, draft, &menu.otherwise, Origin { menu: name, by: Choice::Otherwise });
    }
    gather::play(turn, draft, name, menu.retries, Vec::new());
}
