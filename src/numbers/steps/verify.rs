//! The last look: the carrier shows the number, as it shall be, and nothing else was bought on the way.

use super::scene::{Scene, Tried, found, tagged};
use crate::numbers::saga::{Change, Failure, Known, Outcome, Urls};

pub(super) async fn act(scene: &Scene<'_>) -> Tried {
    let known = scene.known();
    let (number, sid) = (found(known.number, "the number")?, found(known.number_sid, "the number's SID")?);
    let account = scene.account(scene.owner()?.as_deref())?;
    let Some(there) = account.number(&sid).await? else {
        return Err(Failure::final_one("the carrier does not have the number any more").into());
    };
    if let Some((name, ..)) = scene.wanted.drift(&there).first() {
        return Err(Failure::not_yet(format!("the carrier does not show the right {name} yet")).into());
    }
    // Two tries that both got no answer may both have bought, each another number.
    for surplus in tagged(&account, &scene.tag()).await?.iter().filter(|tagged| tagged.sid != sid) {
        account.release_number(&surplus.sid).await?;
    }
    let seen = Change::Seen(number, Urls::of(&there));
    Ok(Outcome::Done { known: Known::default(), changes: vec![seen] })
}
