//! A caller who wanted to page a zone and could not: he hears why, and goes on.

use super::draft::Draft;
use super::page::{chosen, leads_to};
use super::scene::Turn;
use super::state::{Choice, Origin, Why};
use super::words::Words;
use super::{action, spoken, voicemail};
use crate::config::line::Action;

/// The zone that the stream of this webhook was to page.
pub(super) fn zone<'a>(turn: &Turn<'a>) -> Option<&'a str> {
    chosen(turn).map(|(_, zone)| zone)
}

/// Says why the zone could not be paged; then it goes where the key's menu leads those whom it cannot serve.
pub(super) fn told(turn: &Turn<'_>, draft: &mut Draft, (zone, why): (&str, &str)) {
    let words = |words: &'static Words| match why {
        "taken" => words.zone_taken,
        "disabled" => words.zone_off,
        "closed" => words.zone_closed,
        "not_allowed" | "too_urgent" => words.zone_denied,
        _ => words.zone_away,
    };
    draft.verb(spoken::about(turn.line, words, zone));
    match otherwise(turn) {
        Some((action, origin)) => action::perform(turn, draft, action, origin),
        None => voicemail::take(turn, draft, Why::Chosen),
    }
}

/// Another page is no way out of a page that was refused.
fn otherwise<'a>(turn: &Turn<'a>) -> Option<(&'a Action, Origin<'a>)> {
    let (chosen, _) = chosen(turn)?;
    let (name, menu) = turn.menu_named(chosen.menu)?;
    let pages = matches!(leads_to(menu, Choice::Otherwise), Some(Action::Page { .. }));
    (!pages).then_some((&menu.otherwise, Origin { menu: name, by: Choice::Otherwise }))
}
