//! The purchase. It carries the transaction's tag, so it is found again however its answer was lost.

use super::scene::{Scene, Tried, e164, tagged};
use crate::carrier::{NumberSettings, OwnedNumber, Wanted};
use crate::numbers::saga::{Change, Failure, Known, Outcome, Wish};

/// The carrier's error when a number is not for sale (any more).
const NOT_FOR_SALE: u32 = 21422;

pub(super) async fn act(scene: &Scene<'_>) -> Tried {
    let (known, tag) = (scene.known(), scene.tag());
    let account = scene.account(scene.owner()?.as_deref())?;
    if scene.is_repeated()
        && let Some(ours) = tagged(&account, &tag).await?.into_iter().next()
    {
        return Ok(bought(scene, ours));
    }
    let settings = NumberSettings { friendly_name: Some(tag.clone()), ..NumberSettings::default() };
    for candidate in &known.candidates {
        match account.buy_number(&Wanted::Number(e164(candidate)?), &settings).await {
            Ok(number) => return Ok(bought(scene, number)),
            // Somebody was faster; that may have been an earlier try of ours that got no answer.
            Err(error) if error.code() == Some(NOT_FOR_SALE) => {
                if let Some(ours) = tagged(&account, &tag).await?.into_iter().next() {
                    return Ok(bought(scene, ours));
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::final_one(format!("{NOT_FOR_SALE}: none of the numbers found is for sale any more")).into())
}

fn bought(scene: &Scene<'_>, number: OwnedNumber) -> Outcome {
    // A tenant's transaction keeps the tenant as its subject.
    let subject = matches!(scene.journal.transaction.wish, Wish::Provision(_));
    let changes = subject.then(|| Change::Subject(number.phone_number.clone())).into_iter().collect();
    let known = Known { number: Some(number.phone_number), number_sid: Some(number.sid), ..Known::default() };
    Outcome::Done { known, changes }
}

/// Gives back everything that carries our tag, and the number we know of even when its tag was changed by hand.
pub(super) async fn undo(scene: &Scene<'_>) -> Tried {
    let known = scene.known();
    let account = scene.account(scene.owner()?.as_deref())?;
    let mut ours = tagged(&account, &scene.tag()).await?;
    if let (Some(sid), Some(number)) = (&known.number_sid, &known.number)
        && ours.iter().all(|tagged| tagged.sid != *sid)
    {
        ours.extend(account.number(sid).await?.filter(|there| there.phone_number == *number));
    }
    for number in &ours {
        account.release_number(&number.sid).await?;
    }
    if let Some(after) = scene.may_still_land() {
        return Ok(Outcome::Later { after, known: Known::default() });
    }
    let changes = known.bought().map(Change::Released).into_iter().collect();
    Ok(Outcome::Done { known: Known::default(), changes })
}
