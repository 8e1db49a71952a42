//! Recordings of live calls, steered by operators; consent that is taken back: the whole service, and a carrier that does as the
//! test says.

use crate::carrier_stand::{Act, Stand};
use crate::house::{ADMIN, House, call, client, with};
use crate::support::Database;
use serde_json::{Value, json};
use switchboard::ledger::{chain, recordings};

const CALL: &str = "CA00112233445566778899aabbccddeeff";
const TAPE: &str = "RE00112233445566778899aabbccddeeff";
const FILE: &str = "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\nrecording = \"dial\"\n\
    [lines.menus.main]\nprompt = \"Press 1.\"\n[lines.menus.main.keys]\n1 = { dial = \"+15875550101\" }\n2 = \"repeat\"\n";

fn list(tapes: &[(&str, &str, &str)]) -> Act {
    let tape = |(sid, source, status): &(&str, &str, &str)| json!({"sid": sid, "call_sid": CALL, "source": source, "status": status, "start_time": "Fri, 20 Nov 2026 12:00:00 +0000"});
    Act::Says(200, json!({ "recordings": tapes.iter().map(tape).collect::<Vec<_>>() }).to_string())
}

fn runs() -> Act {
    list(&[(TAPE, "DialVerb", "in-progress"), ("REmessage", "RecordVerb", "in-progress")])
}

fn done(status: &str) -> Act {
    Act::Says(200, json!({"sid": TAPE, "call_sid": CALL, "status": status}).to_string())
}

/// A house whose caller has agreed and talks to somebody, and its carrier. Also the menu's URL, as it was before the dial.
async fn scene(database: &Database, acts: impl IntoIterator<Item = Act>) -> (House, Stand, String) {
    let (stand, base) = Stand::about("00112233445566778899aabbccddeeff", acts).await;
    let house = House::with(&database.url, &[("TWILIO_API_BASE_URL", &base)], Some(FILE)).await;
    let menu = house.post("/twilio/voice", &call(CALL)).await;
    let press = |key| with(call(CALL), &[("Digits", key), ("CallStatus", "in-progress")]);
    let again = house.post(&menu.target("action"), &press("2")).await;
    let dial = house.post(&again.target("action"), &press("1")).await;
    assert!(dial.body.contains("record=\"record-from-answer\""), "{}", dial.body);
    let tape = with(
        call(CALL),
        &[("RecordingSid", TAPE), ("RecordingStatus", "in-progress"), ("RecordingSource", "DialVerb")],
    );
    house.post(&dial.target("recordingStatusCallback"), &tape).await;
    (house, stand, again.target("action"))
}

async fn ask(house: &House, what: &str, body: Value) -> (u16, Value) {
    let url = format!("{}/api/calls/{CALL}/{what}", house.base());
    let response = client().post(url).bearer_auth(ADMIN).json(&body).send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

async fn told(house: &House, kind: &str) -> Vec<String> {
    let detail: Value = serde_json::from_str(&house.get(&format!("/api/calls/{CALL}")).await.body).expect("JSON");
    let told = detail["timeline"].as_array().expect("a timeline").iter().filter(|entry| entry["kind"] == kind);
    told.map(|entry| entry["decision"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn tape(house: &House) -> Value {
    serde_json::from_str(&house.get(&format!("/api/recordings/{TAPE}")).await.body).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_paused_resumed_and_stopped() {
    for database in Database::each().await {
        let (house, stand, _) = scene(&database, []).await;
        for (wish, form) in [
            ("paused", vec![("PauseBehavior", "silence"), ("Status", "paused")]),
            ("recording", vec![("Status", "in-progress")]),
            ("stopped", vec![("Status", "stopped")]),
        ] {
            stand.then([runs(), done("whatever")]);
            let (status, body) = ask(&house, "recording", json!({ "state": wish })).await;
            assert_eq!((status, &body["state"], &body["recording_sid"]), (200, &json!(wish), &json!(TAPE)), "{body}");
            let asked = stand.asked();
            assert!(asked[0].line.contains(&format!("/Recordings.json?CallSid={CALL}")), "{}", asked[0].line);
            assert!(
                asked[1].line.starts_with("POST")
                    && asked[1].line.contains(&format!("/Calls/{CALL}/Recordings/{TAPE}.json"))
            );
            let wanted: Vec<_> = form.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(asked[1].form(), wanted);
            assert_eq!(tape(&house).await["capture"], wish);
        }
        let told = told(&house, "taping").await;
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].ends_with("pauses the recording") && told[2].ends_with("stops the recording"), "{told:?}");
        house.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_conversation_that_is_recorded_is_steered() {
    let database = Database::sqlite();
    let (house, stand, _) = scene(&database, []).await;
    stand.then([list(&[("REmessage", "RecordVerb", "in-progress"), (TAPE, "DialVerb", "completed")])]);
    let (status, body) = ask(&house, "recording", json!({ "state": "paused" })).await;
    assert_eq!((status, &body["detail"]), (409, &json!("no conversation of this call is being recorded now")));
    // It ended a moment ago.
    stand.then([runs(), Act::Says(404, json!({"code": 20404}).to_string())]);
    assert_eq!(ask(&house, "recording", json!({ "state": "paused" })).await.0, 409);
    assert!(told(&house, "taping").await[1].contains("it had ended"));
    stand.then([runs(), Act::Says(401, String::new()), Act::Says(401, String::new())]);
    assert_eq!(ask(&house, "recording", json!({ "state": "paused" })).await.0, 502);
    assert_eq!(tape(&house).await["capture"], Value::Null);
    for odd in [json!({ "state": "louder" }), json!({}), json!({ "state": "paused", "how": 1 })] {
        assert_eq!(ask(&house, "recording", odd).await.0, 400);
    }
    house.post("/twilio/status", &with(call(CALL), &[("CallStatus", "completed"), ("CallDuration", "9")])).await;
    let (status, body) = ask(&house, "recording", json!({ "state": "paused" })).await;
    assert_eq!((status, &body["detail"]), (409, &json!("the call has ended")));
    stand.asked();
    let stranger =
        client().post(format!("{}/api/calls/{CALL}/recording", house.base())).send().await.expect("an answer");
    assert_eq!(stranger.status(), 401);
    assert!(stand.asked().is_empty());
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_that_is_taken_back_stops_what_runs_and_what_would_come() {
    for database in Database::each().await {
        let (house, stand, menu) = scene(&database, [runs(), done("stopped")]).await;
        let (status, body) = ask(&house, "consent", json!({ "given": false, "reason": "said so to Ana" })).await;
        assert_eq!((status, &body["given"], &body["stopped"]), (200, &json!(false), &json!([TAPE])), "{body}");
        let asked = stand.asked();
        assert_eq!(asked[1].form(), [("Status".to_owned(), "stopped".to_owned())]);
        let kept = tape(&house).await;
        assert_eq!(kept["capture"], "stopped");
        assert!(kept["revoked_at"].is_string(), "{kept}");
        let row =
            "select count(*) from consents where method = 'revoked-by-operator' and not given and scope = 'recording'";
        assert_eq!(database.count(row).await, 1);
        let event = "select count(*) from events where type = 'consent.refused' and payload like '%\"revoked\":true%'";
        assert_eq!(database.count(event).await, 1);
        // Twice is once; a recording that runs all the same is stopped again.
        stand.then([list(&[])]);
        let (status, again) = ask(&house, "consent", json!({ "given": false })).await;
        assert_eq!((status, &again["consent_id"], &again["since"]), (200, &body["consent_id"], &body["since"]));
        assert_eq!(database.count(row).await, 1);
        let (status, _) = ask(&house, "recording", json!({ "state": "recording" })).await;
        assert_eq!(status, 409);
        // A URL that was handed out before says that the caller agreed.
        let press = with(call(CALL), &[("Digits", "1"), ("CallStatus", "in-progress"), ("FinishedOnKey", "")]);
        let dial = house.post(&menu, &press).await;
        assert!(dial.body.contains("<Dial") && !dial.body.contains("record="), "{}", dial.body);
        while chain::extend(&database.db, chrono::Utc::now(), 50).await.expect("extended") > 0 {}
        let found = chain::prove(&database.db, kept_for_good(), None, |_, _| ()).await.expect("read");
        assert_eq!(found.breaks, []);
        house.running.stop().await;
    }
}

fn kept_for_good() -> chain::Kept {
    chain::Kept { days: 0, now: chrono::Utc::now() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_before_is_kept_marked_and_removed_on_request() {
    for database in Database::each().await {
        let (house, stand, _) = scene(&database, [runs(), done("stopped")]).await;
        ask(&house, "consent", json!({ "given": false })).await;
        let stored = "update recordings set state = 'stored', path = '2026/11/20/x.wav', shelf = 'folder:none'";
        assert_eq!(crate::consent::tamper(&database, stored).await, 1);
        let bare = recordings::unconsented(&database.db, "", 10).await.expect("read");
        assert!(bare.is_empty(), "it began with consent: {bare:?}");
        let path = format!("/api/recordings/{TAPE}");
        stand.asked();
        let hold =
            client().put(format!("{}{path}/hold", house.base())).bearer_auth(ADMIN).json(&json!({"reason": "x"}));
        assert_eq!(hold.send().await.expect("an answer").status(), 200);
        assert_eq!(house.act(reqwest::Method::DELETE, &path).await.status, 409);
        house.act(reqwest::Method::DELETE, &format!("{path}/hold")).await;
        stand.then([Act::Says(204, String::new())]);
        let gone = house.act(reqwest::Method::DELETE, &path).await;
        assert_eq!(gone.status, 200, "{}", gone.body);
        let gone: Value = serde_json::from_str(&gone.body).expect("JSON");
        assert_eq!((&gone["state"], &gone["carrier_copy"]), (&json!("deleted"), &json!("deleted")));
        assert_eq!(house.act(reqwest::Method::DELETE, &path).await.status, 200, "twice is once");
        assert_eq!(house.act(reqwest::Method::DELETE, "/api/recordings/RE0").await.status, 404);
        house.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_is_taken_back_after_the_call_too_and_never_given_from_here() {
    let database = Database::sqlite();
    let (house, stand, _) = scene(&database, []).await;
    house.post("/twilio/status", &with(call(CALL), &[("CallStatus", "completed"), ("CallDuration", "9")])).await;
    assert_eq!(ask(&house, "consent", json!({ "given": true })).await.0, 422);
    assert_eq!(ask(&house, "consent", json!({ "reason": "x" })).await.0, 400);
    stand.asked();
    let (status, body) = ask(&house, "consent", json!({ "given": false })).await;
    assert_eq!((status, &body["stopped"]), (200, &json!([])), "{body}");
    assert!(stand.asked().is_empty(), "nothing is there to be stopped");
    let told = told(&house, "consent").await;
    assert!(told.iter().any(|entry| entry.ends_with("takes back the caller's consent")), "{told:?}");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_that_is_away_does_not_keep_a_refusal_from_being_written_down() {
    let database = Database::sqlite();
    let (house, stand, _) = scene(&database, vec![Act::Says(503, String::new()); 3]).await;
    assert_eq!(ask(&house, "consent", json!({ "given": false })).await.0, 502);
    let row = "select count(*) from consents where method = 'revoked-by-operator'";
    assert_eq!(database.count(row).await, 1);
    stand.then([runs(), done("stopped")]);
    let (status, body) = ask(&house, "consent", json!({ "given": false })).await;
    assert_eq!((status, &body["stopped"]), (200, &json!([TAPE])));
    assert!(tape(&house).await["revoked_at"].is_string());
    assert_eq!(database.count(row).await, 1);
    house.running.stop().await;
}
