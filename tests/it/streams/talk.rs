//! A conversation, and what follows it.

use super::carrier::{Announced, Carrier, announced, of_answer, sound};
use crate::house::{Answer, House, call, with};
use crate::support::Database;
use serde_json::Value;

const CALL: &str = "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d";
/// Nothing.
const QUIET: u8 = 0xff;

/// A caller who talks with the built-in line, and hears it.
async fn talking(house: &House) -> (Announced, Carrier) {
    let announced = announced(house, CALL).await;
    let mut carrier = Carrier::open(house, &announced).await;
    carrier.until("media").await;
    (announced, carrier)
}

/// What the call hears next, once the house has hung up.
async fn next(house: &House, announced: &Announced) -> Answer {
    house.post(&announced.action, &with(call(CALL), &[("CallStatus", "in-progress")])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_comes_with_a_mark_of_its_own() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let announced = announced(&house, CALL).await;
    let mut carrier = Carrier::open(&house, &announced).await;
    let mut marks = Vec::new();
    for _ in 0..8 {
        let media = carrier.until("media").await;
        assert_eq!(media.as_object().expect("an object").len(), 3, "{media}");
        assert!(sound(&media).len() <= 800 && sound(&media).len().is_multiple_of(160));
        let mark = carrier.hear().await.expect("a mark");
        assert_eq!(mark["event"], "mark");
        let name = mark["mark"]["name"].as_str().expect("a name").to_owned();
        carrier.mark(&name).await;
        marks.push(name);
    }
    let all = marks.len();
    marks.sort();
    marks.dedup();
    assert_eq!(marks.len(), all, "unique names");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_clears_what_plays_and_nothing_of_it_follows() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let (_, mut carrier) = talking(&house).await;
    carrier.frames(QUIET, 100).await;
    carrier.speak(100).await;
    carrier.until("clear").await;
    // While the caller speaks, nobody else does.
    carrier.speak(20).await;
    carrier.frames(QUIET, 50).await;
    carrier.stop(CALL).await;
    let (rest, code) = carrier.rest().await;
    assert_eq!(code, 1000);
    assert!(rest.iter().all(|message| message["event"] != "clear"), "{rest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pound_key_leads_to_the_mailbox() {
    for database in Database::each().await {
        let house = House::open(&database).await;
        let (announced, mut carrier) = talking(&house).await;
        carrier.key("#").await;
        let (rest, code) = carrier.rest().await;
        assert_eq!(code, 1000);
        assert!(rest.iter().any(|message| message["event"] == "clear"), "the prompt stops: {rest:?}");
        let answer = next(&house, &announced).await;
        assert!(answer.body.contains("<Record"), "{}", answer.body);
        assert!(!answer.body.contains("not available"), "{}", answer.body);
        house.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_instance_knows_how_a_stream_ended() {
    for database in Database::each().await {
        if database.url.starts_with("sqlite") {
            continue;
        }
        let (one, other) = (House::open(&database).await, House::open(&database).await);
        let (announced, mut carrier) = talking(&one).await;
        carrier.key("#").await;
        carrier.rest().await;
        let answer = next(&other, &announced).await;
        assert!(answer.body.contains("<Record") && !answer.body.contains("not available"), "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_breaks_is_opened_again_and_not_for_ever() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let mut announced = announced(&house, CALL).await;
    for _ in 0..3 {
        let mut carrier = Carrier::open(&house, &announced).await;
        carrier.until("media").await;
        drop(carrier);
        announced = of_answer(CALL, &ended(&house, &announced).await);
    }
    let mut carrier = Carrier::open(&house, &announced).await;
    carrier.until("media").await;
    drop(carrier);
    let answer = ended(&house, &announced).await;
    assert!(answer.body.contains("<Record"), "{}", answer.body);
}

/// What follows, once the house has noticed that the socket is gone.
async fn ended(house: &House, announced: &Announced) -> Answer {
    while !house.running.streams().is_empty() {
        tokio::task::yield_now().await;
    }
    next(house, announced).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_never_began_leads_to_the_mailbox() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let announced = announced(&house, CALL).await;
    let answer = next(&house, &announced).await;
    assert!(answer.body.contains("not available") && answer.body.contains("<Record"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_ignored() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let (announced, mut carrier) = talking(&house).await;
    for odd in [
        "",
        "7",
        "{}",
        "[",
        "{\"event\":\"media\"}",
        "{\"event\":\"someFutureEvent\",\"media\":[1]}",
        "{\"event\":\"media\",\"media\":{\"payload\":\"!!\"}}",
        "{\"event\":\"mark\",\"mark\":{\"name\":\"stranger\"}}",
        "{\"event\":\"dtmf\",\"streamSid\":\"MZother\",\"dtmf\":{\"digit\":\"#\"}}",
        "{\"event\":\"stop\",\"streamSid\":\"MZother\",\"stop\":{}}",
    ] {
        carrier.text(odd).await;
    }
    carrier.frames(QUIET, 3).await;
    carrier.key("#").await;
    assert_eq!(carrier.rest().await.1, 1000);
    assert!(next(&house, &announced).await.body.contains("<Record"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_show_a_stream_while_it_lasts() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let (_, mut carrier) = talking(&house).await;
    carrier.frames(QUIET, 60).await;
    // Counters leave a stream once a second.
    while house.running.streams().iter().all(|stream| stream.frames_in < 60) {
        tokio::task::yield_now().await;
    }
    let sessions: Value = serde_json::from_str(&house.get("/twilio/sessions").await.body).expect("JSON");
    let stream = &sessions["sessions"][0]["stream"];
    assert_eq!((&stream["frames_in"], &stream["barge_ins"]), (&60.into(), &0.into()), "{sessions}");
    assert!(stream["frames_out"].as_u64() > Some(10), "{sessions}");
    let metrics = house.get("/metrics").await.body;
    assert!(metrics.contains("switchboard_streams_active 1"), "{metrics}");
    carrier.stop(CALL).await;
    carrier.rest().await;
    assert!(house.get("/metrics").await.body.contains("switchboard_streams_active 0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_hands_live_streams_over() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let (_, mut carrier) = talking(&house).await;
    let (stopped, (_, code)) =
        tokio::join!(house.running.stop_within(std::time::Duration::from_millis(100)), carrier.rest());
    assert_eq!((stopped, code), ((), 1000));
}
