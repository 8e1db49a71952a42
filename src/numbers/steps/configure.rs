//! Where the carrier asks. Setting it twice is the same; it goes with the number, so nothing is to be taken back.

use super::scene::{Scene, Tried, found};
use crate::numbers::saga::{Failure, Outcome};

pub(super) async fn act(scene: &Scene<'_>) -> Tried {
    let known = scene.known();
    let sid = found(known.number_sid, "the number's SID")?;
    let account = scene.account(scene.owner()?.as_deref())?;
    match account.update_number(&sid, &scene.wanted.settings()).await? {
        Some(_) => Ok(Outcome::done()),
        None => Err(Failure::final_one("the carrier does not have the number any more").into()),
    }
}
