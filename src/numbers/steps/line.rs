//! The tenant's line, in our own table.

use super::scene::{Scene, Tried};
use crate::numbers::saga::{Change, Outcome, Wish};

pub(super) fn act(scene: &Scene<'_>) -> Tried {
    let Wish::Onboard(wish) = &scene.journal.transaction.wish else { return Ok(Outcome::done()) };
    Ok(Outcome::changed(Change::Line { name: wish.name.clone(), definition: wish.definition.clone() }))
}

pub(super) fn undo(scene: &Scene<'_>) -> Tried {
    let Wish::Onboard(wish) = &scene.journal.transaction.wish else { return Ok(Outcome::done()) };
    Ok(Outcome::changed(Change::LineGone(wish.name.clone())))
}
