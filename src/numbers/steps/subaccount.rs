//! The tenant's account. It is made once, found again by its tag, and its token is stored only sealed.

use super::scene::{Scene, Tried};
use crate::base::{SealError, SealedPlace};
use crate::carrier::{AccountFilter, AccountStatus, Carrier, CarrierError, RemoteAccount};
use crate::numbers::saga::{Change, Failure, Known, Outcome, Wish};

/// The carrier's error when an account was closed before.
const CLOSED_BEFORE: u32 = 21479;

/// Where a token is kept.
pub(in crate::numbers) fn place(sid: &str) -> SealedPlace<'_> {
    SealedPlace { table: "subaccounts", column: "sealed_token", row: sid }
}

pub(super) async fn act(scene: &Scene<'_>) -> Tried {
    if !is_wanted(scene) {
        return Ok(Outcome::done());
    }
    // Before anything is made that could not be kept.
    if !scene.seal.is_ready() {
        return Err(SealError::NoKey.into());
    }
    let tag = scene.tag();
    let earlier = if scene.is_repeated() { tagged(scene.carrier, &tag).await? } else { Vec::new() };
    let account = match earlier.into_iter().next() {
        Some(account) => account,
        None => scene.carrier.create_account(&tag).await?,
    };
    let account = match account.auth_token {
        Some(_) => account,
        None => scene.carrier.account(&account.sid).await?.unwrap_or(account),
    };
    let Some(token) = account.auth_token else {
        return Err(Failure::not_yet("the carrier does not tell the account's token").into());
    };
    let sealed_token = scene.seal.close(place(&account.sid), &token)?;
    let known = Known { account_sid: Some(account.sid.clone()), ..Known::default() };
    let change = Change::Account { sid: account.sid, friendly_name: tag, sealed_token };
    Ok(Outcome::Done { known, changes: vec![change] })
}

/// Closes it, for good; the carrier takes back whatever numbers it still has.
pub(super) async fn undo(scene: &Scene<'_>) -> Tried {
    if !is_wanted(scene) {
        return Ok(Outcome::done());
    }
    let mut sids: Vec<String> =
        tagged(scene.carrier, &scene.tag()).await?.into_iter().map(|account| account.sid).collect();
    sids.extend(scene.known().account_sid);
    sids.sort();
    sids.dedup();
    for sid in &sids {
        close(scene.carrier, sid).await?;
    }
    if let Some(after) = scene.may_still_land() {
        return Ok(Outcome::Later { after, known: Known::default() });
    }
    let changes = sids.into_iter().map(Change::AccountClosed).collect();
    Ok(Outcome::Done { known: Known::default(), changes })
}

async fn close(carrier: &Carrier, sid: &str) -> Result<(), CarrierError> {
    match carrier.set_account_status(sid, AccountStatus::Closed).await {
        Err(error) if error.code() == Some(CLOSED_BEFORE) => Ok(()),
        closed => closed.map(drop),
    }
}

/// Accounts of ours with this tag that are not closed, oldest first.
async fn tagged(carrier: &Carrier, tag: &str) -> Result<Vec<RemoteAccount>, CarrierError> {
    let filter = AccountFilter { friendly_name: Some(tag.to_owned()), ..AccountFilter::default() };
    let mut accounts = carrier.accounts(&filter)?.all().await?;
    accounts.retain(|account| {
        account.friendly_name.as_deref() == Some(tag) && account.state() != Some(AccountStatus::Closed)
    });
    accounts.sort_by(|a, b| (a.date_created, &a.sid).cmp(&(b.date_created, &b.sid)));
    Ok(accounts)
}

fn is_wanted(scene: &Scene<'_>) -> bool {
    matches!(&scene.journal.transaction.wish, Wish::Onboard(wish) if wish.own_account)
}
