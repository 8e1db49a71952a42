//! Calls and the inbox through the API, on both engines.

use crate::ops_desk::{Answer, Desk, Wishes, credential, noon};
use crate::ops_story::{ACCOUNT, RECORDING, Story, sid};
use crate::support::Database;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use switchboard::ops::{Role, Spool, Storage, StorageState};

fn sids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items").iter();
    items.map(|item| item["sid"].as_str().expect("a SID").to_owned()).collect()
}

async fn send(desk: &Desk, method: Method, path: &str, who: Role) -> Answer {
    desk.ask(method, path, Some(&credential(who)), &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_stay_put_while_calls_come_in() {
    for database in Database::each().await {
        let (story, desk) = (Story::begin(&database).await, Desk::new(&database.db));
        for call in 1..=5 {
            story.rings(call, i64::from(call)).await;
        }
        let first = desk.get("/api/calls?limit=2", Role::Admin).await.json();
        assert_eq!(sids(&first), [sid(5), sid(4)]);
        story.rings(6, 6).await;
        let mut seen = sids(&first);
        let mut cursor = first["next_cursor"].as_str().map(str::to_owned);
        while let Some(next) = cursor {
            let page = desk.get(&format!("/api/calls?limit=2&cursor={next}"), Role::Admin).await.json();
            seen.extend(sids(&page));
            cursor = page["next_cursor"].as_str().map(str::to_owned);
        }
        assert_eq!(seen, [sid(5), sid(4), sid(3), sid(2), sid(1)], "each once, and the new one on the first page only");
        assert_eq!(sids(&desk.get("/api/calls?limit=1", Role::Admin).await.json()), [sid(6)]);
        story.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_and_mistakes_are_told() {
    for database in Database::each().await {
        let (story, desk) = (Story::begin(&database).await, Desk::new(&database.db));
        story.rings(1, 0).await;
        story.rings(2, 600).await;
        story.leaves_a_message(3, 1200).await;
        for (query, expected) in [
            ("line=shop", vec![2]),
            ("state=completed", vec![3]),
            ("outcome=voicemail", vec![3]),
            ("from=%2B14035550101", vec![1]),
            ("from=+14035550101", vec![1]),
            ("to=%2B15875550100", vec![3, 2, 1]),
            ("since=2026-11-20T11:10:00Z", vec![3, 2]),
            ("until=2026-11-20T11:10:00Z", vec![1]),
            ("since=2026-11-20T11:05:00Z&until=2026-11-20T11:15:00Z", vec![2]),
            ("line=main&state=ringing", vec![1]),
            ("limit=100000", vec![3, 2, 1]),
        ] {
            let page = desk.get(&format!("/api/calls?{query}"), Role::Admin).await.json();
            assert_eq!(sids(&page), expected.into_iter().map(sid).collect::<Vec<_>>(), "{query}");
        }
        for name in ["%00", "%FF", "CA%0A"] {
            let path = format!("/api/calls/{name}");
            desk.get(&path, Role::Admin).await.is_problem(404, &path);
        }
        for (query, named) in [
            ("limit=x", "limit: write a whole number from 1 to 200"),
            ("limit=0", "limit: write a whole number from 1 to 200"),
            ("limit=-1", "limit: write a whole number from 1 to 200"),
            ("cursor=!!", "cursor: not one that this list gave"),
            ("since=yesterday", "since: write an RFC 3339 time such as 2026-11-20T16:00:00Z"),
            (
                "no_such_filter=1",
                "unknown parameter; this list knows cursor, from, legs, limit, line, outcome, since, \
              state, to, until",
            ),
            ("line=%00", "line: cannot hold the character NUL"),
            (
                "state=done",
                "state: write one of queued, initiated, ringing, in-progress, completed, busy, failed, \
              no-answer, canceled",
            ),
            ("outcome=good", "outcome: write one of abandoned, rejected, voicemail, answered, emergency"),
            ("legs=yes", "legs: write one of true, false"),
        ] {
            let answer = desk.get(&format!("/api/calls?{query}"), Role::Admin).await;
            assert_eq!(answer.is_problem(400, "/api/calls")["detail"], named, "{query}");
        }
        for (query, named) in [
            ("limit=0", "limit: write a whole number from 1 to 200"),
            ("state=lost", "state: write one of expected, recorded, ready, absent, failed"),
            ("read=1", "read: write one of true, false"),
        ] {
            let answer = desk.get(&format!("/api/voicemails?{query}"), Role::Admin).await;
            assert_eq!(answer.is_problem(400, "/api/voicemails")["detail"], named, "{query}");
        }
        story.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_tells_its_story() {
    for database in Database::each().await {
        let (story, desk) = (Story::begin(&database).await, Desk::new(&database.db));
        story.leaves_a_message(1, 0).await;
        let call = desk.get(&format!("/api/calls/{}", sid(1)), Role::Operator).await.json();
        for (field, value) in [
            ("sid", json!(sid(1))),
            ("line", json!("main")),
            ("direction", json!("inbound")),
            ("from", json!("+14035550101")),
            ("to", json!("+15875550100")),
            ("state", json!("completed")),
            ("started_at", json!("2026-11-20T11:00:00.000Z")),
            ("answered_at", json!("2026-11-20T11:00:10.000Z")),
            ("ended_at", json!("2026-11-20T11:00:40.000Z")),
            ("duration_s", json!(47)),
            ("outcome", json!("voicemail")),
            ("reason", json!("message left")),
            ("caller_name", json!("SAM SMITH")),
        ] {
            assert_eq!(call[field], value, "{field} in {call}");
        }
        let why = call["why"].as_str().expect("a sentence");
        assert!(why.starts_with("It ended after 47 s: message left; the mailbox was reached and a message of 12 s"));
        let timeline = call["timeline"].as_array().expect("a timeline");
        let kinds: Vec<&str> = timeline.iter().filter_map(|entry| entry["kind"].as_str()).collect();
        assert_eq!(kinds, ["voice", "voicemail", "consent", "voicemail", "recording"]);
        assert_eq!(timeline[0]["copies"], 1, "{}", timeline[0]);
        assert_eq!(timeline[0]["twiml"], "<Response/>");
        assert_eq!(timeline[0]["input"]["CallStatus"], "ringing");
        assert_eq!(timeline[2]["consent"]["method"], "message-after-tone");
        assert_eq!(timeline[3]["voicemail"]["state"], "ready");
        desk.get("/api/calls/CA404", Role::Viewer).await.is_problem(404, "/api/calls/CA404");
        story.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_see_no_number_no_words_no_audio() {
    for database in Database::each().await {
        let (story, desk) = (Story::begin(&database).await, Desk::new(&database.db));
        story.leaves_a_message(1, 0).await;
        story.rings(2, 100).await;
        for path in [
            format!("/api/calls/{}", sid(1)),
            "/api/calls".to_owned(),
            "/api/sessions".to_owned(),
            "/api/voicemails".to_owned(),
            "/api/voicemails/vm_1".to_owned(),
        ] {
            let shown = desk.get(&path, Role::Viewer).await;
            assert_eq!(shown.status, StatusCode::OK);
            let shown = shown.text();
            for secret in ["5550101", "5550111", "5550100", "please call me back", "SAM SMITH", "<Response", "con_1"] {
                assert!(!shown.contains(secret), "{path} shows {secret}: {shown}");
            }
            assert!(shown.contains("•••"), "{path}: {shown}");
        }
        let metrics = desk.get("/metrics", Role::Viewer).await.text();
        assert!(!metrics.contains("555") && !metrics.contains("CA0"), "{metrics}");
        story.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_the_calls_that_have_not_ended() {
    for database in Database::each().await {
        let (story, desk) = (Story::begin(&database).await, Desk::new(&database.db));
        story.leaves_a_message(1, 0).await;
        story.rings(2, 100).await;
        let mut leg = story.webhook(3, 101, "screen");
        if let Some(call) = &mut leg.call {
            call.fact.parent_sid = Some(sid(2));
        }
        story.tell(leg).await;
        for path in ["/api/sessions", "/twilio/sessions"] {
            assert_eq!(
                desk.get(path, Role::Admin).await.json(),
                json!({"count": 1, "sessions": [{
                    "call_sid": sid(2), "line": "shop", "from": "+14035550102", "to": "+15875550100",
                    "state": "ringing", "since": "2026-11-20T11:01:40.000Z", "stream": null
                }]})
            );
        }
        assert_eq!(desk.open("/health").await.json()["active_sessions"], 1);
        assert_eq!(sids(&desk.get("/api/calls", Role::Admin).await.json()), [sid(2), sid(1)]);
        assert_eq!(sids(&desk.get("/api/calls?legs=true", Role::Admin).await.json()), [sid(3), sid(2), sid(1)]);
        desk.clock.advance(chrono::TimeDelta::hours(24));
        assert_eq!(desk.get("/api/sessions", Role::Admin).await.json()["count"], 0);
        assert_eq!(desk.open("/health").await.json()["active_sessions"], 0, "its last callback was lost");
        story.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_lists_expected_messages_too() {
    for database in Database::each().await {
        let (story, desk) = (Story::begin(&database).await, Desk::new(&database.db));
        story.leaves_a_message(1, 0).await;
        story.expects_a_message(2, 1800).await;
        let list = desk.get("/api/voicemails", Role::Operator).await.json();
        assert_eq!(
            list["items"][0],
            json!({
                "id": "vm_2", "line": "shop", "mailbox": "shop", "call_sid": sid(2), "recording_sid": null,
                "from": "+14035550111", "duration_s": null, "state": "expected", "transcript": null,
                "transcript_state": null, "expected_at": "2026-11-20T11:30:00.000Z", "received_at": null,
                "read_at": null, "deleted_at": null, "hours_old": 0.5, "storage": null, "sha256": null,
                "audio_url": null
            })
        );
        let ready = &list["items"][1];
        assert_eq!(ready["recording_sid"], RECORDING);
        assert_eq!(ready["transcript"], "please call me back");
        assert_eq!(ready["received_at"], "2026-11-20T11:00:40.000Z");
        assert_eq!(ready["hours_old"], 0.99);
        assert_eq!(ready["audio_url"], "/api/voicemails/vm_1/audio");
        for (query, expected) in [
            ("state=expected", vec!["vm_2"]),
            ("line=main", vec!["vm_1"]),
            ("mailbox=shop", vec!["vm_2"]),
            ("read=true", vec![]),
            ("read=false", vec!["vm_2", "vm_1"]),
            ("trash=true", vec![]),
            (&format!("call_sid={}", sid(1)), vec!["vm_1"]),
            ("since=2026-11-20T11:10:00Z", vec!["vm_2"]),
        ] {
            let page = desk.get(&format!("/api/voicemails?{query}"), Role::Viewer).await.json();
            let ids: Vec<&str> =
                page["items"].as_array().expect("items").iter().filter_map(|i| i["id"].as_str()).collect();
            assert_eq!(ids, expected, "{query}");
        }
        let first = desk.get("/api/voicemails?limit=1", Role::Viewer).await.json();
        let next = first["next_cursor"].as_str().expect("a second page");
        let second = desk.get(&format!("/api/voicemails?limit=1&cursor={next}"), Role::Viewer).await.json();
        assert_eq!((&second["items"][0]["id"], &second["next_cursor"]), (&json!("vm_1"), &Value::Null));
        let metrics = desk.get("/metrics", Role::Viewer).await.text();
        assert!(metrics.contains("switchboard_voicemail_oldest_seconds 3560"), "{metrics}");
        story.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_read_once_and_its_event_told_once() {
    for database in Database::each().await {
        let (story, desk) = (Story::begin(&database).await, Desk::new(&database.db));
        let id = story.leaves_a_message(1, 0).await;
        let (read, unread) = (format!("/api/voicemails/{id}/read"), format!("/api/voicemails/{id}/unread"));
        for path in [&read, &read, &unread, &unread, &read] {
            let answer = send(&desk, Method::POST, path, Role::Operator).await;
            assert_eq!(answer.status, StatusCode::OK);
            let expected = if path == &read { json!("2026-11-20T12:00:00.000Z") } else { Value::Null };
            assert_eq!(answer.json()["read_at"], expected);
        }
        assert_eq!(database.count("select count(*) from events where type = 'voicemail.read'").await, 1);
        let payload = database.text("select payload from events where type = 'voicemail.read'").await;
        assert_eq!(
            serde_json::from_str::<Value>(&payload.expect("a payload")).expect("JSON"),
            json!({"voicemail": {"id": "vm_1", "mailbox": "main", "line": "main"}, "by": "ana@example.com", "hours_old": 0.99})
        );
        let expected = story.expects_a_message(2, 3000).await;
        let early = format!("/api/voicemails/{expected}/read");
        send(&desk, Method::POST, &early, Role::Operator).await.is_problem(409, &early);
        story.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_message_is_in_the_trash_and_told_once() {
    for database in Database::each().await {
        let (story, desk) = (Story::begin(&database).await, Desk::new(&database.db));
        let path = format!("/api/voicemails/{}", story.leaves_a_message(1, 0).await);
        for _ in 0..2 {
            assert_eq!(send(&desk, Method::DELETE, &path, Role::Operator).await.status, StatusCode::NO_CONTENT);
        }
        assert_eq!(desk.get("/api/voicemails", Role::Operator).await.json()["items"], json!([]));
        assert_eq!(desk.get("/api/voicemails?trash=true", Role::Operator).await.json()["items"][0]["id"], "vm_1");
        assert_eq!(desk.get(&path, Role::Operator).await.json()["deleted_at"], "2026-11-20T12:00:00.000Z");
        let gone = format!("{path}/read");
        send(&desk, Method::POST, &gone, Role::Operator).await.is_problem(404, &gone);
        let payload = database.text("select payload from events where type = 'voicemail.deleted'").await;
        assert_eq!(
            serde_json::from_str::<Value>(&payload.expect("one event")).expect("JSON"),
            json!({"voicemail": {"id": "vm_1", "mailbox": "main", "line": "main"}, "by": "ana@example.com", "audio_removed": false})
        );
        assert_eq!(database.count("select count(*) from events where type = 'voicemail.deleted'").await, 1);
        story.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_on_its_way_is_not_deleted_and_a_lost_one_may_be() {
    for database in Database::each().await {
        let (story, desk) = (Story::begin(&database).await, Desk::new(&database.db));
        let path = format!("/api/voicemails/{}", story.expects_a_message(1, 0).await);
        send(&desk, Method::DELETE, &path, Role::Admin).await.is_problem(409, &path);
        desk.clock.advance(chrono::TimeDelta::minutes(61));
        assert_eq!(send(&desk, Method::DELETE, &path, Role::Admin).await.status, StatusCode::NO_CONTENT);
        story.end().await;
    }
}

#[tokio::test]
async fn without_a_database_the_api_says_so_and_health_still_answers() {
    let nowhere = switchboard::db::Db::open("sqlite:///dev/null/switchboard.db").expect("a good URL");
    let down = StorageState::Down { since: noon() };
    let mut wishes = Wishes::default();
    wishes.probe.storage = Box::new(move || Storage { state: down, spool: Spool::Nowhere, ..Storage::WELL });
    let desk = Desk::with(&nowhere, wishes);
    for path in ["/api/calls", "/api/sessions", "/api/voicemails", "/api/calls/CA1"] {
        let answer = desk.get(path, Role::Admin).await;
        answer.is_problem(503, path);
        assert_eq!(answer.header("retry-after"), "5");
    }
    assert_eq!(desk.open("/health").await.status, StatusCode::SERVICE_UNAVAILABLE);
    let metrics = desk.get("/metrics", Role::Admin).await.text();
    assert!(metrics.contains("switchboard_storage_up 0"), "{metrics}");
    assert!(!metrics.contains(ACCOUNT));
}
