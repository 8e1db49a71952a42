//! The caller chose, or did not: keys, words, silence.

use super::draft::Draft;
use super::emergency::Place;
use super::scene::Turn;
use super::state::{Choice, Origin, Standing, State, Tongue};
use super::words::{ENGLISH, Words};
use super::{action, consent, desk, dial, emergency, gather, page, spoken, tongue};
use crate::base::{Outcome, folded};
use crate::config::line::{Action, Line, Menu};
use crate::gate::Route;
use crate::twiml::{Gather, GatherInput, SpeechTimeout};
use crate::words::{Alarm, Urgency};

/// Seconds of silence that are an answer too.
const ANSWER_S: u32 = 5;

/// Decides what an answer to a menu leads to.
pub(super) fn chosen(turn: Turn<'_>, draft: &mut Draft) {
    let was_open = turn.state.consent == Standing::Pending;
    let turn = consent::settle(turn, draft);
    if let Some(desk) = turn.state.desk {
        return desk::answered(&turn, draft, desk);
    }
    if turn.state.pin {
        return page::answered(&turn, draft);
    }
    if turn.state.asked {
        return answered(&turn, draft);
    }
    if asked_for_help(&turn, draft) {
        return;
    }
    if turn.state.tongue == Tongue::Asked {
        return tongue::chosen(&turn, draft);
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
            match offered(menu, key) {
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

/// An emergency word goes before everything else. Without a number to dial it is an event, and the menu goes on. A weak word
/// asks once; one that the menu itself offers does not.
pub(super) fn asked_for_help(turn: &Turn<'_>, draft: &mut Draft) -> bool {
    let said = turn.field("SpeechResult").unwrap_or_default();
    let Some(alarm) = emergency::heard(turn.line, said) else {
        return false;
    };
    let asks = alarm.urgency == Urgency::AskOnce;
    if asks && turn.menu().is_some_and(|(_, menu)| phrase(menu, &folded(said)).is_some()) {
        return false;
    }
    if asks && turn.line.emergency.number.is_some() {
        tell(turn, draft, &alarm, ("speech", "asked"));
        ask(turn, draft);
        return true;
    }
    rings(turn, draft, &alarm, "speech")
}

/// Whether these words lead straight to a person on this line. In a conversation nobody is asked: only what is plain counts.
#[must_use]
pub fn calls_for_help(line: &Line, said: &str) -> bool {
    line.emergency.number.is_some()
        && emergency::heard(line, said).is_some_and(|alarm| alarm.urgency == Urgency::Immediate)
}

/// A conversation ended because somebody called for help, in these words or by an agent's report.
pub(super) fn escalated(turn: &Turn<'_>, draft: &mut Draft, (said, source): (&str, &'static str)) -> bool {
    let reported = || Alarm {
        keyword: "reported".to_owned(),
        group: "calls",
        urgency: Urgency::Immediate,
        excerpt: said.chars().take(100).collect(),
    };
    let alarm = emergency::heard(turn.line, said).unwrap_or_else(reported);
    rings(turn, draft, &alarm, source)
}

fn rings(turn: &Turn<'_>, draft: &mut Draft, alarm: &Alarm, source: &'static str) -> bool {
    let rings = turn.line.emergency.number.is_some();
    tell(turn, draft, alarm, (source, if rings { "transferred" } else { "none" }));
    if rings {
        escalate(turn, draft, "emergency word said");
    }
    rings
}

fn tell(turn: &Turn<'_>, draft: &mut Draft, alarm: &Alarm, (source, action): (&'static str, &'static str)) {
    let step = turn.state.step.to_string();
    let place = Place { call_sid: turn.sid.as_str(), line: turn.line, source, at: &step };
    draft.facts.event(emergency::event(alarm, &place, action));
    draft.decided("emergency word \"");
    draft.also(&alarm.keyword);
    draft.also("\"");
}

fn escalate(turn: &Turn<'_>, draft: &mut Draft, why: &'static str) {
    draft.outcome(Outcome::Emergency, why);
    dial::ring(turn, draft, Origin { menu: "", by: Choice::Emergency });
}

/// The question, once; whatever is said to it goes on.
fn ask(turn: &Turn<'_>, draft: &mut Draft) {
    draft.also(": asked whether it is one");
    let State { menu, tries, tongue, .. } = turn.state;
    let state = State { menu, tries, tongue, asked: true, ..turn.next() };
    let url = turn.url(Route::Dtmf, state);
    let mut gather = Gather::new()
        .input(GatherInput::DtmfSpeech)
        .action(url.as_str())
        .timeout(ANSWER_S)
        .num_digits(1)
        .finish_on_key("")
        .action_on_empty_result(true)
        .speech_timeout(SpeechTimeout::Auto)
        .language(turn.line.language.as_str());
    gather.prompts.push(spoken::sentence(Some(turn.line), |words| words.is_emergency).into());
    draft.verb(gather);
    draft.redirect(url);
}

/// The answer to the question: yes, 1, or a call for help whatever it is; everything else is no.
fn answered(turn: &Turn<'_>, draft: &mut Draft) {
    let said = turn.field("SpeechResult").unwrap_or_default();
    let words = folded(said);
    let yes = |known: &Words| known.yes.iter().any(|yes| emergency::whole_words(&words, yes) == Some(0));
    let own = Words::of(&turn.line.language).is_some_and(yes);
    let affirmed = turn.field("Digits") == Some("1") || own || yes(&ENGLISH);
    if turn.line.emergency.number.is_some() && (affirmed || emergency::heard(turn.line, said).is_some()) {
        draft.decided("it is an emergency");
        return escalate(turn, draft, "said that it is an emergency");
    }
    draft.decided("no emergency");
    if turn.state.tongue == Tongue::Asked {
        return tongue::chosen(turn, draft);
    }
    let menu = if turn.state.menu.is_empty() { turn.line.entry.as_str() } else { turn.state.menu };
    gather::play(turn, draft, menu, turn.state.tries, Vec::new());
}

/// The notice asks for its key at once; later the menu's own keys go first.
fn refuses_later(turn: &Turn<'_>, menu: &Menu) -> bool {
    turn.state.consent != Standing::None && turn.line.consent.refuse_key.is_some_and(|key| offered(menu, key).is_none())
}

fn refused(turn: Turn<'_>, draft: &mut Draft, menu: &str) {
    draft.also(": recording refused");
    // Pressed twice it is one refusal; settled in this webhook it is written already.
    let turn = if turn.state.consent == Standing::Given { consent::refuse(turn, draft) } else { turn };
    let prefix = spoken::text(turn.line, &turn.line.consent.refused).collect();
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

/// What the menu offers under a key.
fn offered(menu: &Menu, key: char) -> Option<&Action> {
    menu.keys.get(&key)
}

/// Once more, as long as the menu allows; then on without the caller.
fn again(turn: &Turn<'_>, draft: &mut Draft, name: &str, menu: &Menu) {
    if turn.state.tries >= menu.retries {
        draft.also(", once too often");
        return action::perform(turn, draft, &menu.otherwise, Origin { menu: name, by: Choice::Otherwise });
    }
    let prefix = spoken::text(turn.line, &menu.invalid).collect();
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
