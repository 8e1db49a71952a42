//! What must be kept is kept: legal holds against retention and people; and lines with times of their own.

use crate::ops_desk::{Desk, Wishes, noon};
use crate::ops_story::sid;
use crate::recordings::scene::{HOW, Scene, message, re};
use crate::support::Database;
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;
use std::process::Command;
use switchboard::config::retention::{LineRetention, Retention, Terms};
use switchboard::ledger::holds::{hold, release};
use switchboard::ledger::recordings::{Discarded, discard};
use switchboard::ledger::{Ledger, VoicemailChange, VoicemailState, chain};
use switchboard::ops::Role;

/// Everything for ten days.
const KEEP: Retention = Retention {
    calls_days: 10,
    consents_days: 10,
    voicemails_days: 10,
    transcripts_days: 10,
    trash_days: 10,
    recordings_days: 10,
    events_days: 0,
    errors_days: 0,
    rejections_days: 0,
    pages_days: 0,
    transactions_days: 0,
    messages_days: 0,
};

async fn retention(scene: &Scene<'_>, terms: &Terms) {
    let (db, recorder) = (&scene.database.db, scene.recorder("keeper"));
    while Ledger::sweep_by(db, scene.clock.now(), terms).await.expect("swept") > 0
        || recorder.remove_old_by(terms).await.expect("removed") > 0
    {}
}

/// What is left of a call: rows of each table, and its audio.
async fn left(scene: &Scene<'_>, call: u32) -> [i64; 5] {
    let mut rows = Vec::new();
    for table in ["calls", "voicemails", "consents", "recordings where state = 'stored' and"] {
        rows.push(scene.database.rows_where(table, &sid(call)).await);
    }
    let audio = scene.files().await.iter().filter(|file| file.starts_with(&re(call))).count();
    [rows[0], rows[1], rows[2], rows[3], i64::try_from(audio).expect("few")]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_call_keeps_everything_and_what_is_released_goes() {
    for database in Database::each().await {
        let scene = Scene::set(&database).await;
        for call in 1..=3 {
            scene.message(call, 1).await;
        }
        scene.conversation(4, 1).await;
        scene.conversation(5, 1).await;
        scene.recorder("one").round(&HOW).await.expect("a round");
        while chain::extend(&database.db, noon(), 100).await.expect("chained") > 0 {}
        for call in [1, 4] {
            let held = hold(&database.db, &sid(call), ("ana", "claim 4711"), noon()).await.expect("held");
            assert_eq!(held.map(|row| (row.reason, row.held_by)), Some(("claim 4711".to_owned(), "ana".to_owned())));
        }
        let again = hold(&database.db, &sid(1), ("ben", "another"), noon()).await.expect("held").expect("a hold");
        assert_eq!(again.reason, "claim 4711", "the first reason stands");
        assert_eq!(hold(&database.db, "CAnobody", ("ana", "x"), noon()).await.expect("asked"), None);
        assert_eq!(discard(&database.db, &re(4), noon()).await.expect("asked"), Discarded::Held);
        scene.later(TimeDelta::days(11));
        retention(&scene, &Terms::from(KEEP)).await;
        assert_eq!(left(&scene, 1).await, [1, 1, 1, 1, 1], "{}", database.url);
        assert_eq!(left(&scene, 4).await, [1, 0, 0, 1, 1]);
        for call in [2, 5] {
            assert_eq!(left(&scene, call).await, [0, 0, 0, 0, 0], "{call}");
        }
        assert!(database.count("select count(*) from call_events where kind = 'voicemail'").await >= 1);
        for call in [1, 4] {
            let ended = release(&database.db, &sid(call), "eve", scene.clock.now()).await.expect("released");
            assert_eq!(ended.and_then(|row| row.released_by).as_deref(), Some("eve"));
            assert_eq!(release(&database.db, &sid(call), "eve", noon()).await.expect("asked"), None);
        }
        retention(&scene, &Terms::from(KEEP)).await;
        assert_eq!((left(&scene, 1).await[1], scene.files().await.len()), (0, 0));
        assert_eq!(database.rows("legal_holds").await, 2, "who held what stays known");
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_and_a_removal_never_cross() {
    for database in Database::each().await {
        let scene = Scene::set(&database).await;
        let calls: Vec<u32> = (1..=40).collect();
        for call in &calls {
            scene.asked(*call).await;
        }
        scene.later(TimeDelta::days(11));
        // One looks for what is old, from the oldest on; the other holds, from the newest on, until they meet.
        let rows = async |call: u32| {
            let timeline = "call_events join calls on calls.id = call_id";
            let mut rows = Vec::new();
            for table in ["calls", "voicemails", timeline] {
                rows.push(database.rows_where(table, &sid(call)).await);
            }
            rows
        };
        let holding = async {
            let mut held = Vec::new();
            for call in calls.iter().rev() {
                let hold = hold(&database.db, &sid(*call), ("ana", "claim"), scene.clock.now()).await;
                if hold.expect("asked").is_some() {
                    held.push((*call, rows(*call).await));
                }
            }
            held
        };
        let terms = Terms::from(Retention { consents_days: 0, ..KEEP });
        let (held, ()) = tokio::join!(holding, retention(&scene, &terms));
        assert!(!held.is_empty());
        for (call, then) in &held {
            assert_eq!(&rows(*call).await, then, "{call} in {}", database.url);
            assert!(then[0] == 0 || then[2] > 0, "a call and its timeline are one");
        }
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_message_cannot_be_deleted_and_the_answer_says_why() {
    for database in Database::each().await {
        let scene = Scene::set(&database).await;
        scene.message(1, 1).await;
        let desk = Desk::with(&database.db, Wishes::default());
        let (path, body) = ("/api/voicemails/vm_1/hold", json!({ "reason": "claim 4711" }));
        assert_eq!(desk.put(Method::POST, path, Role::Operator, &body).await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.put(Method::POST, path, Role::Admin, &json!({})).await.status, StatusCode::BAD_REQUEST);
        let held = desk.put(Method::POST, path, Role::Admin, &body).await;
        assert_eq!(held.status, StatusCode::OK, "{}", held.text());
        assert_eq!((&held.json()["call_sid"], &held.json()["reason"]), (&sid(1).into(), &"claim 4711".into()));
        let refused = desk.put(Method::DELETE, "/api/voicemails/vm_1", Role::Admin, &json!(null)).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.text().contains("the message is on legal hold: claim 4711"), "{}", refused.text());
        let message = desk.get("/api/voicemails/vm_1", Role::Operator).await.json();
        assert_eq!((&message["legal_hold"]["reason"], &message["deleted_at"]), (&"claim 4711".into(), &json!(null)));
        let call = format!("/api/calls/{}", sid(1));
        assert_eq!(desk.get(&call, Role::Operator).await.json()["legal_hold"]["held_by"], "admin");
        assert_eq!(desk.get("/api/legal-holds", Role::Operator).await.json()["items"][0]["reason"], "claim 4711");
        let released = desk.put(Method::DELETE, &format!("{call}/legal-hold"), Role::Admin, &json!(null)).await;
        assert_eq!(released.json()["released_by"], "admin");
        assert_eq!(desk.get("/api/legal-holds", Role::Operator).await.json()["items"], json!([]));
        let all = desk.get("/api/legal-holds?released=true", Role::Operator).await.json();
        assert_eq!(all["items"].as_array().map(Vec::len), Some(1));
        let released = desk.put(Method::POST, "/api/voicemails/vm_1/release", Role::Admin, &json!(null)).await;
        assert_eq!(released.status, StatusCode::NOT_FOUND);
        let deleted = desk.put(Method::DELETE, "/api/voicemails/vm_1", Role::Admin, &json!(null)).await;
        assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{}", deleted.text());
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_keeps_its_own_longer_or_shorter() {
    for database in Database::each().await {
        let scene = Scene::set(&database).await;
        // Odd calls come to `main`; of messages the line is `main`, and of the others `shop`.
        for call in [1, 3] {
            scene.message(call, 1).await;
        }
        for call in [5, 6] {
            scene.conversation(call, 1).await;
        }
        scene.recorder("one").round(&HOW).await.expect("a round");
        let days = |days| LineRetention { voicemails_days: Some(days), ..LineRetention::default() };
        let of =
            |main: LineRetention, shop: LineRetention| Terms::new(KEEP, [("main", main), ("shop", shop)].into_iter());
        scene.later(TimeDelta::days(11));
        retention(&scene, &of(LineRetention { recordings_days: Some(20), ..days(20) }, LineRetention::default())).await;
        assert_eq!((database.rows("voicemails").await, scene.files().await.len()), (2, 3), "{}", database.url);
        assert_eq!((scene.state(5).await.as_str(), scene.state(6).await.as_str()), ("stored", "deleted"));
        scene.later(TimeDelta::days(10));
        retention(&scene, &of(LineRetention { recordings_days: Some(0), ..days(20) }, LineRetention::default())).await;
        assert_eq!(database.rows("voicemails").await, 0);
        assert_eq!(scene.state(5).await, "stored", "for good");
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_may_go_before_their_message() {
    for database in Database::each().await {
        let scene = Scene::set(&database).await;
        for call in [1, 3] {
            scene.message(call, 1).await;
            let mut unit = scene.story.webhook(call, 60, "transcription");
            unit.facts.voicemail(VoicemailChange {
                transcript: Some("my secret".to_owned()),
                transcript_piece: Some((1, "my secret".to_owned())),
                transcript_state: Some("completed"),
                ..message(call, VoicemailState::Expected)
            });
            scene.story.tell(unit).await;
        }
        hold(&database.db, &sid(3), ("ana", "claim"), noon()).await.expect("held").expect("a hold");
        let own = LineRetention { transcripts_days: Some(3), voicemails_days: Some(0), ..LineRetention::default() };
        let terms = Terms::new(Retention { calls_days: 0, ..KEEP }, [("main", own)].into_iter());
        scene.later(TimeDelta::days(4));
        retention(&scene, &terms).await;
        let worded = "select count(*) from voicemails where transcript is not null";
        assert_eq!((database.count(worded).await, database.rows("voicemail_pieces").await), (1, 1));
        let removed = database.text("select id from voicemails where transcript_state = 'removed'").await;
        assert_eq!((removed.as_deref(), database.rows("voicemails").await), (Some("vm_1"), 2));
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_what_is_on_hold() {
    let house = crate::house::House::open(&Database::sqlite()).await;
    let base = house.base();
    house.post("/twilio/voice", &crate::house::call("CA00000000000000000000000000000902")).await;
    let run = |words: &'static [&'static str]| {
        let base = base.clone();
        tokio::task::spawn_blocking(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
            command.arg("legal-hold").args(words).args(["--url", &base]).env_clear();
            let output = command.env("ADMIN_TOKEN", crate::house::ADMIN).output().expect("it runs");
            (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).expect("text"))
        })
    };
    let (done, said) = run(&["list"]).await.expect("it ends");
    assert!(done && said == "nothing is on legal hold\n", "{said}");
    let (done, said) =
        run(&["add", "CA00000000000000000000000000000902", "--reason", "claim 4711"]).await.expect("it ends");
    assert!(
        done && said.starts_with("CA00000000000000000000000000000902  since ") && said.contains(": claim 4711"),
        "{said}"
    );
    let (done, said) = run(&["release", "CA00000000000000000000000000000902"]).await.expect("it ends");
    assert!(done && said.contains("  released "), "{said}");
    let (done, said) = run(&["release", "CA00000000000000000000000000000902"]).await.expect("it ends");
    assert!(!done && said.contains("it is not on legal hold"), "{said}");
    house.running.stop().await;
}
