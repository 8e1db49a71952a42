//! Calls whose last status never came: what the carrier says becomes theirs, once, and nothing is done to them.

use crate::carrier_stand::{Act, Stand, TOKEN, client};
use crate::ops_desk::noon;
use crate::ops_story::{ACCOUNT, Story, sid};
use crate::support::Database;
use chrono::{TimeDelta, TimeZone, Utc};
use serde_json::{Value, json};
use std::sync::Arc;
use switchboard::base::{CallSid, CallState, Clock, Meters, Time};
use switchboard::calls::{Reconciler, ReconcilerParts};
use switchboard::ledger::read::{self, CallRow, WebhookRow};
use switchboard::ledger::{Ledger, Phase, Setup};
use switchboard::world::{World, Worlds};

fn at(hour: u32, minute: u32) -> Time {
    Utc.with_ymd_and_hms(2026, 11, 20, hour, minute, 0).single().expect("an instant")
}

struct Scene<'a> {
    database: &'a Database,
    clock: Clock,
    ledger: Ledger,
    base: String,
    stand: Stand,
}

impl<'a> Scene<'a> {
    /// After the morning that `story` told; it is noon.
    async fn open(database: &'a Database) -> Self {
        let clock = Clock::manual(noon());
        let setup = Setup {
            clock: clock.clone(),
            instance: 2,
            public_url: "https://phone.example.com".into(),
            meters: Arc::new(Meters::silent()),
        };
        let ledger = Ledger::start(&database.db, setup);
        while ledger.condition().phase() != Phase::Up {
            tokio::task::yield_now().await;
        }
        let (stand, base) = Stand::open([]).await;
        Self { database, clock, ledger, base, stand }
    }

    fn instance(&self, holder: &str) -> Reconciler {
        Reconciler::new(ReconcilerParts {
            db: self.database.db.clone(),
            carrier: client(&self.base, &[TOKEN]),
            ledger: self.ledger.clone(),
            worlds: Worlds::new(World::new("https://phone.example.com", Vec::new())),
            clock: self.clock.clone(),
            holder: holder.into(),
        })
    }

    async fn row(&self, call: u32) -> (CallRow, Vec<WebhookRow>) {
        let row = read::call(&self.database.db, &sid(call)).await.expect("it reads").expect("a call");
        let webhooks = read::webhooks(&self.database.db, &row).await.expect("it reads");
        (row, webhooks)
    }

    /// What was asked, without the head of the path; never anything but questions.
    fn asked(&self) -> Vec<String> {
        let head = "GET /2010-04-01/Accounts/";
        let asked = self.stand.asked().into_iter().map(|one| one.line.trim_end_matches(" HTTP/1.1").to_owned());
        asked.map(|line| line.strip_prefix(head).expect("only questions").to_owned()).collect()
    }

    fn says(&self, answer: Value) {
        self.stand.then([Act::Says(200, answer.to_string())]);
    }

    async fn ends(&self) -> i64 {
        self.database.count("select count(*) from events where type = 'call.ended'").await
    }
}

fn question(call: u32) -> String {
    format!("{ACCOUNT}/Calls/{}.json", sid(call))
}

fn missing() -> Act {
    Act::Says(404, json!({"code": 20404, "status": 404, "message": "not found"}).to_string())
}

async fn ringing_since_eleven(database: &Database, calls: std::ops::Range<u32>) {
    let story = Story::begin(database).await;
    for call in calls {
        story.rings(call, i64::from(call)).await;
    }
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_ended_unheard_gets_its_end() {
    for database in Database::each().await {
        ringing_since_eleven(&database, 0..1).await;
        let scene = Scene::open(&database).await;
        let reconciler = scene.instance("a");
        scene.says(json!({"sid": sid(0), "status": "completed", "duration": "42", "direction": "inbound",
            "from": "+14035550100", "to": "+15875550100", "end_time": "Fri, 20 Nov 2026 11:05:00 +0000"}));
        assert_eq!(reconciler.step().await.expect("a round"), 1);
        assert_eq!(scene.asked(), [question(0)]);
        let (row, webhooks) = scene.row(0).await;
        assert_eq!((row.state.as_str(), row.duration_s, row.ended_at), ("completed", Some(42), Some(at(11, 5))));
        assert_eq!(row.outcome.as_deref(), Some("abandoned"));
        let last = webhooks.last().expect("a timeline");
        assert_eq!((last.kind.as_str(), last.at), ("reconcile", at(11, 5)));
        assert!(last.decision.contains("the carrier says: call is completed"), "{}", last.decision);
        assert_eq!(scene.ends().await, 1);
        let ended = "select count(*) from events where type = 'call.ended' and payload like '%\"duration_s\":42%'";
        assert_eq!(database.count(ended).await, 1);

        scene.clock.advance(TimeDelta::hours(2));
        assert_eq!(reconciler.step().await.expect("a round"), 0);
        assert!(scene.asked().is_empty(), "nobody is silent any more");

        // The callback comes after all, with another word: kept, and nothing is overwritten.
        let story = Story::begin(&database).await;
        let mut late = story.webhook(100, 7200, "status");
        late.key = [200; 16];
        let change = late.call.as_mut().expect("a call");
        change.sid = CallSid::parse(&sid(0)).expect("a SID");
        change.state = Some(CallState::NoAnswer);
        scene.ledger.store(late, std::time::Duration::from_secs(20)).await.expect("stored");
        let (row, webhooks) = scene.row(0).await;
        assert_eq!((row.state.as_str(), webhooks.len(), scene.ends().await), ("completed", 3, 1));
        story.end().await;
        scene.ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_goes_on_is_left_alone_and_asked_about_less_and_less() {
    let database = Database::sqlite();
    ringing_since_eleven(&database, 0..1).await;
    let scene = Scene::open(&database).await;
    let reconciler = scene.instance("a");
    let goes_on = json!({"sid": sid(0), "status": "in-progress"});
    scene.says(goes_on.clone());
    assert_eq!(reconciler.step().await.expect("a round"), 1, "that it was answered is news");
    assert_eq!((scene.row(0).await.0.state.as_str(), scene.asked().len()), ("in-progress", 1));
    for (minutes, questions) in [(1, 0), (14, 0), (1, 1), (1, 0), (4, 1), (9, 0), (1, 1)] {
        scene.clock.advance(TimeDelta::minutes(minutes));
        scene.says(goes_on.clone());
        let news = reconciler.step().await.expect("a round");
        assert_eq!((scene.asked().len(), news), (questions, 0), "{minutes}");
    }
    let (row, webhooks) = scene.row(0).await;
    assert_eq!((row.state.as_str(), webhooks.len(), scene.ends().await), ("in-progress", 2, 0));
    scene.ledger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_carrier_contradicts_stays_beside_it() {
    let database = Database::sqlite();
    let story = Story::begin(&database).await;
    story.expects_a_message(1, 0).await;
    story.end().await;
    let scene = Scene::open(&database).await;
    scene.says(json!({"sid": sid(1), "status": "ringing"}));
    assert_eq!(scene.instance("a").step().await.expect("a round"), 1);
    let (row, webhooks) = scene.row(1).await;
    assert_eq!((row.state.as_str(), webhooks.len(), scene.ends().await), ("in-progress", 2, 0));
    assert!(webhooks[1].input.contains("ringing"), "{}", webhooks[1].input);
    scene.ledger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_the_carrier_forgot_has_ended_some_time() {
    let database = Database::sqlite();
    ringing_since_eleven(&database, 0..1).await;
    let scene = Scene::open(&database).await;
    let reconciler = scene.instance("a");
    // Whoever does not know the account cannot know either that the call is gone.
    scene.stand.then([missing(), missing()]);
    assert_eq!(reconciler.step().await.expect("a round"), 0);
    assert_eq!(scene.row(0).await.0.state, "ringing");
    assert_eq!(scene.asked(), [question(0), format!("{ACCOUNT}.json")]);

    scene.clock.advance(TimeDelta::minutes(5));
    scene.stand.then([missing(), Act::Says(200, json!({"sid": ACCOUNT, "status": "active"}).to_string())]);
    assert_eq!(reconciler.step().await.expect("a round"), 1);
    let (row, webhooks) = scene.row(0).await;
    assert_eq!((row.state.as_str(), row.duration_s, row.ended_at), ("completed", None, Some(at(11, 0))));
    assert_eq!(row.reason.as_deref(), Some("lost: the carrier does not know it any more"));
    assert_eq!((webhooks.len(), scene.ends().await), (2, 1));
    scene.ledger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_bounded_and_one_instance_asks() {
    let database = Database::sqlite();
    ringing_since_eleven(&database, 0..12).await;
    let scene = Scene::open(&database).await;
    let (one, other) = (scene.instance("a"), scene.instance("b"));
    for call in 0..12 {
        scene.says(json!({"sid": sid(call), "status": "no-answer", "duration": "0"}));
    }
    assert_eq!(one.step().await.expect("a round"), 10);
    assert_eq!(other.step().await.expect("a round"), 0, "the first one has the lease");
    assert_eq!(scene.asked().len(), 10);
    scene.clock.advance(TimeDelta::seconds(61));
    assert_eq!(other.step().await.expect("a round"), 2, "which runs out");
    assert_eq!((scene.asked(), scene.ends().await), (vec![question(10), question(11)], 12));
    scene.ledger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_that_is_down_is_not_pestered() {
    let database = Database::sqlite();
    ringing_since_eleven(&database, 0..3).await;
    let scene = Scene::open(&database).await;
    let reconciler = scene.instance("a");
    scene.stand.then(vec![Act::Says(503, String::new()); 4]);
    assert_eq!(reconciler.step().await.expect("a round"), 0);
    assert_eq!(scene.asked().len(), 4, "one call, as often as the client tries");
    assert_eq!(reconciler.step().await.expect("a round"), 0);
    assert!(scene.asked().is_empty());
    scene.clock.advance(TimeDelta::seconds(30));
    // Something about one call is no reason to leave the others without an answer.
    scene.stand.then([Act::Says(403, String::new())]);
    for call in 1..3 {
        scene.says(json!({"sid": sid(call), "status": "canceled"}));
    }
    assert_eq!(reconciler.step().await.expect("a round"), 2);
    assert_eq!((scene.asked().len(), scene.ends().await, scene.row(0).await.0.state.as_str()), (3, 2, "ringing"));
    scene.ledger.close().await;
}
