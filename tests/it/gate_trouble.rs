//! The order when something of ours fails: the database is away or slow, the decision panics.

use crate::house::{PUBLIC_URL, call, encode, with};
use crate::support::Database;
use axum::body::Body;
use axum::http::Request;
use futures_util::FutureExt;
use std::pin::pin;
use std::sync::Arc;
use switchboard::base::{Clock, Meters};
use switchboard::config::{FixedSource, builtin_lines};
use switchboard::db::Db;
use switchboard::gate::{Decide, Door, Gate, Parts, Refusals, Route, Streams};
use switchboard::ledger::{Ledger, Setup};
use switchboard::world::{World, Worlds};

const SID: &str = "CA00000000000000000000000000000001";

/// The gate alone: no socket, and everyone may come in.
pub(crate) struct Stand {
    pub(crate) ledger: Ledger,
    pub(crate) gate: Gate,
}

impl Stand {
    fn new(database: &Database) -> Self {
        Self::behind(Door::default(), database)
    }

    /// Behind a door of the test's own.
    pub(crate) fn behind(door: Door, database: &Database) -> Self {
        let fault: Decide = Box::new(|world, webhook| switchboard::calls::fault(world, webhook, "a test"));
        Self::deciding(database, Box::new(switchboard::calls::decide), fault, door)
    }

    fn deciding(database: &Database, decide: Decide, fault: Decide, door: Door) -> Self {
        let meters = Arc::new(Meters::silent());
        let public_url = PUBLIC_URL.into();
        let setup = Setup { clock: Clock::System, instance: 1, public_url, meters: Arc::clone(&meters) };
        let ledger = Ledger::start(&database.db, setup);
        let lines = builtin_lines(&FixedSource::default()).expect("the built-in line");
        let gate = Gate::new(Parts {
            worlds: Worlds::new(World::new(PUBLIC_URL, lines)),
            ledger: ledger.clone(),
            clock: Clock::System,
            decide,
            fault,
            busy: Box::new(switchboard::calls::full_house),
            door,
            trusted_proxies: Vec::new(),
            check_signatures: false,
            refusals: Arc::new(Refusals::default()),
            meters,
            streams: Streams::none(),
        });
        Self { ledger, gate }
    }

    pub(crate) async fn ask(&self, route: Route, fields: &[(&str, &str)]) -> String {
        self.ask_at(&format!("/twilio/{}", route.name()), route, fields).await
    }

    pub(crate) async fn ask_at(&self, target: &str, route: Route, fields: &[(&str, &str)]) -> String {
        let request = Request::post(target).body(Body::from(encode(fields)));
        let response = self.gate.receive(route, request.expect("a request")).await;
        assert_eq!(response.status(), 200);
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        let text = String::from_utf8(body.to_vec()).expect("UTF-8");
        assert!(switchboard::twiml::parse(&text).is_ok(), "{text}");
        text
    }
}

/// A database that cannot be opened until [`come_back`]: a folder is where its file should be.
fn away() -> (Database, std::path::PathBuf) {
    let database = Database::sqlite();
    let path = std::path::PathBuf::from(database.url.strip_prefix("sqlite://").expect("a path"));
    std::fs::create_dir(&path).expect("a folder in the way");
    (database, path)
}

fn come_back(path: &std::path::Path) {
    std::fs::remove_dir(path).expect("the way is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_comes_while_the_database_is_away_is_stored_when_it_is_back() {
    let reports: [(Route, &[(&str, &str)]); 6] = [
        (Route::Recording, &[("RecordingSid", "RE1"), ("RecordingStatus", "completed"), ("RecordingDuration", "7")]),
        (Route::Stream, &[("StreamSid", "MZ1"), ("StreamEvent", "stream-stopped")]),
        (Route::Transcription, &[("TranscriptionStatus", "failed"), ("RecordingSid", "RE1")]),
        (Route::Status, &[("CallStatus", "completed")]),
        (Route::Conference, &[("StatusCallbackEvent", "participant-join")]),
        (Route::Sms, &[("Body", "hello")]),
    ];
    for (route, fields) in reports {
        let (database, path) = away();
        let stand = Stand::new(&database);
        let fields = with(call(SID), fields);
        let mut answer = pin!(stand.ask(route, &fields));
        assert!((&mut answer).now_or_never().is_none(), "{route:?} waits");
        come_back(&path);
        answer.await;
        assert_eq!(stand.ledger.condition().unstored(), 0, "{route:?}");
        stand.ledger.close().await;
        assert_eq!(database.count("select count(*) from call_events").await, 1, "{route:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_database_and_disk_who_may_be_on_the_line_is_answered_at_once_and_it_is_kept_in_memory() {
    let (database, path) = away();
    let stand = Stand::new(&database);
    let asked = [Route::Voice, Route::Dtmf, Route::Voicemail, Route::Recording, Route::Stream];
    for route in asked {
        let fields = call(SID);
        let answer = stand.ask(route, &fields).now_or_never();
        assert!(answer.is_some_and(|answer| !answer.contains("<Record")), "{route:?}");
    }
    assert_eq!(stand.ledger.backlog().units, 5);
    assert_eq!(stand.gate.unstored().take(), None);
    come_back(&path);
    stand.ask(Route::Status, &call(SID)).await;
    stand.ledger.close().await;
    assert_eq!(database.count("select count(*) from call_events").await, 6);
    assert_eq!(database.count("select count(*) from consents").await, 0);
}

#[tokio::test]
async fn the_fallback_neither_waits_for_the_database_nor_records_and_is_stored_all_the_same() {
    let database = Database::sqlite();
    let stand = Stand::new(&database);
    stand.ask(Route::Status, &call(SID)).await;
    let Db::Sqlite(engine) = &database.db else { panic!("SQLite was asked for") };
    let busy = engine.write.begin_with("BEGIN IMMEDIATE").await.expect("the write lock");
    let fields = with(call(SID), &[("ErrorCode", "11200"), ("ErrorUrl", "")]);
    let answer = stand.ask(Route::Fallback, &fields).now_or_never().expect("an answer that waited for nothing");
    assert!(answer.contains("<Say") && !answer.contains("<Record"), "{answer}");
    // What goes on behind the answer takes its first step: it is queued.
    tokio::task::yield_now().await;
    busy.rollback().await.expect("the lock is free");
    stand.ledger.close().await;
    assert_eq!(database.count("select count(*) from call_events where kind = 'fallback'").await, 1);
    assert_eq!(database.count("select count(*) from errors where kind = 'carrier.11200'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_decision_and_apology_share_a_bug_the_caller_still_hears_one() {
    let database = Database::sqlite();
    let bug: fn() -> Decide = || Box::new(|_, _| panic!("a bug"));
    let stand = Stand::deciding(&database, bug(), bug(), Door::default());
    for route in Route::ALL {
        let fields = with(call(SID), &[("About", route.name())]);
        let answer = stand.ask(route, &fields).await;
        let silent = matches!(route, Route::Transcription | Route::Status | Route::Conference | Route::Sms);
        assert_eq!(answer.ends_with("</Say><Hangup/></Response>"), !silent, "{route:?}: {answer}");
        assert_eq!(answer.ends_with("<Response/>"), silent, "{route:?}: {answer}");
    }
    stand.ledger.close().await;
    let told = database.count("select count(*) from errors where kind = 'webhook.fault'").await;
    assert!(told > 0, "reports wait, so at least theirs are told");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_was_told_while_the_database_was_slow_is_what_is_stored() {
    let database = Database::sqlite();
    let stand = Stand::new(&database);
    stand.ask(Route::Status, &call(SID)).await;
    let Db::Sqlite(engine) = &database.db else { panic!("SQLite was asked for") };
    let busy = engine.write.begin_with("BEGIN IMMEDIATE").await.expect("the write lock");
    let (ahead, fields) = (call("CA00000000000000000000000000000002"), call(SID));
    let mut first = pin!(stand.ask(Route::Status, &ahead));
    assert!((&mut first).now_or_never().is_none(), "it waits for the lock, and everyone behind it");
    while stand.ledger.queued() > 0 {
        tokio::task::yield_now().await;
    }
    let told = stand.ask(Route::Voicemail, &fields).await;
    assert!(!told.contains("<Record"), "{told}");
    busy.rollback().await.expect("the lock is free");
    first.await;
    stand.ledger.close().await;
    assert_eq!(stand.ledger.condition().unstored(), 0);
    assert_eq!(database.count("select count(*) from call_events where kind = 'voicemail'").await, 1);
    assert_eq!(database.count("select count(*) from voicemails").await, 0);
    let elsewhere = Stand::new(&database);
    elsewhere.ask(Route::Status, &call("CA00000000000000000000000000000003")).await;
    assert_eq!(elsewhere.ask(Route::Voicemail, &fields).await, told, "a copy hears the same");
    elsewhere.ledger.close().await;
}
