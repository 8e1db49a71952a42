//! From the carrier to the shelf.

use super::carrier::{Mood, Pretend};
use super::scene::{HOW, Scene, re};
use super::store::{Store, each};
use crate::support::Database;
use chrono::TimeDelta;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use switchboard::config::recordings::Recordings;

#[tokio::test(flavor = "multi_thread")]
async fn messages_and_conversations_are_copied_and_told_of_once() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        scene.message(1, 2).await;
        scene.conversation(2, 3).await;
        let recorder = scene.recorder("one");
        recorder.round(&HOW).await.expect("a round");
        recorder.round(&HOW).await.expect("a round");
        scene.has_copy(1, 2).await;
        scene.has_copy(2, 3).await;
        let (first, second) = (scene.row(1).await, scene.row(2).await);
        assert_eq!((first.kind.as_str(), first.voicemail_id.as_deref()), ("voicemail", Some("vm_1")));
        assert_eq!((second.kind.as_str(), second.voicemail_id.as_deref(), second.attempts), ("dial", None, 1));
        assert_eq!(first.path, Some(format!("2026/11/20/{}.wav", re(1))));
        let digest: String = Sha256::digest(super::carrier::wav(2, 1)).iter().map(|b| format!("{b:02x}")).collect();
        let stored = scene.events("recording.stored").await;
        assert_eq!(stored.len(), 2);
        let told = stored.iter().find(|told| told["recording"]["sid"] == re(1).as_str()).expect("told");
        let recording = serde_json::json!({
            "sid": re(1), "call_sid": crate::ops_story::sid(1), "duration_s": 2, "bytes": 32_044, "sha256": digest,
        });
        assert_eq!(*told, serde_json::json!({ "recording": recording, "carrier_copy": "kept" }));
        assert_eq!(scene.events("voicemail.new").await.len(), 1);
        assert_eq!(scene.files().await.len(), 2);
        assert_eq!(
            database.count("select count(*) from call_events where kind = 'recording' and noted is null").await,
            0
        );
        // The URL is ours: account and SID, with credentials, and nothing else was asked.
        let asked = scene.pretend.questions();
        let account = crate::ops_story::ACCOUNT;
        assert_eq!(asked.len(), 2);
        assert!(asked.iter().any(|q| q.path == format!("/2010-04-01/Accounts/{account}/Recordings/{}.wav", re(1))));
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_copy_that_no_row_names_is_taken_before_the_recording_is_given_up() {
    for database in Database::each().await {
        let scene = Scene::set(&database).await;
        scene.message(1, 2).await;
        scene.message(2, 2).await;
        let recorder = scene.recorder("one");
        recorder.discover().await.expect("found");
        // Whoever put it there died before the row said so, and the carrier has lost its own meanwhile.
        scene.shelf().name().await.expect("a label");
        let folder = scene.root().join("2026/11/20");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{}.wav", re(1))), super::carrier::wav(2, 1)).expect("written");
        scene.pretend.moods([Mood::Says(404), Mood::Says(404)]);
        scene.later(TimeDelta::days(2));
        let one_try = Recordings { give_up_days: 0, ..HOW };
        recorder.round(&one_try).await.expect("a round");
        scene.has_copy(1, 2).await;
        assert_eq!(scene.state(2).await, "failed", "there is none of this one");
        let told = (scene.events("recording.stored").await.len(), scene.events("recording.failed").await.len());
        assert_eq!(told, (1, 1), "{}", database.url);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_carrier_does_the_copy_is_whole_or_not_there() {
    let moods: [(Mood, &str); 9] = [
        (Mood::Says(500), "fault of its own"),
        (Mood::Says(429), "slow down"),
        (Mood::Says(404), "does not have it"),
        (Mood::Says(401), "does not accept"),
        (Mood::Says(206), "a part of it"),
        (Mood::Breaks(10_000), "broke"),
        (Mood::Cuts(10_000), "shorter than its header"),
        (Mood::Chats, "no WAV file"),
        (Mood::RedirectsTo("ftp://example.com/x".to_owned()), "redirects to nowhere"),
    ];
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        let recorder = scene.recorder("one");
        for (n, (mood, problem)) in (1..).zip(&moods) {
            scene.message(n, 2).await;
            scene.pretend.moods([mood.clone()]);
            recorder.round(&HOW).await.expect("a round");
            let row = scene.row(n).await;
            assert_eq!((row.state.as_str(), row.attempts, row.path), ("fetching", 1, None), "{mood:?}");
            assert!(row.problem.as_deref().is_some_and(|told| told.contains(problem)), "{mood:?}: {:?}", row.problem);
            assert_eq!(scene.files().await.len(), n as usize - 1, "{mood:?}");
            scene.later(TimeDelta::seconds(60));
            recorder.round(&HOW).await.expect("a round");
            scene.has_copy(n, 2).await;
        }
        scene.end().await;
        assert_eq!(database.count("select count(*) from events where type = 'recording.stored'").await, 9);
        assert_eq!(database.count("select count(*) from events where type = 'recording.failed'").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_a_foreign_host_is_followed_without_credentials() {
    let (database, store) = (Database::sqlite(), Store::Folder);
    let scene = Scene::set_over(&database, &store).await;
    scene.message(1, 2).await;
    let elsewhere = Pretend::default();
    let there = elsewhere.listen().await;
    let audio = super::carrier::wav(2, 1);
    let kept = super::carrier::Kept { call_sid: String::new(), status: "completed", source: "RecordVerb", audio };
    elsewhere.keep("signed", kept);
    scene.pretend.moods([Mood::RedirectsTo(format!("{there}/signed?token=x"))]);
    scene.recorder("one").round(&HOW).await.expect("a round");
    scene.has_copy(1, 2).await;
    assert!(scene.pretend.questions().iter().all(|question| question.authorization));
    let asked = elsewhere.questions();
    assert_eq!((asked.len(), asked[0].authorization), (1, false));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_is_given_up_and_told_once() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        scene.message(1, 2).await;
        scene.pretend.moods(std::iter::repeat_n(Mood::Says(503), 400));
        let recorder = scene.recorder("one");
        for _ in 0..400 {
            recorder.round(&HOW).await.expect("a round");
            scene.later(TimeDelta::hours(1));
        }
        let row = scene.row(1).await;
        assert_eq!(row.state, "failed");
        let failed = scene.events("recording.failed").await;
        assert_eq!(failed.len(), 1);
        assert!(failed[0]["reason"].as_str().is_some_and(|reason| reason.contains("fault of its own")), "{failed:?}");
        assert_eq!(failed[0]["attempts"], row.attempts);
        // About once an hour or two for a week, after a quick start.
        assert!((80..=180).contains(&row.attempts), "{}", row.attempts);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_carrier_says_is_not_there_is_not_fetched() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        scene.reports(1, "in-progress").await;
        let recorder = scene.recorder("one");
        recorder.round(&HOW).await.expect("a round");
        assert_eq!((scene.state(1).await.as_str(), scene.pretend.questions().len()), ("expected", 0));
        scene.reports(1, "absent").await;
        recorder.round(&HOW).await.expect("a round");
        recorder.round(&HOW).await.expect("a round");
        assert_eq!(scene.state(1).await, "absent");
        let failed = scene.events("recording.failed").await;
        assert_eq!((failed.len(), &failed[0]["reason"]), (1, &"absent".into()));
        scene.later(TimeDelta::days(1));
        recorder.round(&HOW).await.expect("a round");
        assert_eq!(scene.pretend.questions().len(), 0);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_that_is_not_announced_is_the_headers_to_say() {
    let (database, store) = (Database::sqlite(), Store::Folder);
    let scene = Scene::set_over(&database, &store).await;
    scene.message(1, 2).await;
    scene.pretend.moods([Mood::Streams]);
    scene.recorder("one").round(&HOW).await.expect("a round");
    scene.has_copy(1, 2).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recorders_that_race_make_one_copy_and_tell_once() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        for call in 1..=12 {
            scene.message(call, 1).await;
        }
        let run = async |holder: &str| {
            let recorder = scene.recorder(holder);
            for _ in 0..4 {
                // Postgres may end one of two that meet; the next round goes on.
                let _ = recorder.round(&HOW).await;
            }
        };
        tokio::join!(run("one"), run("two"), run("three"));
        scene.later(TimeDelta::minutes(5));
        scene.recorder("four").round(&HOW).await.expect("a round");
        for call in 1..=12 {
            scene.has_copy(call, 1).await;
        }
        assert_eq!(scene.events("recording.stored").await.len(), 12, "{}", database.url);
        assert_eq!(scene.files().await.len(), 12);
        scene.end().await;
    }
}

/// What may happen, in any order.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Message,
    Conversation,
    Trouble(u8),
    Round(bool),
    Hour,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        2 => Just(Happens::Message),
        1 => Just(Happens::Conversation),
        3 => (0u8..6).prop_map(Happens::Trouble),
        4 => any::<bool>().prop_map(Happens::Round),
        2 => Just(Happens::Hour),
    ]
}

fn trouble(which: u8) -> Mood {
    match which {
        0 => Mood::Says(500),
        1 => Mood::Breaks(4_000),
        2 => Mood::Cuts(4_000),
        3 => Mood::Chats,
        4 => Mood::Says(503),
        _ => Mood::Streams,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn after_any_history_we_hold_what_the_carrier_holds(history in proptest::collection::vec(happens(), 1..25)) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let (database, store) = (Database::sqlite(), Store::Folder);
            let scene = Scene::set_over(&database, &store).await;
            let mut call = 0;
            for (n, step) in history.iter().enumerate() {
                match step {
                    Happens::Message => { call += 1; scene.message(call, 1).await }
                    Happens::Conversation => { call += 1; scene.conversation(call, 1).await }
                    Happens::Trouble(which) => scene.pretend.moods([trouble(*which)]),
                    Happens::Round(whole) => {
                        let recorder = scene.recorder(&format!("r{n}"));
                        let round = recorder.round(&HOW);
                        if *whole { round.await.expect("a round") } else { drop(super::cuts::polled(round, n).await) }
                    }
                    Happens::Hour => scene.later(TimeDelta::hours(1)),
                }
            }
            // Trouble ends, within the day that a missing recording is waited for.
            scene.later(TimeDelta::minutes(100));
            while scene.pretend.trouble() > 0 {
                scene.recorder("last").round(&HOW).await.expect("a round");
                scene.later(TimeDelta::minutes(80));
                if call == 0 { break }
                if database.count("select count(*) from recordings where state in ('expected', 'fetching')").await == 0
                    && database.count("select count(*) from call_events where kind = 'recording' and noted is null").await == 0 { break }
            }
            scene.recorder("last").round(&HOW).await.expect("a round");
            let stored = scene.events("recording.stored").await.len() as u32;
            assert_eq!((stored, scene.files().await.iter().filter(|f| f.ends_with(".wav")).count() as u32), (call, call));
            for call in 1..=call {
                scene.has_copy(call, 1).await;
            }
            scene.end().await;
        });
    }
}
