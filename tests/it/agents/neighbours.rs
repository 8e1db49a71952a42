//! Nobody's slowness is somebody else's: carriers that stop reading, agents that stop reading, a database that is away.

use super::caller::{Call, EDGES, Stage, line};
use super::neutral::{Agent, Conversation};
use crate::house::call as fields;
use crate::house::with;
use crate::streams::{Carrier, announced_to};
use crate::support::{Cluster, Database};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard::db::Db;

const BRISK: &str = "+15875550190";
const SLOW: &str = "+15875550191";

/// An agent that talks for three seconds, then gives the call back.
async fn talker() -> Agent {
    Agent::who(async |mut call: Conversation| {
        call.begin(json!({"speaks_first": true})).await;
        call.tone("u1", 440.0, 3_000).await;
        call.until("played").await;
        call.say(json!({"type": "stop", "reason": "done"})).await;
        call.listen_to_the_end().await;
    })
    .await
}

/// Nothing of it was late, nothing was lost.
fn was_not_held_back(call: &Call) {
    let stream = call.stream();
    assert!(call.tone(440.0).abs_diff(3_000) <= EDGES, "{} {}", call.tone(440.0), call.story());
    assert_eq!(stream.error, None, "{}", call.story());
    assert!(stream.first_heard_ms.is_some_and(|ms| ms < 500.0), "{}", call.story());
    call.was_fluent();
}

/// Calls that come in one after the other, until somebody says that it is enough.
async fn meanwhile(stage: &Stage, enough: impl Future<Output = ()>) -> usize {
    let mut enough = std::pin::pin!(enough);
    let mut calls = 0;
    loop {
        let over = tokio::select! {
            call = stage.call(BRISK, "3", Vec::new()) => { was_not_held_back(&call); false }
            () = &mut enough => true,
        };
        if over {
            return calls;
        }
        calls += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_carrier_that_stops_reading_holds_back_nobody_and_is_given_up() {
    let brisk = talker().await;
    // As much as an agent can make the house send: sound that it takes back at once.
    let flood = Agent::who(async |mut call: Conversation| {
        call.begin(json!({"speaks_first": true})).await;
        for n in 0.. {
            call.part(&format!("u{n}"), 440.0, 200).await;
            call.say(json!({"type": "clear"})).await;
            if call.next().await.is_none() {
                return;
            }
        }
    })
    .await;
    let stage = Stage::open(&(line(BRISK, &brisk.rows()) + &line(SLOW, &flood.rows()))).await;
    let announced = announced_to(&stage.house, "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d", SLOW).await;
    let mut carrier = Carrier::open(&stage.house, &announced).await;
    let reads_nothing = async {
        let mut frames = tokio::time::interval(Duration::from_millis(20));
        // The only streams that last so long are those of the other callers, and this one.
        for frame in 0.. {
            frames.tick().await;
            carrier.frames(0xff, 1).await;
            if frame > 50 && stage.house.running.streams().iter().all(|stream| stream.call.as_str() != announced.call) {
                return;
            }
        }
    };
    let calls = tokio::time::timeout(crate::streams::LONG, meanwhile(&stage, reads_nothing)).await;
    assert!(calls.expect("it is given up") > 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_stops_reading_holds_back_nobody_and_is_given_up() {
    let brisk = talker().await;
    let deaf = Agent::who(async |mut call: Conversation| {
        call.begin(json!({"audio": {"in": "pcm16/24000", "out": "mulaw/8000"}})).await;
        std::future::pending::<()>().await;
    })
    .await;
    let rows = deaf.rows() + "on_failure = { dial = \"+15875550102\" }\n";
    let stage = Stage::open(&(line(BRISK, &brisk.rows()) + &line(SLOW, &rows))).await;
    let sid = "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d";
    let announced = announced_to(&stage.house, sid, SLOW).await;
    let mut carrier = Carrier::open(&stage.house, &announced).await;
    let never_heard = async {
        // Twenty times as fast as anybody speaks, so that no buffer of the machine holds it all.
        let flood = async {
            let mut turns = tokio::time::interval(Duration::from_millis(100));
            loop {
                turns.tick().await;
                carrier.frames(0xff, 100).await;
            }
        };
        let gone = async {
            while stage.house.running.streams().iter().all(|stream| stream.call.as_str() != sid) {
                tokio::task::yield_now().await;
            }
            while stage.house.running.streams().iter().any(|stream| stream.call.as_str() == sid) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! { () = flood => {}, () = gone => {} }
    };
    let calls = tokio::time::timeout(crate::streams::LONG, meanwhile(&stage, never_heard)).await;
    assert!(calls.expect("it is given up") > 0);
    let to = with(fields(sid), &[("CallStatus", "in-progress"), ("To", SLOW)]);
    let answer = stage.house.post(&announced.action, &to).await;
    assert!(answer.body.contains("+15875550102"), "{}", answer.body);
}

/// A database that is taken away in the middle of a conversation, and given back.
enum Away {
    /// Somebody else holds the lock.
    Sqlite(rusqlite::Connection),
    /// The server does not run.
    Postgres(Cluster),
}

impl Away {
    fn take(&mut self) {
        match self {
            Self::Sqlite(other) => other.execute_batch("begin immediate").expect("the lock"),
            Self::Postgres(cluster) => cluster.order("stop"),
        }
    }

    fn give_back(&mut self) {
        match self {
            Self::Sqlite(other) => other.execute_batch("rollback").expect("the lock is free"),
            Self::Postgres(cluster) => cluster.order("start"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_in_a_conversation_is_not_noticed() {
    let sqlite = Database::sqlite();
    let other = rusqlite::Connection::open(sqlite.url.strip_prefix("sqlite://").expect("a path")).expect("the file");
    let postgres = Cluster::start().map(|cluster| {
        let database = Database::of(Db::open(&cluster.url).expect("a good URL")).at(&cluster.url);
        (database, Away::Postgres(cluster))
    });
    for (database, away) in [Some((sqlite, Away::Sqlite(other))), postgres].into_iter().flatten() {
        let away = Arc::new(Mutex::new(away));
        let taken = Arc::clone(&away);
        let agent = Agent::who(move |mut call: Conversation| {
            let taken = Arc::clone(&taken);
            async move {
                call.begin(json!({"speaks_first": true})).await;
                call.tone("u1", 440.0, 2_000).await;
                call.until("playing").await;
                tokio::task::block_in_place(|| taken.lock().unwrap().take());
                call.tool("t1", "transfer", json!({"to": "sales"})).await;
                call.listen_to_the_end().await;
            }
        })
        .await;
        let stage = Stage::on(database, &line(BRISK, &agent.rows())).await;
        let call = stage.call(BRISK, "3", Vec::new()).await;
        assert!(call.tone(440.0).abs_diff(2_000) <= EDGES, "{} {}", call.tone(440.0), call.story());
        assert!(call.next().0.contains("+15875550101"), "{}", call.story());
        assert!(call.next().1 < 1_000.0, "{}", call.story());
        assert!(call.0.went_through, "{}", call.story());
        tokio::task::block_in_place(|| away.lock().unwrap().give_back());
        let sql = "select count(*) from call_events where kind = 'talk' and decision like '%through to sales%'";
        let stored = async { while stage.database.count(sql).await == 0 {} };
        tokio::time::timeout(crate::streams::LONG, stored).await.expect("it is stored in the end");
        assert_eq!(stage.database.count("select count(*) from call_events where kind = 'talk'").await, 1);
    }
}
