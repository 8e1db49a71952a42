//! Our client against the pretend carrier, whose bill tells what really happened.

use crate::carrier_stand::{QUICK, client};
use crate::house::{House, PUBLIC_URL};
use crate::support::Database;
use crate::twin_client::{ACCOUNT, TOKEN, start};
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::{Clock, E164, Meters, Secret};
use switchboard::calls::{Reconciler, ReconcilerParts};
use switchboard::carrier::{
    Account, AccountFilter, AccountStatus, Carrier, CarrierError, NumberFilter, NumberSettings, OwnedNumber, Processed,
    Removal, Wanted,
};
use switchboard::ledger::{Ledger, Phase, Setup, read};
use switchboard::simulator::{Fault, FaultKind, Script, Speed, Target};
use switchboard::world::{World, Worlds};

const EVERY: [FaultKind; 9] = [
    FaultKind::Status(429),
    FaultKind::Status(500),
    FaultKind::Status(503),
    FaultKind::StatusAfter(500),
    FaultKind::StatusAfter(503),
    FaultKind::TimeoutBefore,
    FaultKind::TimeoutAfter,
    FaultKind::CutBefore,
    FaultKind::CutAfter,
];

async fn buy(carrier: &Carrier, tag: &str) -> Result<OwnedNumber, CarrierError> {
    let settings = NumberSettings { friendly_name: Some(tag.to_owned()), ..NumberSettings::default() };
    carrier.buy_number(&Wanted::Number(E164::parse("+15875550100").expect("a number")), &settings).await
}

async fn tagged(carrier: &Carrier, tag: &str) -> Vec<OwnedNumber> {
    let filter = NumberFilter { friendly_name: Some(tag.to_owned()), page_size: Some(1), ..NumberFilter::default() };
    carrier.numbers(&filter).expect("a list").all().await.expect("it answers")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_is_made_once_or_found_by_its_tag() {
    for kind in EVERY {
        let (twin, _) = start(|_| {}).await;
        let carrier = of(&twin.base_url(), ACCOUNT, TOKEN);
        twin.fail(Fault::next("IncomingPhoneNumbers.create", kind));
        let bought = buy(&carrier, "saga 1").await;
        twin.release_held();
        let found = tagged(&carrier, "saga 1").await.len();
        assert_eq!(found, twin.numbers().len(), "{kind:?}");
        match bought {
            Ok(_) => {
                assert_eq!((found, kind), (1, FaultKind::Status(429)), "only what was certainly not done is repeated")
            }
            Err(error) => {
                assert_eq!((error.processed(), error.may_retry()), (Processed::Unknown, false), "{kind:?}");
                assert_eq!(found, usize::from(kind.has_effect()), "{kind:?}");
            }
        }
        for number in tagged(&carrier, "saga 1").await {
            twin.fail(Fault::next("IncomingPhoneNumbers.delete", kind));
            let removed = carrier.release_number(&number.sid).await.expect("it is repeated until it is done");
            assert_eq!(removed == Removal::AlreadyGone, kind.has_effect(), "{kind:?}");
            twin.release_held();
        }
        assert!(twin.numbers().is_empty(), "{kind:?}");
    }
}

/// A client of an account of the twin.
fn of(base: &str, sid: &str, token: &str) -> Carrier {
    let account = Account { sid: sid.to_owned(), tokens: vec![Secret::new(token)] };
    // The stand's client installs the TLS provider.
    let _ = client(base, &[token]);
    Carrier::new(base, account).expect("a client").with_patience(QUICK)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_gets_an_account_and_a_number_and_gives_both_back() {
    let (twin, _) = start(|_| {}).await;
    let carrier = of(&twin.base_url(), ACCOUNT, TOKEN);
    let tenant = carrier.create_account("tenant 7").await.expect("an account");
    assert!(tenant.auth_token.is_some() && tenant.state() == Some(AccountStatus::Active));
    let filter = AccountFilter { friendly_name: Some("tenant 7".to_owned()), ..AccountFilter::default() };
    assert_eq!(carrier.accounts(&filter).expect("a list").all().await.expect("it answers").len(), 1);
    let bought = buy(&carrier, "saga 2").await.expect("a number");
    let moved = carrier.move_number(&bought.sid, &tenant.sid).await.expect("it answers").expect("it is there");
    assert_eq!(moved.account_sid.as_deref(), Some(tenant.sid.as_str()));
    let theirs = carrier.acting_on(&tenant.sid).expect("a SID");
    assert_eq!(tagged(&theirs, "saga 2").await.len(), 1);
    assert!(carrier.call("CA00112233445566778899aabbccddeeff").await.expect("it answers").is_none());
    assert_eq!(theirs.release_number(&bought.sid).await, Ok(Removal::Removed));
    let closed = carrier.set_account_status(&tenant.sid, AccountStatus::Closed).await.expect("it answers");
    assert_eq!(closed.and_then(|account| account.state()), Some(AccountStatus::Closed));
    let reopened = carrier.set_account_status(&tenant.sid, AccountStatus::Active).await.expect_err("for good");
    assert_eq!(reopened.code(), Some(21479));
    let stranger = client(&twin.base_url(), &["wrong"]);
    assert_eq!(stranger.account(ACCOUNT).await.err(), Some(CarrierError::Unauthorized(401)));
    assert!(twin.numbers().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_end_nobody_told_is_reconciled() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let account = "AC00000000000000000000000000000001";
    let base = house.base();
    let (twin, _) = start(|options| {
        options.account_sid = Some(account.to_owned());
        options.token = Some(Secret::new(crate::house::TOKEN));
        options.clock = Clock::System;
        options.speed = Speed::default();
        options.routes.push(Target::new(&base, Some(PUBLIC_URL)).expect("an address"));
    })
    .await;
    // No status callback is set: nobody will tell that the caller hung up in the menu.
    let voice = format!("{PUBLIC_URL}/twilio/voice");
    twin.own(account, "+15875550100", &[("VoiceUrl", &voice)]).expect("a number");
    let script = Script { hang_up_after: Duration::from_secs(1), ..Script::default() };
    let report = twin.call("+15875550111", "+15875550100", script).await.expect("a call");
    house.running.stop().await;

    let clock = Clock::manual(Clock::System.now() + TimeDelta::hours(1));
    let setup =
        Setup { clock: clock.clone(), instance: 9, public_url: PUBLIC_URL.into(), meters: Arc::new(Meters::silent()) };
    let ledger = Ledger::start(&database.db, setup);
    while ledger.condition().phase() != Phase::Up {
        tokio::task::yield_now().await;
    }
    let before = read::call(&database.db, &report.call_sid).await.expect("it reads").expect("a call");
    assert_eq!(before.ended_at, None, "{before:?}");
    let reconciler = Reconciler::new(ReconcilerParts {
        db: database.db.clone(),
        carrier: of(&twin.base_url(), account, crate::house::TOKEN),
        ledger: ledger.clone(),
        worlds: Worlds::new(World::new(PUBLIC_URL, Vec::new())),
        clock,
        holder: "a".into(),
    });
    assert_eq!(reconciler.step().await.expect("a round"), 1);
    let after = read::call(&database.db, &report.call_sid).await.expect("it reads").expect("a call");
    assert_eq!((after.state.as_str(), after.duration_s), (report.status, i64::try_from(report.duration_s).ok()));
    assert_eq!(database.count("select count(*) from events where type = 'call.ended'").await, 1);
    ledger.close().await;
}
