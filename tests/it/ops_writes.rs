//! Writes with an `Idempotency-Key`, on both engines.

use crate::ops_desk::{Answer, Desk, Wishes, credential, noon};
use crate::ops_story::{Story, sid};
use crate::support::Database;
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use sqlx::AssertSqlSafe;
use switchboard::base::Secret;
use switchboard::db::Db;
use switchboard::ops::{Claims, Keys, Role, mint};

/// A desk, and the path of a message in its inbox.
async fn desk(database: &Database) -> (Desk, String) {
    let story = Story::begin(database).await;
    let id = story.leaves_a_message(1, 0).await;
    story.end().await;
    (Desk::new(&database.db), format!("/api/voicemails/{id}"))
}

async fn write(desk: &Desk, method: Method, path: &str, key: &str) -> Answer {
    desk.ask(method, path, Some(&credential(Role::Admin)), &[("idempotency-key", key)]).await
}

fn is_replay(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == "true"
}

/// As if the process had died while the write ran, and its lease ended at `until`.
async fn die(database: &Database, until: &str) {
    let sql = format!("update api_writes set state = 'running', status = null, lease_until = '{until}'");
    match &database.db {
        Db::Sqlite(engine) => sqlx::query(AssertSqlSafe(sql)).execute(&engine.write).await.map(drop),
        Db::Postgres(engine) => sqlx::query(AssertSqlSafe(sql)).execute(&engine.rest).await.map(drop),
    }
    .expect("an update");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_and_request_get_the_stored_answer_for_a_day() {
    for database in Database::each().await {
        let (desk, path) = desk(&database).await;
        let read = format!("{path}/read");
        let first = write(&desk, Method::POST, &read, "k1").await;
        assert_eq!((first.status, is_replay(&first)), (StatusCode::OK, false));
        // Meanwhile it is marked unread: a second run would mark it again.
        assert_eq!(write(&desk, Method::POST, &format!("{path}/unread"), "k2").await.status, StatusCode::OK);
        desk.clock.advance(TimeDelta::hours(23));
        let again = write(&desk, Method::POST, &read, "k1").await;
        assert_eq!((again.status, is_replay(&again), &again.body), (StatusCode::OK, true, &first.body));
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_eq!(database.count("select count(*) from voicemails where read_at is not null").await, 0);
        desk.clock.advance(TimeDelta::hours(2));
        assert!(!is_replay(&write(&desk, Method::POST, &read, "k1").await), "its day is over");
        assert_eq!(database.count("select count(*) from voicemails where read_at is not null").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_request_with_the_key_is_refused_and_another_client_has_keys_of_its_own() {
    for database in Database::each().await {
        let (desk, path) = desk(&database).await;
        let read = format!("{path}/read");
        assert_eq!(write(&desk, Method::POST, &read, "k").await.status, StatusCode::OK);
        write(&desk, Method::DELETE, &path, "k").await.is_problem(422, &path);
        let ana = desk.ask(Method::DELETE, &path, Some(&credential(Role::Operator)), &[("idempotency-key", "k")]).await;
        assert_eq!((ana.status, is_replay(&ana)), (StatusCode::NO_CONTENT, false));
    }
}

/// A name is what a token says, so a viewer may be called as the holder of the admin token is.
#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_by_the_name_of_the_admin_shares_no_answer_with_him() {
    const ADMIN: &str = "an-admin-token-of-this-test";
    let secret = Secret::new("a-signing-secret-of-this-test");
    let exp = noon().timestamp() + 3600;
    let viewer = mint(&Claims { sub: "admin".to_owned(), role: Role::Viewer, exp, iat: noon().timestamp() }, &secret);
    for database in Database::each().await {
        let (_, path) = desk(&database).await;
        let keys = Keys::new(Some(&Secret::new(ADMIN)), Some(&secret));
        let desk = Desk::with(&database.db, Wishes { keys, ..Wishes::default() });
        let read = format!("{path}/read");
        let ask =
            async |who: &str, key: &str| desk.ask(Method::POST, &read, Some(who), &[("idempotency-key", key)]).await;
        ask(&viewer, "k1").await.is_problem(403, &read);
        assert_eq!(database.rows("api_writes").await, 0, "a refusal of credentials is not kept");
        for key in ["k1", "k2"] {
            let first = ask(ADMIN, key).await;
            assert_eq!((first.status, is_replay(&first)), (StatusCode::OK, false));
            let refused = ask(&viewer, key).await;
            refused.is_problem(403, &read);
            assert!(!is_replay(&refused));
            assert!(is_replay(&ask(ADMIN, key).await));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_kept_byte_for_byte() {
    for database in Database::each().await {
        let (desk, _) = desk(&database).await;
        let path = format!("/api/voicemails/{}", sid(9));
        let first = write(&desk, Method::DELETE, &path, "k").await;
        first.is_problem(404, &path);
        let again = write(&desk, Method::DELETE, &path, "k").await;
        again.is_problem(404, &path);
        assert_eq!((is_replay(&again), &again.body), (true, &first.body));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_write_is_waited_for_and_a_dead_one_taken_over() {
    for database in Database::each().await {
        let (desk, path) = desk(&database).await;
        let read = format!("{path}/read");
        write(&desk, Method::POST, &read, "k").await;
        die(&database, "2026-11-20T12:00:30.000000+00:00").await;
        let running = write(&desk, Method::POST, &read, "k").await;
        running.is_problem(409, &read);
        assert_eq!(running.header("retry-after"), "1");
        desk.clock.advance(TimeDelta::seconds(31));
        let taken_over = write(&desk, Method::POST, &read, "k").await;
        assert_eq!((taken_over.status, is_replay(&taken_over)), (StatusCode::OK, false));
        assert!(is_replay(&write(&desk, Method::POST, &read, "k").await));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_at_once_are_one() {
    for database in Database::each().await {
        let (desk, path) = desk(&database).await;
        let read = format!("{path}/read");
        let answers = futures_util::future::join_all((0..10).map(|_| write(&desk, Method::POST, &read, "k"))).await;
        let ran = answers.iter().filter(|answer| answer.status == StatusCode::OK && !is_replay(answer)).count();
        assert_eq!(ran, 1);
        let others = |answer: &&Answer| answer.status == StatusCode::CONFLICT || is_replay(answer);
        assert_eq!(answers.iter().filter(others).count(), 9);
        assert_eq!(database.count("select count(*) from events where type = 'voicemail.read'").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_is_refused_and_reads_ignore_it() {
    let database = Database::sqlite();
    let (desk, path) = desk(&database).await;
    let read = format!("{path}/read");
    for key in ["", "two words", &"x".repeat(256)] {
        write(&desk, Method::POST, &read, key).await.is_problem(400, &read);
    }
    assert_eq!(write(&desk, Method::GET, &path, "").await.status, StatusCode::OK);
    assert_eq!(database.rows("api_writes").await, 0);
}
