//! Transactions against the pretend carrier and its bill: every request fails in every way, and the instance dies at
//! every place where it waits. In the end everything works, or nothing is left and nothing is paid for.

use crate::numbers_stand::{HASTY, PATIENT, Stand, ana, calgary, dying, tenant};
use crate::support::Database;
use chrono::TimeDelta;
use switchboard::numbers::{ChoiceText, Journal, Numbers, State, StepState, Worked};
use switchboard::simulator::{Fault, FaultKind, TwinOptions};

/// What a transaction is begun with.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Provision,
    Onboard,
    Release,
}

const KINDS: [Kind; 3] = [Kind::Provision, Kind::Onboard, Kind::Release];

async fn begin(stand: &Stand, room: &Numbers, kind: Kind, name: &str) -> Journal {
    match kind {
        Kind::Provision => room.buy("main", &calgary(), None, &ana()).await.expect("taken up"),
        Kind::Onboard => room.onboard(tenant(name), &ana()).await.expect("taken up"),
        Kind::Release => {
            let bought = room.buy("main", &calgary(), None, &ana()).await.expect("taken up");
            let bought = stand.until(room, &bought.transaction.id, State::Done).await;
            room.release(&bought.known().number.expect("a number"), &ana()).await.expect("taken up")
        }
    }
}

/// The requests of an undisturbed run, as operation and how many of it came before.
async fn requests_of(kind: Kind) -> Vec<(String, u32)> {
    let stand = Stand::new(Database::sqlite(), PATIENT).await;
    let room = stand.instance("one");
    let begun = begin(&stand, &room, kind, "clinic").await;
    let before = stand.twin.requests().len();
    stand.until(&room, &begun.transaction.id, State::Done).await;
    stand.equals_the_bill().await;
    let made: Vec<String> = stand.twin.requests().into_iter().skip(before).map(|request| request.operation).collect();
    let nth = |at: usize| made[..=at].iter().filter(|other| **other == made[at]).count();
    (0..made.len()).map(|at| (made[at].clone(), u32::try_from(nth(at)).expect("few"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_fails_once_in_every_way() {
    for database in Database::each().await {
        let stand = Stand::new(database, HASTY).await;
        let room = stand.instance("one");
        let mut count = 0;
        for kind in KINDS {
            for (operation, nth) in requests_of(kind).await {
                for fault in [
                    FaultKind::Status(500),
                    FaultKind::StatusAfter(503),
                    FaultKind::Status(429),
                    FaultKind::CutBefore,
                    FaultKind::CutAfter,
                    FaultKind::TimeoutBefore,
                    FaultKind::TimeoutAfter,
                ] {
                    count += 1;
                    let begun = begin(&stand, &room, kind, &format!("t{count}")).await;
                    stand.twin.fail(Fault::nth(&operation, nth, fault));
                    stand.until(&room, &begun.transaction.id, State::Done).await;
                    stand.twin.mend_all();
                    stand.equals_the_bill().await;
                    tidy(&stand, &room).await;
                }
            }
        }
        assert!(count > 70, "{count}");
    }
}

/// Gives everything back, so that the carrier does not run out of numbers.
async fn tidy(stand: &Stand, room: &Numbers) {
    for number in stand.twin.numbers() {
        // A tenant's number goes with the tenant.
        if number.account_sid == stand.twin.account_sid() {
            room.release(&number.phone_number, &ana()).await.expect("taken up");
        }
    }
    while let Some(name) = stand.database.text("select max(name) from lines").await {
        room.offboard(&name, "ana").await.expect("taken up");
        stand.settle(room).await;
    }
    stand.settle(room).await;
    stand.equals_the_bill().await;
    assert!(stand.twin.bill().numbers_paid_for().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_always_fails_leaves_nothing_behind() {
    for database in Database::each().await {
        let stand = Stand::new(database, HASTY).await;
        let room = stand.instance("one");
        let mut ends = Vec::new();
        for kind in [Kind::Provision, Kind::Onboard] {
            let mut operations: Vec<String> =
                requests_of(kind).await.into_iter().map(|(operation, _)| operation).collect();
            operations.dedup();
            for (n, operation) in operations.into_iter().enumerate() {
                for fault in
                    [FaultKind::Status(500), FaultKind::StatusAfter(500), FaultKind::Status(400), FaultKind::CutAfter]
                {
                    let begun = begin(&stand, &room, kind, &format!("t{n}")).await;
                    let id = stand.twin.fail(Fault::always(&operation, fault));
                    // Long enough for every patience that has an end.
                    for _ in 0..90 {
                        while room.step().await.expect("the database is there") == Worked::One {}
                        stand.clock.advance(TimeDelta::seconds(20));
                    }
                    assert!(stand.twin.mend(id));
                    stand.settle(&room).await;
                    stand.equals_the_bill().await;
                    let end = room.transaction(&begun.transaction.id).await.expect("there").transaction;
                    assert!(end.state == State::Done || end.failed_step.is_some(), "{end:?}");
                    ends.push(end.state);
                    tidy(&stand, &room).await;
                }
            }
        }
        assert!(ends.contains(&State::Done) && ends.contains(&State::RolledBack), "{ends:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_dies_wherever_it_waits_and_another_goes_on() {
    for database in Database::each().await {
        let stand = Stand::new(database, PATIENT).await;
        let second = stand.instance("second");
        for kind in KINDS {
            let mut polls = 0;
            loop {
                polls += 1;
                let begun = begin(&stand, &second, kind, &format!("t{polls}")).await;
                let first = stand.instance("first");
                let died = dying(polls, first.step()).await.is_none();
                stand.clock.advance(TimeDelta::seconds(91));
                stand.until(&second, &begun.transaction.id, State::Done).await;
                stand.equals_the_bill().await;
                if polls % 8 == 0 || !died {
                    tidy(&stand, &second).await;
                }
                if !died {
                    break;
                }
            }
            assert!(polls > 8, "{kind:?} waited {polls} times only");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_dies_on_the_way_back_too() {
    for database in Database::each().await {
        let stand = Stand::new(database, PATIENT).await;
        let second = stand.instance("second");
        let mut polls = 0;
        loop {
            polls += 1;
            let begun = begin(&stand, &second, Kind::Onboard, &format!("t{polls}")).await;
            let id = stand.twin.fail(Fault::always("IncomingPhoneNumbers.update", FaultKind::Status(400)));
            let first = stand.instance("first");
            let died = dying(polls, first.step()).await.is_none();
            stand.clock.advance(TimeDelta::seconds(91));
            let end = stand.until(&second, &begun.transaction.id, State::RolledBack).await;
            assert_eq!(end.transaction.failed_step.as_deref(), Some("configure"));
            stand.twin.mend(id);
            stand.equals_the_bill().await;
            assert!(stand.twin.bill().numbers_paid_for().is_empty());
            if !died {
                break;
            }
        }
        assert!(polls > 20, "{polls}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chance_strikes_everywhere_while_instances_die() {
    for database in Database::each().await {
        let options = TwinOptions { seed: 9, faults: 0.15, ..TwinOptions::default() };
        storm(&Stand::with(database, HASTY, options).await, 9).await;
    }
}

/// Three instances, some of which die, take turns on a dozen transactions while one request in seven fails.
async fn storm(stand: &Stand, seed: u64) {
    let rooms = ["a", "b", "c"].map(|holder| stand.instance(holder));
    for n in 0..8 {
        room_of(&rooms, n).buy("main", &calgary(), None, &ana()).await.expect("taken up");
        room_of(&rooms, n).onboard(tenant(&format!("t{n}")), &ana()).await.expect("taken up");
    }
    let mut chance = seed;
    for turn in 0..120 {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let polls = usize::try_from(chance >> 58).expect("few");
        let _ = dying(polls, room_of(&rooms, turn).step()).await;
        stand.clock.advance(TimeDelta::seconds(40));
    }
    stand.twin.mend_all();
    stand.settle(&rooms[0]).await;
    stand.equals_the_bill().await;
}

fn room_of(rooms: &[Numbers; 3], n: usize) -> &Numbers {
    &rooms[n % rooms.len()]
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_not_asked_again() {
    let stand = Stand::new(Database::sqlite(), PATIENT).await;
    let room = stand.instance("one");
    stand.twin.fail(Fault::next("IncomingPhoneNumbers.create", FaultKind::CutAfter));
    let begun = room.buy("main", &calgary(), None, &ana()).await.expect("taken up");
    stand.until(&room, &begun.transaction.id, State::Done).await;
    let requests = stand.twin.requests();
    let creates = requests.iter().filter(|request| request.operation == "IncomingPhoneNumbers.create").count();
    assert_eq!(creates, 1);
}

#[tokio::test]
async fn an_undo_that_fails_is_told_tried_again_and_ends() {
    for database in Database::each().await {
        let stand = Stand::new(database, PATIENT).await;
        let room = stand.instance("one");
        stand.twin.fail(Fault::always("IncomingPhoneNumbers.update", FaultKind::Status(400)));
        stand.twin.fail(Fault::always("IncomingPhoneNumbers.delete", FaultKind::Status(500)));
        let begun = room.buy("main", &calgary(), None, &ana()).await.expect("taken up");
        let stuck = stand.until(&room, &begun.transaction.id, State::FailedUndo).await;
        assert_eq!(stuck.transaction.failed_step.as_deref(), Some("configure"));
        assert!(stuck.steps.iter().any(|step| step.state == StepState::FailedUndo));
        const TOLD: &str = "select payload from events where type = 'transaction.failed' order by place limit 1";
        let told = stand.database.text(TOLD).await.expect("somebody is told");
        let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
        assert_eq!((&told["rolled_back"], &told["failed_step"]), (&false.into(), &"configure".into()));
        assert_eq!(told["orphans"].as_array().map(Vec::len), Some(1));
        stand.twin.mend_all();
        room.retry(&begun.transaction.id).await.expect("tried again now");
        stand.until(&room, &begun.transaction.id, State::RolledBack).await;
        stand.equals_the_bill().await;
        let count = "select count(*) from events where type = 'transaction.failed'";
        assert_eq!(stand.database.count(count).await, 2, "stuck, and then clean");
        // And anew, under the same name.
        room.retry(&begun.transaction.id).await.expect("begun anew");
        stand.until(&room, &begun.transaction.id, State::Done).await;
        stand.equals_the_bill().await;
        assert_eq!(stand.database.count("select count(*) from events where type = 'number.provisioned'").await, 1);
    }
}

#[tokio::test]
async fn a_number_that_somebody_else_takes_costs_nothing() {
    let stand = Stand::new(Database::sqlite(), PATIENT).await;
    let room = stand.instance("one");
    stand.twin.take("+15875550142");
    let certain = ChoiceText { number: Some("+15875550142".to_owned()), ..ChoiceText::default() };
    let begun = room.buy("main", &certain, None, &ana()).await.expect("taken up");
    let end = stand.until(&room, &begun.transaction.id, State::RolledBack).await;
    assert!(end.transaction.error.is_some_and(|error| error.starts_with("21422: ")));
    stand.equals_the_bill().await;
}

#[tokio::test]
async fn an_operator_turns_a_transaction_around_and_one_works_on_a_number() {
    for database in Database::each().await {
        let stand = Stand::new(database, PATIENT).await;
        let room = stand.instance("one");
        let certain = ChoiceText { number: Some("+15875550142".to_owned()), ..ChoiceText::default() };
        let begun = room.buy("main", &certain, None, &ana()).await.expect("taken up");
        let second = room.buy("main", &certain, None, &ana()).await.expect_err("another one is at it");
        assert!(second.to_string().contains(&begun.transaction.id), "{second}");
        stand.twin.fail(Fault::always("IncomingPhoneNumbers.update", FaultKind::Status(503)));
        room.step().await.expect("some steps");
        assert_eq!(stand.twin.numbers().len(), 1);
        room.rollback(&begun.transaction.id, "ana").await.expect("turned around");
        stand.until(&room, &begun.transaction.id, State::RolledBack).await;
        stand.equals_the_bill().await;
        assert_eq!(stand.database.rows("events").await, 0, "what an operator took back has not failed");
    }
}

#[tokio::test]
async fn without_a_key_no_tenant_is_begun_and_nothing_is_made() {
    let stand = Stand::new(Database::sqlite(), PATIENT).await;
    let room = stand.instance_with("one", switchboard::base::Seal::new(None).expect("no key is fine"));
    let told = room.onboard(tenant("clinic"), &ana()).await.expect_err("no key").to_string();
    assert!(told.contains("DATA_KEY"), "{told}");
    assert_eq!(stand.twin.requests().len(), 0);
}
