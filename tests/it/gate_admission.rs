//! Too many calls at once: new ones are turned away, running ones go on.

use crate::gate_trouble::Stand;
use crate::house::{call, with};
use crate::support::Database;
use std::time::Duration;
use switchboard::gate::{Cause, Crowd, Door, Place, Route};

const NEW: &str = "CA00000000000000000000000000000001";
const RUNNING: &str = "CA00000000000000000000000000000002";

/// A house with one place, which somebody has, and no patience. One call is running, so its database is open.
async fn full(database: &Database) -> (Stand, Place) {
    let door = Door::with(1, Duration::ZERO);
    let place = door.enter().await.expect("a place");
    let stand = Stand::behind(door, database);
    stand.ask(Route::Status, &with(call(RUNNING), &[("CallStatus", "in-progress")])).await;
    (stand, place)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_house_is_full_running_calls_go_on_and_new_ones_hear_that_it_is_busy() {
    let database = Database::sqlite();
    let (stand, place) = full(&database).await;
    assert!(stand.ask(Route::Voice, &call(NEW)).await.contains("<Reject reason=\"busy\"/>"));
    assert!(stand.ask(Route::Dtmf, &with(call(RUNNING), &[("Digits", "1")])).await.contains("<Dial"));
    assert!(stand.ask(Route::Voicemail, &call(RUNNING)).await.contains("<Record"));
    assert!(!stand.ask(Route::Fallback, &call(RUNNING)).await.contains("<Reject"));
    stand.ask(Route::Status, &with(call(RUNNING), &[("CallStatus", "completed")])).await;
    let crowd = Crowd { calls: 1, call_sid: Some(NEW.to_owned()), cause: Cause::Crowd };
    assert_eq!(stand.gate.turned_away().take(), Some(crowd));
    drop(place);
    stand.ledger.close().await;
    assert_eq!(database.count("select count(*) from calls").await, 1);
    assert_eq!(database.count("select count(*) from call_events").await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_stored_of_a_call_that_was_turned_away_until_it_comes_again_and_finds_a_place() {
    let database = Database::sqlite();
    let (stand, place) = full(&database).await;
    let ended = with(call(NEW), &[("CallStatus", "busy")]);
    assert!(stand.ask(Route::Voice, &call(NEW)).await.contains("<Reject"));
    assert!(stand.ask(Route::Status, &ended).await.ends_with("<Response/>"));
    drop(place);
    assert!(stand.ask(Route::Voice, &call(NEW)).await.contains("<Gather"), "the carrier asks again");
    stand.ask(Route::Status, &with(call(NEW), &[("CallStatus", "completed")])).await;
    stand.ledger.close().await;
    let of_new = "select count(*) from call_events join calls on calls.id = call_id where call_sid like '%1'";
    assert_eq!(database.count(of_new).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_we_placed_and_one_that_comes_back_are_not_turned_away() {
    let database = Database::sqlite();
    let (stand, _place) = full(&database).await;
    let placed = with(call(NEW), &[("Direction", "outbound-api")]);
    assert!(!stand.ask(Route::Voice, &placed).await.contains("<Reject"));
    let back = stand.ask_at("/twilio/voice?v=1&n=3", Route::Voice, &call(RUNNING)).await;
    assert!(!back.contains("<Reject"), "{back}");
    stand.ledger.close().await;
}
