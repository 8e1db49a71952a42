//! Giving a number back: first it leads nowhere, then it goes, then we note that it is gone. From the second step on
//! there is no way back.

use super::scene::{Scene, Tried};
use crate::numbers::saga::{Change, Failure, Outcome, Release, Wish};

pub(super) fn unbind(scene: &Scene<'_>) -> Tried {
    Ok(Outcome::changed(Change::Unbind(wish(scene)?.bought())))
}

/// Only when the carrier still has it.
pub(super) fn rebind(scene: &Scene<'_>) -> Tried {
    Ok(Outcome::changed(Change::Rebind(wish(scene)?.bought())))
}

pub(super) async fn give_back(scene: &Scene<'_>) -> Tried {
    let wish = wish(scene)?;
    let account = scene.account(Some(&wish.account_sid))?;
    match account.number(&wish.sid).await? {
        // Released before, by us or by hand.
        None => Ok(Outcome::done()),
        Some(there) if there.phone_number != wish.number => {
            Err(Failure::over("the carrier has another number under this SID").into())
        }
        Some(_) => {
            account.release_number(&wish.sid).await?;
            Ok(Outcome::done())
        }
    }
}

/// Nothing can be taken back; what is gone is noted as gone, so that it is not bound again.
pub(super) async fn keep(scene: &Scene<'_>) -> Tried {
    let wish = wish(scene)?;
    let account = scene.account(Some(&wish.account_sid))?;
    Ok(match account.number(&wish.sid).await? {
        Some(there) if there.phone_number == wish.number => Outcome::done(),
        _ => Outcome::changed(Change::Released(wish.bought())),
    })
}

pub(super) fn forget(scene: &Scene<'_>) -> Tried {
    Ok(Outcome::changed(Change::Released(wish(scene)?.bought())))
}

fn wish<'a>(scene: &Scene<'a>) -> Result<&'a Release, Failure> {
    match &scene.journal.transaction.wish {
        Wish::Release(wish) => Ok(wish),
        _ => Err(Failure::final_one("the journal does not say which number")),
    }
}
