//! A caller pages the building: first who may, then the way on to a live stream.

use super::draft::Draft;
use super::scene::Turn;
use super::state::{Choice, Origin, State, Why};
use super::words::Words;
use super::{spoken, stream, voicemail};
use crate::base::{Outcome, same};
use crate::config::line::{Action, Menu};
use crate::gate::Route;
use crate::twiml::{Gather, GatherInput};

/// Wrong PINs that end a call.
const MOST_WRONG: u32 = 3;
/// Keys of the longest PIN, and `#`.
const LONGEST: u32 = 13;
/// Seconds to think between two keys.
const THINKING_S: u32 = 10;

/// Who is listed pages; everybody else is asked for the PIN.
pub(super) fn ask(turn: &Turn<'_>, draft: &mut Draft, (zone, listed): (&str, &[String]), origin: Origin<'_>) {
    let from = turn.field("From").unwrap_or_default();
    let known = |number: &String| number.strip_suffix('*').map_or(number == from, |prefix| from.starts_with(prefix));
    if listed.iter().any(known) {
        return page(turn, draft, zone, origin);
    }
    if turn.world.pin.is_none() {
        draft.decided("the caller may not page");
        draft.verb(spoken::about(turn.line, |words| words.zone_denied, zone));
        return voicemail::take(turn, draft, Why::Chosen);
    }
    prompt(turn, draft, (origin, 0), |words| words.pin);
}

fn prompt(
    turn: &Turn<'_>,
    draft: &mut Draft,
    (origin, tries): (Origin<'_>, u32),
    sentence: impl FnOnce(&'static Words) -> &'static str,
) {
    enter(turn, draft, State { tries, pin: true, ..chose(turn, origin) }, sentence);
}

/// Asks for a PIN; `state` says what it opens.
pub(super) fn enter(
    turn: &Turn<'_>,
    draft: &mut Draft,
    state: State<'_>,
    sentence: impl FnOnce(&'static Words) -> &'static str,
) {
    draft.decided("asked for the PIN");
    let url = turn.url(Route::Dtmf, state);
    let mut gather = Gather::new()
        .input(GatherInput::Dtmf)
        .action(url.as_str())
        .timeout(THINKING_S)
        .num_digits(LONGEST)
        .finish_on_key("#")
        .action_on_empty_result(true);
    gather.prompts.push(spoken::sentence(Some(turn.line), sentence).into());
    draft.verb(gather);
    draft.redirect(url);
}

/// The next step of a caller who chose to page there.
fn chose<'a>(turn: &Turn<'a>, origin: Origin<'a>) -> State<'a> {
    let menu = if origin.menu == turn.line.entry { "" } else { origin.menu };
    State { menu, choice: Some(origin.by), ..turn.next() }
}

/// The PIN came, or nothing, or something else.
pub(super) fn answered(turn: &Turn<'_>, draft: &mut Draft) {
    // A reload may have taken the key away.
    let Some((origin, zone)) = chosen(turn) else {
        draft.decided("nothing to page there any more");
        draft.tell(Some(turn.line), |words| words.not_now);
        return voicemail::take(turn, draft, Why::Chosen);
    };
    let given = turn.field("Digits").unwrap_or_default();
    let right = turn.world.pin.as_ref().is_some_and(|pin| same(pin.expose().as_bytes(), given.as_bytes()));
    if right {
        draft.decided("the PIN is right");
        return page(turn, draft, zone, origin);
    }
    draft.decided("a wrong PIN");
    if turn.state.tries + 1 >= MOST_WRONG {
        draft.also(", once too often");
        draft.outcome(Outcome::Rejected, "three wrong PINs");
        draft.tell(Some(turn.line), |words| words.wrong_pin);
        draft.tell(Some(turn.line), |words| words.goodbye);
        return draft.hang_up();
    }
    prompt(turn, draft, (origin, turn.state.tries + 1), |words| words.pin_again);
}

/// The key that led to a page, and its zone.
pub(super) fn chosen<'a>(turn: &Turn<'a>) -> Option<(Origin<'a>, &'a str)> {
    let name = if turn.state.menu.is_empty() { turn.line.entry.as_str() } else { turn.state.menu };
    let ((name, menu), by) = turn.menu_named(name).zip(turn.state.choice)?;
    match leads_to(menu, by)? {
        Action::Page { zone, .. } => Some((Origin { menu: name, by }, zone)),
        _ => None,
    }
}

/// What a choice leads to, at once or after something said.
pub(super) fn leads_to(menu: &Menu, by: Choice) -> Option<&Action> {
    let action = match by {
        Choice::Key(key) => menu.keys.get(&key)?,
        Choice::Otherwise => &menu.otherwise,
        _ => return None,
    };
    Some(action.last())
}

fn page(turn: &Turn<'_>, draft: &mut Draft, zone: &str, origin: Origin<'_>) {
    draft.decided("page ");
    draft.also(zone);
    draft.tell(Some(turn.line), |words| words.speak);
    stream::page(turn, draft, zone, chose(turn, origin));
}
