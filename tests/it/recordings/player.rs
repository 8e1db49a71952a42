//! What an operator hears and sees.

use super::scene::{HOW, MINE, Scene, re};
use super::store::{Store, each};
use crate::ops_desk::{Desk, Wishes, credential};
use crate::support::Database;
use axum::http::Method;
use serde_json::json;
use switchboard::ops::Role;

const PATH: &str = "/api/voicemails/vm_1/audio";

pub(super) fn desk(scene: &Scene<'_>) -> Desk {
    let (carrier, shelf) = (Some(scene.carrier()), scene.shelf());
    Desk::with(&scene.database.db, Wishes { carrier, shelf, ..Wishes::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn our_copy_is_played_in_whole_or_in_part_without_the_carrier() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        scene.message(1, 1).await;
        let desk = desk(&scene);
        let who = credential(Role::Operator);
        let play = async |path: &str, range: &str| {
            let headers = [("range", range)];
            desk.ask(Method::GET, path, Some(&who), &headers[usize::from(range.is_empty())..]).await
        };
        let before = play(PATH, "").await;
        assert_eq!((before.status.as_u16(), before.header("content-type")), (200, "audio/x-wav"));
        let told = desk.get("/api/voicemails/vm_1", Role::Operator).await.json();
        assert_eq!((&told["storage"], &told["sha256"]), (&json!("carrier"), &json!(null)));
        scene.recorder("one").round(&MINE).await.expect("a round");
        scene.pretend.questions();
        let audio = super::carrier::wav(1, 1);
        let own = format!("/api/recordings/{}/audio", re(1));
        for path in [PATH, &own] {
            let whole = play(path, "").await;
            assert_eq!((whole.status.as_u16(), &whole.body[..]), (200, &audio[..]));
            assert_eq!(whole.header("content-length"), audio.len().to_string());
            assert_eq!((whole.header("accept-ranges"), whole.header("content-type")), ("bytes", "audio/wav"));
            let part = play(path, "bytes=100-199").await;
            assert_eq!((part.status.as_u16(), &part.body[..]), (206, &audio[100..200]));
            assert_eq!(part.header("content-range"), format!("bytes 100-199/{}", audio.len()));
            let end = play(path, "bytes=-10").await;
            assert_eq!((end.status.as_u16(), &end.body[..]), (206, &audio[audio.len() - 10..]));
            let none = play(path, "bytes=99999999-").await;
            assert_eq!(
                (none.status.as_u16(), none.header("content-range")),
                (416, &*format!("bytes */{}", audio.len()))
            );
            let head = desk.ask(Method::HEAD, path, Some(&who), &[]).await;
            assert_eq!((head.body.len(), head.header("content-length")), (0, &*audio.len().to_string()));
            assert_eq!(desk.get(path, Role::Viewer).await.status.as_u16(), 403);
        }
        assert_eq!(scene.pretend.questions().len(), 0);
        let told = desk.get("/api/voicemails/vm_1", Role::Operator).await.json();
        let row = scene.row(1).await;
        assert_eq!((&told["storage"], &told["sha256"]), (&json!("own"), &json!(row.sha256)));
        // Without our file and without the carrier's there is nothing to play, and the reason is told.
        scene.lose(1).await;
        play(PATH, "").await.is_problem(503, PATH);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_not_here_is_played_from_the_carrier() {
    let (database, store) = (Database::sqlite(), Store::Folder);
    let scene = Scene::set_over(&database, &store).await;
    scene.message(1, 1).await;
    scene.recorder("one").round(&HOW).await.expect("a round");
    scene.lose(1).await;
    let played = desk(&scene).get(PATH, Role::Operator).await;
    assert_eq!((played.status.as_u16(), played.body.len()), (200, 16_044));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_are_listed_and_put_on_hold() {
    for (database, store) in each().await {
        let scene = Scene::set_over(&database, &store).await;
        scene.message(1, 1).await;
        scene.conversation(2, 1).await;
        scene.conversation(3, 1).await;
        scene.recorder("one").round(&HOW).await.expect("a round");
        let desk = desk(&scene);
        let list = async |query: &str| {
            let page = desk.get(&format!("/api/recordings{query}"), Role::Viewer).await.json();
            let items = page["items"].as_array().expect("a list").clone();
            (items, page["next_cursor"].as_str().map(str::to_owned))
        };
        assert_eq!(list("").await.0.len(), 3);
        let (first, cursor) = list("?limit=2&state=stored").await;
        let (rest, end) = list(&format!("?limit=2&state=stored&cursor={}", cursor.expect("more"))).await;
        assert_eq!((first.len(), rest.len(), end), (2, 1, None));
        assert_eq!(list("?kind=dial").await.0.len(), 2);
        assert_eq!(desk.get("/api/recordings?kind=x", Role::Viewer).await.status.as_u16(), 400);
        let (path, hold) = (format!("/api/recordings/{}", re(1)), format!("/api/recordings/{}/hold", re(1)));
        let seen = desk.get(&path, Role::Viewer).await.json();
        assert_eq!(
            (&seen["storage"], &seen["carrier_copy"], &seen["audio_url"]),
            (&json!("own"), &json!("kept"), &json!(null))
        );
        let (operator, admin) = (credential(Role::Operator), credential(Role::Admin));
        let put = async |body: &'static str| desk.send(Method::PUT, &hold, &operator, body).await;
        assert_eq!(put(r#"{"reason": " "}"#).await.status.as_u16(), 400);
        let held = put(r#"{"reason": "court order 7"}"#).await.json();
        assert_eq!(
            (&held["hold"]["reason"], &held["hold"]["by"]),
            (&json!("court order 7"), &json!("ana@example.com"))
        );
        assert_eq!(put(r#"{"reason": "another"}"#).await.json()["hold"]["reason"], "court order 7");
        assert_eq!(list("?hold=true").await.0.len(), 1);
        assert_eq!(desk.ask(Method::DELETE, &hold, Some(&operator), &[]).await.status.as_u16(), 403);
        let released = desk.ask(Method::DELETE, &hold, Some(&admin), &[]).await.json();
        assert_eq!(released["hold"], json!(null));
        let retry = format!("{path}/retry");
        assert_eq!(desk.ask(Method::POST, &retry, Some(&operator), &[]).await.status.as_u16(), 409);
        crate::consent::tamper(&database, "update recordings set state = 'failed', attempts = 40").await;
        let again = desk.ask(Method::POST, &retry, Some(&operator), &[]).await.json();
        assert_eq!((&again["state"], scene.row(1).await.attempts), (&json!("expected"), 0));
        let nothing = "/api/recordings/REx/hold";
        desk.ask(Method::DELETE, nothing, Some(&admin), &[]).await.is_problem(404, nothing);
        scene.end().await;
    }
}
