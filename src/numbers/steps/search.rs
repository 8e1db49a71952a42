//! Numbers for sale. Nothing is reserved, so nothing is to be taken back.

use super::scene::{Scene, Tried, found};
use crate::carrier::{AvailableNumber, Carrier, CarrierError, NumberKind, NumberSearch};
use crate::numbers::saga::{Choice, Failure, Known, Outcome};

/// How many are kept: the first one may be sold before we buy.
const CANDIDATES: usize = 5;
/// How many are shown.
const PAGE: u32 = 20;

pub(super) async fn act(scene: &Scene<'_>) -> Tried {
    let choice = found(scene.journal.transaction.wish.choice(), "which number to buy")?;
    let candidates = match &choice.number {
        Some(number) => vec![number.clone()],
        None => for_sale(scene.carrier, choice).await?.into_iter().map(|number| number.phone_number).collect(),
    };
    let candidates: Vec<String> = candidates.into_iter().take(CANDIDATES).collect();
    if candidates.is_empty() {
        return Err(Failure::final_one("no number for sale fits").into());
    }
    Ok(Outcome::Done { known: Known { candidates, ..Known::default() }, changes: Vec::new() })
}

/// Numbers for sale that fit, with voice.
pub(in crate::numbers) async fn for_sale(
    carrier: &Carrier,
    choice: &Choice,
) -> Result<Vec<AvailableNumber>, CarrierError> {
    let search = NumberSearch {
        area_code: choice.area_code.clone(),
        contains: choice.number.clone().or_else(|| choice.contains.clone()),
        voice_enabled: Some(true),
        page_size: Some(PAGE),
        ..NumberSearch::default()
    };
    let kind = NumberKind::parse(&choice.kind).unwrap_or(NumberKind::Local);
    let mut found = carrier.search_numbers(&choice.country, kind, &search).await?.unwrap_or_default();
    found.retain(|number| choice.number.as_ref().is_none_or(|wanted| *wanted == number.phone_number));
    Ok(found)
}
