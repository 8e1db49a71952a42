//! What must be kept is kept, and what must go goes, at the carrier and here.

use super::bucket::{PretendBucket, Whim};
use super::scene::{HOW, MINE, Scene, message, re};
use super::store::{Store, each};
use crate::consent::tamper;
use crate::ops_desk::noon;
use crate::support::Database;
use chrono::TimeDelta;
use switchboard::config::recordings::Recordings;
use switchboard::config::retention::Retention;
use switchboard::ledger::recordings::{Held, hold, release, unconsented, unproven};
use switchboard::ledger::{Ledger, VoicemailChange, VoicemailState};

/// Everything for ten days.
const KEEP: Retention = Retention {
    calls_days: 10,
    consents_days: 10,
    voicemails_days: 10,
    transcripts_days: 0,
    trash_days: 10,
    recordings_days: 10,
    events_days: 0,
    errors_days: 0,
    rejections_days: 0,
    pages_days: 0,
    messages_days: 0,
    transactions_days: 0,
};

pub(super) async fn retention(scene: &Scene<'_>) {
    let (db, recorder) = (&scene.database.db, scene.recorder("keeper"));
    while Ledger::sweep(db, scene.clock.now(), &KEEP).await.expect("swept") > 0
        || recorder.remove_old(&KEEP).await.expect("removed") > 0
    {}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_carriers_copy_goes_only_after_ours_is_whole() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        scene.message(1, 2).await;
        scene.recorder("one").round(&HOW).await.expect("a round");
        assert!(scene.pretend.has(&re(1)), "it is kept unless somebody says otherwise");
        // Our copy is damaged before the carrier's is to go.
        scene.damage(1).await;
        scene.recorder("one").round(&MINE).await.expect("a round");
        assert!(scene.pretend.has(&re(1)));
        // A day later it is still the same recording, and the same place.
        let found_at = scene.row(1).await.found_at;
        scene.later(TimeDelta::days(1));
        scene.recorder("one").round(&MINE).await.expect("a round");
        scene.has_copy(1, 2).await;
        assert_eq!((scene.row(1).await.found_at, scene.files().await.len()), (found_at, 1));
        assert!(!scene.pretend.has(&re(1)));
        assert!(scene.row(1).await.carrier_deleted_at.is_some());
        scene.message(2, 1).await;
        scene.recorder("one").round(&MINE).await.expect("a round");
        let stored = scene.events("recording.stored").await;
        let copies: Vec<&str> = stored.iter().filter_map(|told| told["carrier_copy"].as_str()).collect();
        assert_eq!(copies, ["kept", "deleted"]);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_carrier_still_transcribes_and_what_is_on_hold_stays_with_it() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        for call in 1..=2 {
            scene.message(call, 1).await;
        }
        let mut unit = scene.story.webhook(1, 50, "transcription");
        let wanted = Some("wanted");
        unit.facts.voicemail(VoicemailChange { transcript_state: wanted, ..message(1, VoicemailState::Expected) });
        scene.story.tell(unit).await;
        scene.recorder("one").round(&HOW).await.expect("a round");
        let held = hold(&database.db, &re(2), "ana", "court order 7", noon()).await.expect("held");
        assert_eq!(held, Held::Done);
        scene.recorder("one").round(&MINE).await.expect("a round");
        assert!(scene.pretend.has(&re(1)) && scene.pretend.has(&re(2)));
        scene.later(TimeDelta::days(2));
        scene.recorder("one").round(&MINE).await.expect("a round");
        assert!(!scene.pretend.has(&re(1)) && scene.pretend.has(&re(2)));
        release(&database.db, &re(2)).await.expect("released");
        scene.later(TimeDelta::hours(1));
        scene.recorder("one").round(&MINE).await.expect("a round");
        assert!(!scene.pretend.has(&re(2)));
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_removes_audio_with_what_it_belongs_to_and_a_hold_beats_it() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        for call in 1..=2 {
            scene.message(call, 1).await;
        }
        for call in 3..=4 {
            scene.conversation(call, 1).await;
        }
        scene.recorder("one").round(&HOW).await.expect("a round");
        while switchboard::ledger::chain::extend(&database.db, noon(), 100).await.expect("chained") > 0 {}
        for call in [2, 4] {
            hold(&database.db, &re(call), "ana", "court order 7", noon()).await.expect("held");
        }
        scene.later(TimeDelta::days(5));
        retention(&scene).await;
        assert_eq!(scene.files().await.len(), 4);
        scene.later(TimeDelta::days(6));
        retention(&scene).await;
        assert_eq!(scene.files().await, [format!("{}.wav", re(2)), format!("{}.wav", re(4))], "{}", database.url);
        assert_eq!((scene.state(2).await.as_str(), scene.state(4).await.as_str()), ("stored", "stored"));
        assert_eq!((scene.state(1).await.as_str(), scene.row(1).await.path), ("deleted", None));
        assert_eq!(database.text("select id from voicemails").await.as_deref(), Some("vm_2"));
        assert_eq!(database.text("select id from consents").await.as_deref(), Some("con_2"));
        assert_eq!(database.rows("calls").await, 2);
        assert_eq!(hold(&database.db, &re(1), "ana", "too late", noon()).await.expect("asked"), Held::Gone);
        let removed = scene.events("voicemail.deleted").await;
        assert_eq!((removed.len(), &removed[0]["audio_removed"]), (1, &true.into()));
        for call in [2, 4] {
            release(&database.db, &re(call)).await.expect("released");
        }
        retention(&scene).await;
        assert_eq!(scene.files().await, Vec::<String>::new());
        scene.later(TimeDelta::days(11));
        retention(&scene).await;
        // The last consent is the witness of the chain.
        for (table, left) in [("recordings", 0), ("voicemails", 0), ("calls", 0), ("consents", 1)] {
            assert_eq!(database.rows(table).await, left, "{table}");
        }
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn audio_of_a_removed_message_is_not_kept_though_it_was_on_its_way() {
    let (database, store) = (Database::sqlite(), Store::Folder);
    let scene = Scene::set_over(&database, &store).await;
    scene.message(1, 1).await;
    let recorder = scene.recorder("one");
    recorder.discover().await.expect("found");
    scene.later(TimeDelta::days(20));
    retention(&scene).await;
    assert_eq!(scene.state(1).await, "deleted");
    recorder.round(&HOW).await.expect("a round");
    assert_eq!((scene.files().await.len(), scene.pretend.questions().len()), (0, 0));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_audio_without_its_consent_is_named() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        scene.message(1, 1).await;
        scene.message(2, 1).await;
        scene.conversation(3, 1).await;
        scene.recorder("one").round(&HOW).await.expect("a round");
        // The conversation has no consent at all: a bug or a setting at the carrier recorded it.
        let named = async || {
            let rows = unconsented(&database.db, "", 10).await.expect("read");
            rows.into_iter().map(|row| row.recording_sid).collect::<Vec<_>>()
        };
        assert_eq!(named().await, [re(3)]);
        tamper(&database, "update consents set given = false where id = 'con_2'").await;
        assert_eq!(named().await, [re(2), re(3)]);
        // Nobody agrees afterwards to what was recorded before, and the last word counts.
        tamper(&database, "update consents set given = true").await;
        assert_eq!((named().await, unproven(&database.db).await.expect("read")), (vec![re(3)], 2));
        tamper(
            &database,
            "update recordings set found_at = '2026-11-19T00:00:00.000000+00:00' where call_sid like '%1'",
        )
        .await;
        let refused = "insert into consents (id, call_id, call_sid, at, scope, method, notice_version, given, event_id) \
            select 'con_x', call_id, call_sid, at, scope, method, notice_version, false, event_id from consents where id = 'con_2'";
        tamper(&database, refused).await;
        assert_eq!(named().await, [re(1), re(2), re(3)]);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_comes_while_our_copy_is_read_keeps_the_carriers() {
    let (database, pretend) = (Database::sqlite(), PretendBucket::listening().await);
    let scene = Scene::set_over(&database, &Store::Pretend(pretend.clone())).await;
    scene.message(1, 1).await;
    scene.recorder("one").round(&HOW).await.expect("a round");
    pretend.whims([Whim::Stalls]);
    let recorder = scene.recorder("one");
    let held = async {
        pretend.stalled.notified().await;
        hold(&database.db, &re(1), "ana", "court order 7", noon()).await.expect("held")
    };
    let (round, held) = tokio::join!(recorder.round(&MINE), held);
    round.expect("a round");
    assert_eq!((held, scene.pretend.has(&re(1))), (Held::Done, true));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_never_became_whole_goes_when_it_is_given_up() {
    let (database, pretend) = (Database::sqlite(), PretendBucket::listening().await);
    let scene = Scene::set_over(&database, &Store::Pretend(pretend.clone())).await;
    scene.message(1, 1).await;
    let (one_try, recorder) = (Recordings { give_up_days: 0, ..HOW }, scene.recorder("one"));
    // What it holds is not what was sent; it is away when that is looked at, and when it is to be removed.
    pretend.whims([Whim::Spoils]);
    pretend.whims(std::iter::repeat_n(Whim::DiesBefore, 6));
    recorder.round(&one_try).await.expect("a round");
    assert_eq!((scene.state(1).await.as_str(), scene.files().await.len()), ("fetching", 1));
    assert_eq!(scene.events("recording.failed").await.len(), 0);
    pretend.whims([Whim::Spoils]);
    scene.later(TimeDelta::hours(2));
    recorder.round(&one_try).await.expect("a round");
    let row = scene.row(1).await;
    assert_eq!((row.state.as_str(), row.path, scene.files().await), ("failed", None, Vec::new()));
    assert_eq!(scene.events("recording.failed").await.len(), 1);
    scene.end().await;
}
