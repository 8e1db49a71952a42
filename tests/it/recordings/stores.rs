//! A bucket, whatever it does: a copy is whole or not there, nobody waits for ever, and nothing secret is told.

use super::bucket::{KEY_ID, PREFIX, PretendBucket, SECRET, Whim, keys, quick};
use super::carrier::wav;
use super::scene::{HOW, MINE, Scene, re};
use super::store::Store;
use crate::support::Database;
use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::TryStreamExt;
use serde_json::json;
use switchboard::shelf::{Bucket, Found, Place, Shelf, ShelfError};

const NAME: &str = "2026/11/20/RE1.wav";

/// A shelf with a bucket, and the folder under it.
struct Stand {
    pretend: PretendBucket,
    folder: tempfile::TempDir,
}

impl Stand {
    async fn set() -> Self {
        Self { pretend: PretendBucket::listening().await, folder: tempfile::tempdir().expect("a folder") }
    }

    fn shelf(&self) -> Shelf {
        self.shelf_with(self.pretend.client())
    }

    fn shelf_with(&self, bucket: Bucket) -> Shelf {
        Shelf::new(self.folder.path().join("audio")).with_bucket(bucket)
    }

    async fn keep(&self, shelf: &Shelf, audio: &Bytes) -> Result<(), ShelfError> {
        let mut draft = shelf.draft("RE1", "one").await.expect("a draft");
        for piece in audio.chunks(3000) {
            draft.write(piece).await.expect("written");
        }
        shelf.keep(&draft.finish().await.expect("whole"), NAME).await
    }

    fn drafts(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("audio/drafts")).expect("a folder").count()
    }
}

fn place<'a>(shelf: &'a str, path: &'a str) -> Place<'a> {
    Place { shelf, path }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_and_what_does_not_is_told() {
    let stand = Stand::set().await;
    let audio = wav(2, 1);
    let forgets = "does not hold what was written";
    let cases: [(&[Whim], Option<&str>); 14] = [
        (&[Whim::Says(500, "InternalError")], None),
        (&[Whim::Says(503, "SlowDown"), Whim::Says(503, "SlowDown")], None),
        (&[Whim::Says(400, "RequestTimeout")], None),
        (&[Whim::DiesBefore, Whim::DiesAfter], None),
        (&[Whim::Stalls], None),
        (&[Whim::Encrypts], None),
        (&[Whim::Stalls, Whim::Stalls, Whim::Stalls], Some("did not answer in time")),
        (&[Whim::Says(503, "SlowDown"), Whim::Says(429, ""), Whim::Says(503, "")], Some("slow down")),
        (&[Whim::Says(403, "SignatureDoesNotMatch")], Some("mend S3_ACCESS_KEY_ID")),
        (&[Whim::Says(403, "AccessDenied")], Some("needs leave to get, put and delete")),
        (&[Whim::Says(404, "NoSuchBucket")], Some("no such bucket")),
        (&[Whim::RedirectsTo("http://127.0.0.1:9/".to_owned())], Some("in another region or at another address")),
        (&[Whim::Forgets], Some(forgets)),
        (&[Whim::Spoils], Some(forgets)),
    ];
    for (whims, problem) in cases {
        stand.pretend.remove(NAME);
        stand.pretend.whims(whims.iter().cloned());
        let kept = stand.keep(&stand.shelf(), &audio).await;
        match problem {
            None => {
                kept.expect("kept");
                assert_eq!(stand.pretend.objects().get(&format!("{PREFIX}/{NAME}")), Some(&audio), "{whims:?}");
            }
            Some(problem) => {
                let told = kept.expect_err("not kept").to_string();
                assert!(told.contains(problem), "{whims:?}: {told}");
                assert!(!told.contains(KEY_ID) && !told.contains(SECRET) && !told.contains("127.0.0.1"), "{told}");
            }
        }
        assert_eq!(stand.drafts(), 0, "{whims:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_refused_and_shown_to_nobody() {
    let stand = Stand::set().await;
    for (id, secret, problem) in
        [(KEY_ID, "wrong", "SignatureDoesNotMatch"), ("AKIAOTHER", SECRET, "InvalidAccessKeyId")]
    {
        let bucket = quick(&stand.pretend.s3(), &keys(id, secret));
        assert!(!format!("{bucket:?}").contains(secret) && !format!("{bucket:?}").contains(id));
        let shelf = stand.shelf_with(bucket);
        let told = stand.keep(&shelf, &wav(1, 1)).await.expect_err("refused").to_string();
        assert!(told.contains(problem) && told.contains("mend S3_ACCESS_KEY_ID"), "{told}");
        assert!(shelf.look().await.expect_err("refused").to_string().contains(problem));
        // A refusal that will not pass is asked for once.
        assert_eq!(stand.pretend.asked().len(), 2);
    }
    assert_eq!(stand.shelf().look().await.expect("a bucket"), Some("s3:answers/switchboard/tests"));
    let gone = stand.shelf_with(quick(
        &switchboard::config::recordings::S3 { endpoint: "http://127.0.0.1:9".to_owned(), ..stand.pretend.s3() },
        &keys(KEY_ID, SECRET),
    ));
    assert_eq!(gone.look().await.expect_err("nobody").to_string(), "the store of recordings cannot be reached");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_played_in_whole_or_in_part_and_never_as_another() {
    let stand = Stand::set().await;
    let (shelf, audio) = (stand.shelf(), wav(2, 1));
    stand.keep(&shelf, &audio).await.expect("kept");
    let name = shelf.name().await.expect("a name").to_owned();
    let (here, bytes) = (place(&name, NAME), audio.len() as u64);
    let open = async |range: Option<&'static str>| match shelf.open(here, bytes, range).await {
        Ok(Found::Open(open)) => {
            let part = open.part.map(|part| (part.start, part.end));
            Ok((part, open.into_stream().try_collect::<Vec<_>>().await.map(|pieces| pieces.concat())))
        }
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    };
    let (part, read) = open(None).await.expect("opened");
    assert_eq!((part, read.expect("read")), (None, audio.to_vec()));
    let (part, read) = open(Some("bytes=-10")).await.expect("opened");
    assert_eq!((part, read.expect("read")), (Some((bytes - 10, bytes - 1)), audio[audio.len() - 10..].to_vec()));
    stand.pretend.whims([Whim::Says(500, "InternalError")]);
    assert!(open(Some("bytes=0-0")).await.expect("opened").1.is_ok_and(|read| read == b"R"));
    // What breaks on its way is an error to the player, not a shorter copy.
    for whims in [&[Whim::BreaksHalfway, Whim::BreaksHalfway][..], &[Whim::StallsHalfway]] {
        stand.pretend.whims(whims.iter().cloned());
        let broken = open(None).await.map_or(true, |(_, read)| read.is_err());
        assert!(broken, "{whims:?}");
        stand.pretend.forget_whims();
    }
    stand.pretend.whims([Whim::KnowsNoParts]);
    assert!(open(Some("bytes=0-9")).await.expect_err("all of it").contains("does not hold"));
    assert!(
        matches!(shelf.open(here, bytes, Some("bytes=999999-")).await, Ok(Found::Nowhere(total)) if total == bytes)
    );
    assert!(matches!(shelf.open(here, bytes + 1, None).await, Err(ShelfError::Different)));
    assert!(matches!(shelf.open(place(&name, "2026/RE2.wav"), bytes, None).await, Ok(Found::Absent)));
    for foreign in ["s3:answers", "folder:x", ""] {
        assert!(matches!(shelf.open(place(foreign, NAME), bytes, None).await, Ok(Found::Elsewhere)));
        assert!(matches!(shelf.remove(place(foreign, NAME)).await, Err(ShelfError::Elsewhere)));
        assert!(matches!(shelf.holds(place(foreign, NAME), bytes, "").await, Err(ShelfError::Elsewhere)));
    }
    assert!(matches!(shelf.remove(place(&name, "../x")).await, Err(ShelfError::Name)));
    shelf.remove(here).await.expect("removed");
    shelf.remove(here).await.expect("not there is as good");
    assert_eq!(stand.pretend.objects().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_names_are_listed_page_by_page_without_those_of_others() {
    let stand = Stand::set().await;
    let names: Vec<String> = (0..8).map(|n| format!("2026/11/20/RE{n}.wav")).collect();
    for name in &names {
        stand.pretend.put(&format!("{PREFIX}/{name}"), "x");
    }
    // What a console makes for a "folder", and what another service keeps beside.
    stand.pretend.put(&format!("{PREFIX}/2026/"), "");
    stand.pretend.put(&format!("{PREFIX}2/RE9.wav"), "x");
    let shelf = stand.shelf();
    let listed = shelf.names().await.expect("listed");
    assert_eq!(listed, [(None, Vec::new()), (Some("s3:answers/switchboard/tests"), names)]);
    assert!(stand.pretend.asked().len() >= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_costs_time_and_no_recording() {
    let database = Database::sqlite();
    let pretend = PretendBucket::listening().await;
    let scene = Scene::set_over(&database, &Store::Pretend(pretend.clone())).await;
    scene.message(1, 1).await;
    pretend.whims(std::iter::repeat_n(Whim::Says(503, "SlowDown"), 3));
    scene.recorder("one").round(&MINE).await.expect("a round");
    let row = scene.row(1).await;
    // Where it may lie is known before it lies there.
    assert_eq!((row.state.as_str(), row.path.is_some(), row.stored_at), ("fetching", true, None));
    assert!(row.problem.is_some_and(|problem| problem.contains("slow down")));
    assert!(scene.pretend.has(&re(1)));
    scene.later(TimeDelta::minutes(1));
    // It takes the copy, and is away when it is to be read again: the carrier's stays for now, and the copy is told of.
    pretend.whims([Whim::Encrypts]);
    scene.recorder("one").round(&HOW).await.expect("a round");
    pretend.whims(std::iter::repeat_n(Whim::DiesBefore, 3));
    let recorder = scene.recorder("one");
    recorder.round(&MINE).await.expect("a round");
    assert!(scene.pretend.has(&re(1)));
    assert_eq!(scene.events("recording.stored").await.len(), 1);
    scene.later(TimeDelta::hours(1));
    recorder.round(&MINE).await.expect("a round");
    assert!(!scene.pretend.has(&re(1)));
    scene.has_copy(1, 1).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_the_folder_stay_where_they_are_when_a_bucket_comes() {
    let database = Database::sqlite();
    let scene = Scene::set(&database).await;
    scene.message(1, 1).await;
    scene.recorder("one").round(&HOW).await.expect("a round");
    let pretend = PretendBucket::listening().await;
    let scene = Scene { store: Store::Pretend(pretend.clone()), ..scene };
    scene.message(2, 1).await;
    let recorder = scene.recorder("two");
    recorder.round(&MINE).await.expect("a round");
    let (old, new) = (scene.row(1).await, scene.row(2).await);
    assert!(old.shelf.as_deref().is_some_and(|shelf| shelf.starts_with("folder:")));
    assert_eq!(
        (new.shelf.as_deref(), new.path.as_deref()),
        (Some("s3:answers/switchboard/tests"), Some(&*format!("2026/11/20/{}.wav", re(2))))
    );
    assert_eq!(pretend.objects().len(), 1);
    // Both were read again where they are, so the carrier's copies could go.
    assert_eq!(scene.pretend.count(), 0);
    let shelf = scene.shelf();
    for row in [&old, &new] {
        let here = place(row.shelf.as_deref().expect("a shelf"), row.path.as_deref().expect("a path"));
        assert!(matches!(shelf.open(here, 16_044, None).await, Ok(Found::Open(_))));
    }
    // A copy in a store that nobody configures any more is told as such.
    let without = Scene { store: Store::Folder, ..scene };
    let desk = super::player::desk(&without);
    let played = desk.get("/api/voicemails/vm_2/audio", switchboard::ops::Role::Operator).await;
    played.is_problem(503, "/api/voicemails/vm_2/audio");
    assert!(String::from_utf8_lossy(&played.body).contains("s3:answers/switchboard/tests"));
    without.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_are_verified_over_folder_and_bucket_together() {
    let database = Database::sqlite();
    let scene = Scene::set(&database).await;
    scene.message(1, 1).await;
    scene.recorder("one").round(&HOW).await.expect("a round");
    let pretend = PretendBucket::listening().await;
    let scene = Scene { store: Store::Pretend(pretend.clone()), ..scene };
    scene.message(2, 1).await;
    scene.recorder("two").round(&HOW).await.expect("a round");
    while switchboard::ledger::chain::extend(&database.db, crate::ops_desk::noon(), 100).await.expect("chained") > 0 {}
    let verify = async |scene: &Scene<'_>| {
        let mut command = scene.command("consent verify --json");
        let run = tokio::task::spawn_blocking(move || command.output().expect("it runs")).await.expect("ended");
        let told: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap_or_default();
        (run.status.code(), told, String::from_utf8_lossy(&run.stderr).into_owned())
    };
    let (code, told, said) = verify(&scene).await;
    assert_eq!((code, &told["strays"], &told["elsewhere"]), (Some(0), &json!([]), &json!([])), "{said}");
    // An object that nobody names, and a copy of the message in the folder that the row does not name.
    pretend.put(&format!("{PREFIX}/2026/11/20/RE9.wav"), "x");
    let path = scene.row(2).await.path.expect("a path");
    std::fs::write(scene.root().join(&path), "x").expect("a file");
    let (code, told, _) = verify(&scene).await;
    let strays = json!([path, "s3:answers/switchboard/tests/2026/11/20/RE9.wav"]);
    assert_eq!((code, &told["strays"]), (Some(1), &strays));
    // Without the bucket, what lies there is not vouched for; with one that refuses, nothing is.
    pretend.whims([Whim::Says(403, "AccessDenied")]);
    let (code, _, said) = verify(&scene).await;
    assert!(code == Some(1) && said.contains("AccessDenied"), "{said}");
    std::fs::remove_file(scene.folder.path().join("switchboard.toml")).expect("removed");
    let scene = Scene { store: Store::Folder, ..scene };
    let (_, told, _) = verify(&scene).await;
    assert_eq!(told["elsewhere"], json!([{ "shelf": "s3:answers/switchboard/tests", "recordings": 1 }]));
    scene.end().await;
}
