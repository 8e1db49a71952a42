//! From the number to its line, in our own tables: written with the journal's entry, so it needs no looking up.

use super::scene::{Scene, Tried, found};
use crate::numbers::prices;
use crate::numbers::saga::{Change, NewNumber, Outcome};

pub(super) fn act(scene: &Scene<'_>) -> Tried {
    let known = scene.known();
    let number = found(known.number, "the number")?;
    let sid = found(known.number_sid, "the number's SID")?;
    Ok(Outcome::changed(bound(scene, number, sid)?))
}

/// The change that lets a number lead to the transaction's line.
pub(super) fn bound(scene: &Scene<'_>, phone_number: String, sid: String) -> Result<Change, super::scene::Trouble> {
    let wish = &scene.journal.transaction.wish;
    let line = found(wish.line(), "the line")?.to_owned();
    let monthly = wish.choice().and_then(|choice| prices::monthly(&choice.country, &choice.kind));
    let account_sid = scene.owner()?.unwrap_or_else(|| scene.carrier.account_sid().to_owned());
    let wanted = scene.wanted.clone();
    Ok(Change::Bind(Box::new(NewNumber { phone_number, sid, account_sid, line, wanted, monthly })))
}

pub(super) fn undo(scene: &Scene<'_>) -> Tried {
    let bought = scene.known().bought();
    Ok(bought.map_or_else(Outcome::done, |bought| Outcome::changed(Change::Unbind(bought))))
}
