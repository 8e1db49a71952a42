//! Reports that never came: the carrier's list is asked.

use super::carrier::{Kept, wav};
use super::scene::{HOW, Scene, re};
use crate::consent::tamper;
use crate::ops_story::sid;
use crate::support::Database;
use chrono::TimeDelta;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_nobody_reported_is_found_settled_and_copied() {
    for database in Database::each().await {
        let scene = Scene::set(&database).await;
        for call in 1..=3 {
            scene.asked(call).await;
            scene.speaks(call, 1);
        }
        let recorder = scene.recorder("one");
        // The story is an hour old by now.
        assert_eq!(recorder.sweep().await.expect("swept"), 3);
        recorder.round(&HOW).await.expect("a round");
        for call in 1..=3 {
            scene.has_copy(call, 1).await;
        }
        assert_eq!(database.count("select count(*) from voicemails where state = 'ready'").await, 3);
        assert_eq!(scene.events("voicemail.new").await.len(), 3);
        // A report that comes after all, and another sweep by somebody else, change nothing.
        scene.message(1, 1).await;
        assert_eq!(scene.recorder("two").sweep().await.expect("swept"), 0);
        scene.recorder("two").round(&HOW).await.expect("a round");
        assert_eq!(scene.events("voicemail.new").await.len(), 3);
        assert_eq!(scene.events("recording.stored").await.len(), 3);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_list_does_not_have_a_day_later_is_absent() {
    for database in Database::each().await {
        let scene = Scene::set(&database).await;
        scene.asked(1).await;
        let recorder = scene.recorder("one");
        let mut settled = 0;
        for _ in 0..40 {
            settled += recorder.sweep().await.expect("swept");
            scene.later(TimeDelta::hours(1));
        }
        assert_eq!(settled, 1);
        // Asked at one hour, two, four and so on, not every time.
        let asked = scene.pretend.questions().len();
        assert!((4..=8).contains(&asked), "{asked}");
        assert_eq!(database.text("select state from voicemails").await.as_deref(), Some("absent"));
        let failed = scene.events("recording.failed").await;
        assert_eq!((failed.len(), &failed[0]["reason"]), (1, &"absent".into()));
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_found_too_and_other_peoples_are_left_alone() {
    for database in Database::each().await {
        let scene = Scene::set(&database).await;
        scene.story.rings(1, 0).await;
        let kept =
            |call: u32, source| Kept { call_sid: sid(call), status: "completed", source, audio: wav(1, call as u8) };
        scene.pretend.keep(&re(1), kept(1, "DialVerb"));
        tamper(
            &database,
            "insert into subaccounts (sid, friendly_name, sealed_token, state, transaction_id, created_at, updated_at) \
             select 'ACtenant', 'x', 'x', 'active', 'tx', started_at, started_at from calls",
        )
        .await;
        // A call of another application on the same account, and a message.
        scene.pretend.keep(&re(2), kept(2, "DialVerb"));
        scene.pretend.keep(&re(3), kept(1, "RecordVerb"));
        let recorder = scene.recorder("one");
        assert_eq!(recorder.sweep_conversations().await.expect("swept"), 1);
        assert_eq!(recorder.sweep_conversations().await.expect("swept"), 0);
        assert!(scene.pretend.questions().iter().any(|asked| asked.path.contains("/ACtenant/Recordings")));
        recorder.round(&HOW).await.expect("a round");
        scene.has_copy(1, 1).await;
        assert_eq!(database.rows("recordings").await, 1);
        scene.end().await;
    }
}
