//! Callers put on lists out of the call log: by API and by command, on both engines.

use crate::house::{ADMIN, House, call, client, with};
use crate::support::Database;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use std::process::{Command, Output};
use switchboard::callers::forget_callers;
use switchboard::world::stored;

const CALL: &str = "CA00112233445566778899aabbccddeeff";
const CALLER: &str = "+14035550111";

/// Without a limit on callers: a test calls often.
const FILE: &str = "[[lines]]\nname = \"front-desk\"\nnumbers = [\"+15875550100\"]\n[lines.limits]\ncaller = \"off\"\n";

async fn open(database: &Database) -> House {
    House::with(&database.url, &[], Some(FILE)).await
}

async fn ask(house: &House, method: reqwest::Method, path: &str, body: &Value) -> (u16, Value) {
    let request = client().request(method, format!("{}{path}", house.base())).bearer_auth(ADMIN).json(body);
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

async fn put(house: &House, body: Value) -> (u16, Value) {
    ask(house, reqwest::Method::POST, "/api/callers", &body).await
}

/// Calls until what is heard is so; says the last answer.
async fn until(house: &House, heard: impl Fn(&str) -> bool) -> String {
    let mut said = String::new();
    for ask in 1..200 {
        said = house.post("/twilio/voice", &call(&format!("CA{ask:032}"))).await.body;
        if heard(&said) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(heard(&said), "within ten seconds: {said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_of_a_call_is_blocked_and_let_in_again() {
    for database in Database::each().await {
        let house = open(&database).await;
        assert!(house.post("/twilio/voice", &call(CALL)).await.body.contains("<Gather"));
        let (status, made) = put(&house, json!({ "call_sid": CALL, "list": "block", "note": "spam" })).await;
        assert_eq!((status, &made["number"], &made["line"]), (201, &json!(CALLER), &json!("front-desk")), "{made}");
        until(&house, |said| said.contains("<Reject")).await;
        let id = made["id"].as_str().expect("an id").to_owned();
        let why = "select reason from calls where outcome = 'rejected' order by id desc limit 1";
        assert_eq!(database.text(why).await, Some(format!("blocked by the list of the call log: row {id}")));
        // Another word about the same caller takes its place.
        let (_, allowed) = put(&house, json!({ "number": CALLER, "list": "allow", "line": "front-desk" })).await;
        let (_, list) = ask(&house, reqwest::Method::GET, "/api/callers", &json!({})).await;
        let items = list["items"].as_array().expect("a list");
        assert_eq!((items.len(), &items[0]["id"], &items[1]["active"]), (2, &allowed["id"], &json!(false)), "{list}");
        until(&house, |said| said.contains("<Gather")).await;
        let path = format!("/api/callers/{}", allowed["id"].as_str().expect("an id"));
        for _ in 0..2 {
            let (status, gone) = ask(&house, reqwest::Method::DELETE, &path, &json!({})).await;
            assert_eq!((status, &gone["active"]), (200, &json!(false)));
        }
        assert!(stored(&database.db).await.expect("read").entries.is_empty());
        assert_eq!(forget_callers(&database.db, Utc::now() + TimeDelta::days(1)).await.expect("done"), 2);
        house.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_paged_and_masked_and_odd_wishes_are_refused_in_words() {
    let database = Database::sqlite();
    let house = open(&database).await;
    for number in ["+15875550111", "+1900*", "sip:ana@pbx.example"] {
        assert_eq!(put(&house, json!({ "number": number, "list": "block" })).await.0, 201, "{number}");
    }
    let (_, page) = ask(&house, reqwest::Method::GET, "/api/callers?list=block&limit=2", &json!({})).await;
    assert_eq!(page["items"][0]["number"], "sip:ana@pbx.example");
    let next = format!("/api/callers?cursor={}", page["next_cursor"].as_str().expect("more"));
    let (_, rest) = ask(&house, reqwest::Method::GET, &next, &json!({})).await;
    assert_eq!(
        (rest["items"].as_array().map(Vec::len), &rest["items"][0]["number"]),
        (Some(1), &json!("+15875550111"))
    );
    house.post("/twilio/voice", &with(call(CALL), &[("From", "anonymous")])).await;
    for (wish, status, what) in [
        (json!({ "list": "block" }), 400, "one of them"),
        (json!({ "list": "block", "number": "+1", "call_sid": CALL }), 400, "one of them"),
        (json!({ "list": "deny", "number": "+15875550111" }), 400, "deny"),
        (json!({ "list": "block", "number": "12" }), 400, "E.164"),
        (json!({ "list": "block", "number": "*" }), 400, "E.164"),
        (json!({ "list": "block", "call_sid": CALL }), 422, "withheld"),
        (json!({ "list": "block", "call_sid": "CA1" }), 404, "no call"),
        (json!({ "list": "block", "number": "+15875550111", "line": "gone" }), 404, "no line"),
        (json!({ "list": "vip", "number": "+15875550111" }), 422, "no way for VIPs"),
        (json!({ "list": "block", "number": "+15875550111", "until": "2020-01-01T00:00:00Z" }), 400, "over already"),
        (json!({ "list": "block", "number": "+15875550111", "minutes": 0 }), 400, "minutes: write"),
    ] {
        let (was, problem) = put(&house, wish.clone()).await;
        assert_eq!(was, status, "{wish}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(what)), "{wish}: {problem}");
    }
    assert_eq!(database.rows("caller_entries").await, 3);
    house.running.stop().await;
}

fn run(house: &House, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.arg("callers").args(arguments).args(["--url", &house.base()]);
    command.env_clear().env("ADMIN_TOKEN", ADMIN).output().expect("the binary runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_blocks_lists_and_forgets() {
    let database = Database::sqlite();
    let house = open(&database).await;
    house.post("/twilio/voice", &call(CALL)).await;
    let blocked = run(&house, &["block", "--call", CALL, "--note", "every night", "--minutes", "60"]);
    let said = String::from_utf8_lossy(&blocked.stdout).into_owned();
    assert!(blocked.status.success() && said.contains("block") && said.contains(CALLER), "{blocked:?}");
    let listed = String::from_utf8_lossy(&run(&house, &["list"]).stdout).into_owned();
    assert!(listed.contains("active") && listed.contains("(every night)") && listed.contains("front-desk"), "{listed}");
    let forgotten = run(&house, &["forget", CALLER]);
    assert!(
        forgotten.status.success() && String::from_utf8_lossy(&forgotten.stdout).contains("taken back"),
        "{forgotten:?}"
    );
    assert_eq!(run(&house, &["forget", CALLER]).status.code(), Some(1));
    assert_eq!(run(&house, &["block"]).status.code(), Some(2));
    house.running.stop().await;
}
