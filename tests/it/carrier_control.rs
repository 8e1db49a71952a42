//! Live calls steered by an operator: the whole service, and a carrier that does as the test says.

use crate::carrier_stand::{Act, Stand};
use crate::house::{ADMIN, House, call, client, with};
use crate::support::Database;
use serde_json::{Value, json};

const CALL: &str = "CA00112233445566778899aabbccddeeff";
const LEG: &str = "CA99999999999999999999999999999999";
const PATH: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Calls/";

fn changed() -> Act {
    Act::Says(200, json!({"sid": CALL, "status": "in-progress"}).to_string())
}

/// A house with a call in its menu, and its carrier.
async fn scene(database: &Database, acts: impl IntoIterator<Item = Act>) -> (House, Stand) {
    let (stand, base) = Stand::about("/Calls/", acts).await;
    let house = House::with(&database.url, &[("TWILIO_API_BASE_URL", &base)], None).await;
    let menu = house.post("/twilio/voice", &call(CALL)).await;
    // The notice was heard: from here on the caller's consent is a row.
    house.post(&menu.target("action"), &with(call(CALL), &[("Digits", "5"), ("CallStatus", "in-progress")])).await;
    (house, stand)
}

async fn ask(house: &House, path: &str, body: Value) -> (u16, Option<u64>, Value) {
    let request = client().post(format!("{}{path}", house.base())).bearer_auth(ADMIN).json(&body);
    let response = request.send().await.expect("an answer");
    let again = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    (response.status().as_u16(), again, response.json().await.expect("JSON"))
}

async fn transfer(house: &House, to: &str) -> (u16, Option<u64>, Value) {
    ask(house, &format!("/api/calls/{CALL}/transfer"), json!({ "to": to })).await
}

/// The events of a transfer, as `step` and what is said of it.
async fn steps(house: &House, database: &Database) -> Vec<String> {
    let detail: Value = serde_json::from_str(&house.get(&format!("/api/calls/{CALL}")).await.body).expect("JSON");
    let told = detail["timeline"].as_array().expect("a timeline").iter().filter(|entry| entry["kind"] == "transfer");
    let told = told.map(|entry| entry["decision"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(database.count("select count(*) from calls").await, 1);
    told
}

async fn count_of(database: &Database, step: &'static str) -> i64 {
    let sql: &'static str = match step {
        "requested" => {
            "select count(*) from events where type = 'call.transfer' and payload like '%\"step\":\"requested\"%'"
        }
        "completed" => {
            "select count(*) from events where type = 'call.transfer' and payload like '%\"step\":\"completed\"%'"
        }
        "failed" => "select count(*) from events where type = 'call.transfer' and payload like '%\"step\":\"failed\"%'",
        _ => "select count(*) from events where type = 'call.transfer'",
    };
    database.count(sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transferred_caller_reaches_the_number() {
    for database in Database::each().await {
        let (house, stand) = scene(&database, [changed()]).await;
        let (status, _, body) = transfer(&house, "+15875550177").await;
        assert_eq!((status, &body["call_sid"]), (202, &json!(CALL)), "{body}");
        assert!(body["transfer_id"].as_str().is_some_and(|id| id.starts_with("tr_")), "{body}");
        let asked = stand.asked();
        assert_eq!(asked[0].line, format!("POST {PATH}{CALL}.json HTTP/1.1"));
        let form = asked[0].form();
        assert_eq!((form[0].0.as_str(), form[0].1.as_str(), form[1].0.as_str()), ("Method", "POST", "Url"));
        let url = form[1].1.strip_prefix(crate::house::PUBLIC_URL).expect("one of our URLs").to_owned();

        let dial = house.post(&url, &with(call(CALL), &[("CallStatus", "in-progress")])).await;
        assert!(
            dial.body.contains("+15875550177</Number>") && dial.body.contains("/twilio/voicemail"),
            "{}",
            dial.body
        );
        let again = house.post(&url, &with(call(CALL), &[("CallStatus", "in-progress")])).await;
        assert_eq!(again, dial);
        let leg =
            [("CallSid", LEG), ("ParentCallSid", CALL), ("CallStatus", "in-progress"), ("Direction", "outbound-dial")];
        house.post(&dial.target("statusCallback"), &with(call(LEG), &leg)).await;
        let end =
            [("DialCallStatus", "completed"), ("DialBridged", "true"), ("DialCallSid", LEG), ("DialCallDuration", "9")];
        let end = with(with(call(CALL), &[("CallStatus", "in-progress")]), &end);
        let farewell = house.post(&dial.target("action"), &end).await;
        assert!(farewell.body.contains("<Hangup/>"), "{}", farewell.body);
        assert_eq!(count_of(&database, "requested").await, 1);
        assert_eq!(count_of(&database, "completed").await, 1, "the leg and the dial's end tell of the same");
        assert_eq!(count_of(&database, "any").await, 2);
        let reached = "select count(*) from events where type = 'call.answered' and payload like '%+15875550177%'";
        assert_eq!(database.count(reached).await, 1);
        house.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_at_the_number_leads_to_the_mailbox() {
    let database = Database::sqlite();
    let (house, stand) = scene(&database, [changed(), changed()]).await;
    transfer(&house, "+15875550177").await;
    let url = stand.asked()[0].form()[1].1.clone();
    let url = url.strip_prefix(crate::house::PUBLIC_URL).expect("one of our URLs");
    let dial = house.post(url, &with(call(CALL), &[("CallStatus", "in-progress")])).await;
    let missed = with(call(CALL), &[("CallStatus", "in-progress"), ("DialCallStatus", "no-answer")]);
    let mailbox = house.post(&dial.target("action"), &missed).await;
    assert!(mailbox.body.contains("<Record"), "{}", mailbox.body);
    assert_eq!(count_of(&database, "failed").await, 1);

    let (status, ..) = transfer(&house, "voicemail").await;
    let url = stand.asked()[0].form()[1].1.clone();
    let mailbox = house
        .post(
            url.strip_prefix(crate::house::PUBLIC_URL).expect("one of our URLs"),
            &with(call(CALL), &[("CallStatus", "in-progress")]),
        )
        .await;
    assert!(status == 202 && mailbox.body.contains("<Record"), "{}", mailbox.body);
    assert_eq!((count_of(&database, "requested").await, count_of(&database, "completed").await), (2, 1));
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_hung_up_once_and_only_while_it_goes_on() {
    let database = Database::sqlite();
    let gone = Act::Says(404, json!({"code": 20404, "status": 404}).to_string());
    let (house, stand) = scene(&database, [changed(), gone]).await;
    let path = format!("/api/calls/{CALL}/hangup");
    let (status, _, body) = ask(&house, &path, json!(null)).await;
    assert_eq!((status, &body["requested"]), (202, &json!("hangup")), "{body}");
    assert_eq!(stand.asked()[0].form(), [("Status".to_owned(), "completed".to_owned())]);
    // The carrier has ended it before its callback came.
    let (status, _, body) = ask(&house, &path, json!(null)).await;
    assert_eq!((status, &body["detail"]), (409, &json!("the call has ended")));
    assert_eq!(stand.asked().len(), 1);
    house.post("/twilio/status", &with(call(CALL), &[("CallStatus", "completed"), ("CallDuration", "9")])).await;
    for path in [&path, &format!("/api/calls/{CALL}/transfer")] {
        assert_eq!(ask(&house, path, json!({"to": "voicemail"})).await.0, 409);
    }
    assert_eq!(ask(&house, &format!("/api/calls/{LEG}/hangup"), json!(null)).await.0, 404);
    assert_eq!(stand.asked().len(), 0, "nothing more is asked of the carrier");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_that_is_down_is_told_as_it_is() {
    let database = Database::sqlite();
    let (house, stand) = scene(&database, vec![Act::Says(503, String::new()); 3]).await;
    let (status, again, body) = transfer(&house, "+15875550177").await;
    assert_eq!((status, again), (502, Some(5)), "{body}");
    assert_eq!(body["type"], "urn:switchboard:problem:carrier-fault");
    assert_eq!(stand.asked().len(), 3);
    stand.then([Act::SaysWith(429, ("Retry-After", "60".to_owned()), String::new())]);
    let (status, again, _) = ask(&house, &format!("/api/calls/{CALL}/hangup"), json!(null)).await;
    assert_eq!((status, again), (502, Some(60)));
    stand.then([Act::Says(401, String::new()), Act::Says(401, String::new())]);
    let (status, again, body) = transfer(&house, "+15875550177").await;
    assert_eq!((status, again), (502, None), "{body}");
    let told = steps(&house, &database).await;
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[1].contains("failed: the carrier did not do it"), "{told:?}");
    assert_eq!((count_of(&database, "requested").await, count_of(&database, "failed").await), (2, 2));
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_not_asked_of_the_carrier() {
    let database = Database::sqlite();
    let (house, stand) = scene(&database, []).await;
    let path = format!("/api/calls/{CALL}/transfer");
    for (body, status) in [
        (json!({"to": "911"}), 422),
        (json!({"to": "ext:105"}), 422),
        (json!({"too": "+15875550177"}), 400),
        (json!({"to": "+15875550177", "kind": "warm"}), 400),
        (json!("+15875550177"), 400),
    ] {
        assert_eq!(ask(&house, &path, body.clone()).await.0, status, "{body}");
    }
    house.post("/twilio/status", &with(call(LEG), &[("ParentCallSid", CALL), ("CallStatus", "in-progress")])).await;
    let (status, _, body) = ask(&house, &format!("/api/calls/{LEG}/transfer"), json!({"to": "voicemail"})).await;
    assert!(status == 422 && body["detail"].as_str().is_some_and(|detail| detail.contains(CALL)), "{body}");
    for later in ["hold", "resume", "park", "retrieve"] {
        assert_eq!(ask(&house, &format!("/api/calls/{CALL}/{later}"), json!({})).await.0, 501, "{later}");
    }
    let stranger = client().post(format!("{}{path}", house.base())).send().await.expect("an answer");
    assert_eq!(stranger.status(), 401);
    assert!(stand.asked().is_empty());
    house.running.stop().await;
}
