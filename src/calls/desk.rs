//! Opening and closing the line by telephone: who may, what stands now, what shall stand.

use super::draft::Draft;
use super::opens::when;
use super::scene::Turn;
use super::state::{Desk, Origin, State};
use super::words::{ENGLISH, Words};
use super::{gather, page, spoken};
use crate::base::{derived_id, same};
use crate::config::callers::Pattern;
use crate::config::hours::{Hours, Override};
use crate::gate::Route;
use crate::ledger::{ErrorEntry, Overruling};
use crate::twiml::{Gather, GatherInput, Prompted};
use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use std::borrow::Cow;

/// Wrong PINs after which the menu goes on.
const MOST_WRONG: u32 = 2;
/// Seconds to think before a key.
const THINKING_S: u32 = 10;

/// What stands of the line from now on, and until when.
struct Stands {
    open: bool,
    until: Option<DateTime<Tz>>,
}

/// Who is listed goes on; everybody else is asked for the PIN.
pub(super) fn ask(turn: &Turn<'_>, draft: &mut Draft, callers: &[Pattern], origin: Origin<'_>) {
    let from = turn.field("From").unwrap_or_default();
    if callers.iter().any(|caller| caller.matches(from)) {
        return offer(turn, draft, (origin.menu, 0), &stands(turn));
    }
    if turn.world.hours_pin.is_none() {
        draft.decided("the caller may not open and close the line");
        return back(turn, draft, origin.menu, |words| words.not_now);
    }
    pin(turn, draft, (origin.menu, 0), |words| words.pin);
}

fn pin(
    turn: &Turn<'_>,
    draft: &mut Draft,
    (menu, tries): (&str, u32),
    sentence: impl FnOnce(&'static Words) -> &'static str,
) {
    let state = State { menu: shown(turn, menu), tries, pin: true, desk: Some(Desk::Pin), ..turn.next() };
    page::enter(turn, draft, state, sentence);
}

/// A menu's name as URLs carry it.
fn shown<'a>(turn: &Turn<'_>, menu: &'a str) -> &'a str {
    if menu == turn.line.entry { "" } else { menu }
}

/// The menu again, after a word.
fn back(turn: &Turn<'_>, draft: &mut Draft, menu: &str, sentence: impl FnOnce(&'static Words) -> &'static str) {
    let menu = if menu.is_empty() { turn.line.entry.as_str() } else { menu };
    gather::play(turn, draft, menu, 0, vec![spoken::sentence(Some(turn.line), sentence).into()]);
}

/// Keys came, or none.
pub(super) fn answered(turn: &Turn<'_>, draft: &mut Draft, desk: Desk) {
    let digits = turn.field("Digits").unwrap_or_default();
    match (desk, digits) {
        (Desk::Pin, given) => entered(turn, draft, given),
        (Desk::Choice, "1") => close(turn, draft),
        (Desk::Choice, "2") => ask_length(turn, draft, 0),
        (Desk::Choice, "3") => overrule(turn, draft, None, None),
        (Desk::Length, "#") => {
            let until = hours(turn).next_closing(turn.line.timezone, turn.webhook.at);
            overrule(turn, draft, Some(true), until);
        }
        (Desk::Length, digits) => match digits.parse() {
            Ok(hours @ 1..=9) => {
                let until = turn.webhook.at + TimeDelta::hours(hours);
                overrule(turn, draft, Some(true), Some(until.with_timezone(&turn.line.timezone)));
            }
            _ if turn.state.tries == 0 => ask_length(turn, draft, 1),
            _ => leave(turn, draft),
        },
        (Desk::Choice, _) if turn.state.tries == 0 => offer(turn, draft, (turn.state.menu, 1), &stands(turn)),
        (Desk::Choice, _) => leave(turn, draft),
    }
}

fn entered(turn: &Turn<'_>, draft: &mut Draft, given: &str) {
    let right = turn.world.hours_pin.as_ref().is_some_and(|pin| same(pin.expose().as_bytes(), given.as_bytes()));
    if right {
        draft.decided("the PIN is right");
        return offer(turn, draft, (turn.state.menu, 0), &stands(turn));
    }
    draft.decided("a wrong PIN");
    if turn.state.tries + 1 < MOST_WRONG {
        return pin(turn, draft, (turn.state.menu, turn.state.tries + 1), |words| words.pin_again);
    }
    draft.also(", once too often");
    let message = format!("two wrong PINs of a caller who wanted to open or close the line {}", turn.line.name);
    let call_sid = Some(turn.sid.to_string());
    draft.facts.error(ErrorEntry { kind: "hours.pin".to_owned(), message, call_sid });
    back(turn, draft, turn.state.menu, |words| words.wrong_pin);
}

/// Until the next opening: of a line that is always open, until somebody opens it.
fn close(turn: &Turn<'_>, draft: &mut Draft) {
    let until = hours(turn).next_opening(turn.line.timezone, turn.webhook.at);
    overrule(turn, draft, Some(false), until);
}

/// Says what stands, and what the caller can do about it.
fn offer(turn: &Turn<'_>, draft: &mut Draft, (menu, tries): (&str, u32), stands: &Stands) {
    draft.decided(if stands.open { "the line is open" } else { "the line is closed" });
    let prompts = vec![said(turn, stands).into(), spoken::sentence(Some(turn.line), |words| words.desk_menu).into()];
    let state = State { menu: shown(turn, menu), tries, desk: Some(Desk::Choice), ..turn.next() };
    one_key(turn, draft, state, prompts);
}

fn ask_length(turn: &Turn<'_>, draft: &mut Draft, tries: u32) {
    draft.decided("asked for how long");
    let prompts = vec![spoken::sentence(Some(turn.line), |words| words.desk_length).into()];
    let state = State { menu: turn.state.menu, tries, desk: Some(Desk::Length), ..turn.next() };
    one_key(turn, draft, state, prompts);
}

fn one_key(turn: &Turn<'_>, draft: &mut Draft, state: State<'_>, prompts: Vec<Prompted>) {
    let url = turn.url(Route::Dtmf, state);
    let mut gather = Gather::new()
        .input(GatherInput::Dtmf)
        .action(url.as_str())
        .timeout(THINKING_S)
        .num_digits(1)
        .finish_on_key("")
        .action_on_empty_result(true);
    gather.prompts = prompts;
    draft.verb(gather);
    draft.redirect(url);
}

/// Writes it down, and says what stands then.
fn overrule(turn: &Turn<'_>, draft: &mut Draft, open: Option<bool>, until: Option<DateTime<Tz>>) {
    if !turn.can_store() {
        draft.decided("nothing can be stored: the hours stay");
        draft.tell(Some(turn.line), |words| words.not_now);
        return leave(turn, draft);
    }
    draft.facts.overrule(Overruling {
        id: derived_id("ov", &[turn.sid.as_str(), &turn.state.step.to_string()]),
        line: turn.line.name.clone(),
        open,
        until: until.map(|until| until.to_utc()),
        made_by: turn.field("From").unwrap_or_default().chars().take(256).collect(),
    });
    draft.decided(match open {
        Some(true) => "opened by telephone",
        Some(false) => "closed by telephone",
        None => "the usual hours again, by telephone",
    });
    let stands = match open {
        Some(open) => Stands { open, until },
        None => usual(turn, &[]),
    };
    offer(turn, draft, (turn.state.menu, 0), &stands);
}

fn leave(turn: &Turn<'_>, draft: &mut Draft) {
    draft.tell(Some(turn.line), |words| words.goodbye);
    draft.hang_up();
}

/// The hours of the line; a line without has always been open.
fn hours<'a>(turn: &Turn<'a>) -> Cow<'a, Hours> {
    turn.line.hours.as_ref().map_or_else(|| Cow::Owned(Hours::always()), Cow::Borrowed)
}

/// What stands now, by what is known here.
fn stands(turn: &Turn<'_>) -> Stands {
    usual(turn, turn.world.overrides(&turn.line.name))
}

/// What stands with these overrides.
fn usual(turn: &Turn<'_>, overrides: &[Override]) -> Stands {
    let (hours, zone, now) = (hours(turn), turn.line.timezone, turn.webhook.at);
    let standing = hours.standing(zone, now, overrides);
    let until = if standing.open { hours.closes(zone, now, overrides) } else { standing.opens };
    Stands { open: standing.open, until }
}

/// What stands, in a sentence.
fn said(turn: &Turn<'_>, stands: &Stands) -> crate::twiml::Say {
    let words = Words::of(&turn.line.language).unwrap_or(&ENGLISH);
    let today = turn.webhook.at.with_timezone(&turn.line.timezone).date_naive();
    let until = stands.until.map(|until| when(words, until, today));
    match (stands.open, until) {
        (true, Some(until)) => spoken::about(turn.line, |words| words.desk_open_until, &until),
        (true, None) => spoken::sentence(Some(turn.line), |words| words.desk_open),
        (false, Some(until)) => spoken::about(turn.line, |words| words.desk_closed_until, &until),
        (false, None) => spoken::sentence(Some(turn.line), |words| words.desk_closed),
    }
}
