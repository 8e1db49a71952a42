//! Cut at every place where the work can be cut, and a real process killed in the middle of a copy.

use super::bucket::PretendBucket;
use super::carrier::Mood;
use super::keeping::retention;
use super::scene::{HOW, MINE, Scene};
use super::store::{Store, each};
use crate::house::{ADMIN, PUBLIC_URL, TOKEN};
use crate::ops_story::ACCOUNT;
use crate::support::Database;
use chrono::TimeDelta;
use std::process::Stdio;
use std::task::Poll;
use tokio::sync::Notify;

/// Polls a future at most `most` times and drops it then, wherever it is: behind a database call, a piece of audio, a
/// write to the disk.
pub(super) async fn polled<F: Future>(future: F, most: usize) -> Option<F::Output> {
    let (mut future, mut polls) = (Box::pin(future), 0);
    std::future::poll_fn(move |context| {
        if polls == most {
            return Poll::Ready(None);
        }
        polls += 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_at_any_await_nothing_is_lost_and_nothing_is_doubled() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        let (mut call, mut whole) = (0, false);
        while !whole {
            call += 1;
            assert!(call < 200, "it ends some time");
            scene.message(call, 1).await;
            // The last one runs to its end.
            let recorder = scene.recorder(&format!("cut{call}"));
            whole = polled(recorder.round(&MINE), call as usize).await.is_some();
            drop(recorder);
            scene.later(TimeDelta::minutes(2));
            scene.recorder(&format!("next{call}")).round(&MINE).await.expect("a round");
            scene.has_copy(call, 1).await;
            assert_eq!(scene.events("recording.stored").await.len(), call as usize, "cut {call}, {}", database.url);
            assert_eq!(scene.pretend.count(), 0, "the carrier's copies are gone, and ours are here");
        }
        assert!(call > 20, "only {call} places to cut");
        assert_eq!(database.rows("recordings").await, i64::from(call));
        assert_eq!(scene.files().await.iter().filter(|file| file.ends_with(".wav")).count(), call as usize);
        // What was being written when it was cut is tidied away a day later.
        scene.later(TimeDelta::days(36_500));
        scene.recorder("tidy").tidy().await.expect("tidied");
        assert_eq!(scene.files().await.len(), call as usize);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_at_any_await_and_removed_nothing_stays() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        let (mut cut, mut whole) = (0, false);
        while !whole {
            // Steps of three: it is the order of the writes that counts, and each is several awaits.
            cut += 3;
            assert!(cut < 300, "it ends some time");
            scene.message(cut, 1).await;
            let recorder = scene.recorder(&format!("cut{cut}"));
            whole = polled(recorder.round(&HOW), cut as usize).await.is_some();
            drop(recorder);
            // Nobody goes on with it before its time is over.
            scene.later(TimeDelta::days(21));
            retention(&scene).await;
            let wavs = scene.files().await.into_iter().filter(|file| file.ends_with(".wav"));
            assert_eq!(wavs.collect::<Vec<_>>(), Vec::<String>::new(), "cut {cut}, {store:?}");
        }
        scene.end().await;
    }
}

/// The service, with the scene's carrier and its store.
fn serve(scene: &Scene<'_>) -> std::process::Child {
    let mut command = scene.command("serve");
    command
        .env("BIND_ADDR", "127.0.0.1:0")
        .env("PUBLIC_URL", PUBLIC_URL)
        .env("TWILIO_ACCOUNT_SID", ACCOUNT)
        .env("TWILIO_AUTH_TOKEN", TOKEN)
        .env("TWILIO_API_BASE_URL", &scene.base)
        .env("ADMIN_TOKEN", ADMIN)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts")
}

/// Starts the service, kills it when `stalled` rings, and lets another instance go on.
async fn kill_and_go_on(scene: &Scene<'_>, stalled: &Notify) {
    let mut process = serve(scene);
    let stalls = tokio::time::timeout(std::time::Duration::from_secs(30), stalled.notified());
    stalls.await.expect("it begins to copy");
    process.kill().expect("kill -9");
    process.wait().expect("gone");
    assert_eq!(scene.state(1).await, "fetching");
    let files = scene.files().await;
    assert!(files.iter().all(|file| !file.ends_with(".wav")), "{files:?}");
    // Its hold is by the real clock; the scene's stands in the past, so it moves far.
    scene.later(TimeDelta::days(36_500));
    let how = switchboard::config::recordings::Recordings { give_up_days: 365 * 200, ..HOW };
    scene.recorder("next").round(&how).await.expect("a round");
    scene.has_copy(1, 2).await;
    assert_eq!(scene.events("recording.stored").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_a_copy_the_next_one_copies_it() {
    for (database, store) in each().await.into_iter().filter(|(_, store)| !matches!(store, Store::Real(_))) {
        let scene = Scene::set_over(&database, &store).await;
        scene.message(1, 2).await;
        scene.pretend.moods([Mood::Stalls(20_000)]);
        kill_and_go_on(&scene, &scene.pretend.stalled).await;
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_an_upload_the_next_one_copies_it() {
    let (database, pretend) = (Database::sqlite(), PretendBucket::listening().await);
    let scene = Scene::set_over(&database, &Store::Pretend(pretend.clone())).await;
    scene.message(1, 2).await;
    pretend.stall_a_copy();
    kill_and_go_on(&scene, &pretend.stalled).await;
    scene.end().await;
}
