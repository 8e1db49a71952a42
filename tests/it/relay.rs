//! Work that one instance does at a time, and the numbering of the outbox, on both engines.

use crate::support::Database;
use chrono::{TimeDelta, TimeZone, Utc};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::{Meters, Time};
use switchboard::db::Db;
use switchboard::ledger::{Relay, Turn};

fn noon() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).single().expect("an instant")
}

fn at(seconds: i64) -> Time {
    noon() + TimeDelta::milliseconds(seconds * 1000)
}

const TEN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_lease_is_held_by_one_at_a_time() {
    for database in Database::each().await {
        database.db.migrate().await.expect("migrated");
        let db = &database.db;
        let lease = async |name, holder, now| db.lease(name, holder, now, TEN).await.expect("an answer");
        assert!(lease("relay", "a", at(0)).await, "it was free");
        assert!(!lease("relay", "b", at(1)).await, "a has it");
        assert!(lease("saga:tx_1", "b", at(1)).await, "another piece of work");
        assert!(lease("relay", "a", at(9)).await, "a renews it");
        assert!(!lease("relay", "b", at(18)).await, "the renewal counts");
        assert!(lease("relay", "b", at(19)).await, "it ran out");
        assert!(!lease("relay", "a", at(19)).await, "and has another holder now");
    }
}

#[tokio::test]
async fn a_lease_that_is_given_back_is_free_at_once() {
    for database in Database::each().await {
        database.db.migrate().await.expect("migrated");
        let db = &database.db;
        assert!(db.lease("relay", "a", at(0), TEN).await.expect("an answer"));
        db.release("relay", "b").await.expect("nothing happens");
        assert!(!db.lease("relay", "b", at(1), TEN).await.expect("an answer"), "it was not b's to give");
        db.release("relay", "a").await.expect("given back");
        assert!(db.lease("relay", "b", at(1), TEN).await.expect("an answer"));
    }
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_gets_it() {
    for database in Database::each().await {
        database.db.migrate().await.expect("migrated");
        let asking = (0..16).map(|holder| {
            let db = database.db.clone();
            tokio::spawn(async move { db.lease("relay", &format!("h{holder}"), at(0), TEN).await.expect("an answer") })
        });
        let mut holders = 0;
        for asked in asking.collect::<Vec<_>>() {
            holders += usize::from(asked.await.expect("it ran"));
        }
        assert_eq!(holders, 1);
    }
}

#[tokio::test]
async fn a_lease_that_ran_out_long_ago_leaves_no_row() {
    for database in Database::each().await {
        database.db.migrate().await.expect("migrated");
        let db = &database.db;
        for (name, now) in [("old", at(0)), ("new", at(80_000))] {
            assert!(db.lease(name, "a", now, TEN).await.expect("an answer"));
        }
        assert_eq!(db.forget_leases(at(90_000)).await.expect("swept"), 1);
        assert_eq!(database.rows("leases").await, 1);
    }
}

fn relay(database: &Database, holder: &str) -> Relay {
    Relay::new(database.db.clone(), holder.into(), Arc::new(Meters::silent()))
}

const INSERT: &str = "insert into events (id, type, subject, payload, at) values ($1, 'call.started', $2, '{}', $3)";

/// Writes and commits events of one call.
async fn write(database: &Database, subject: &str, count: usize) {
    for nth in 0..count {
        let id = format!("evt_{subject}_{nth}");
        match &database.db {
            Db::Sqlite(engine) => {
                let query = sqlx::query(INSERT).bind(id).bind(subject).bind(noon());
                query.execute(&engine.write).await.expect("written");
            }
            Db::Postgres(engine) => {
                let query = sqlx::query(INSERT).bind(id).bind(subject).bind(noon());
                query.execute(&engine.rest).await.expect("written");
            }
        }
    }
}

/// Ids and numbers of all events, by place.
async fn numbers(database: &Database) -> Vec<(String, Option<i64>)> {
    const ALL: &str = "select id, seq from events order by place";
    match &database.db {
        Db::Sqlite(engine) => sqlx::query_as(ALL).fetch_all(&engine.read).await.expect("rows"),
        Db::Postgres(engine) => sqlx::query_as(ALL).fetch_all(&engine.rest).await.expect("rows"),
    }
}

/// Steps until nothing waits; gives how many were numbered.
async fn drain(relay: &mut Relay, now: Time) -> usize {
    let mut sum = 0;
    // Numbering is done at the first idle step; the second lets the floor rise.
    for _ in 0..100 {
        match relay.step(now).await.expect("a step") {
            Turn::Numbered { events, .. } => sum += events,
            Turn::Idle => return sum,
            Turn::Elsewhere => panic!("this relay should have the lease"),
        }
    }
    panic!("it never came to an end");
}

#[tokio::test]
async fn events_get_rising_numbers_without_gaps_slice_by_slice() {
    for database in Database::each().await {
        database.db.migrate().await.expect("migrated");
        let mut relay = relay(&database, "a");
        let mut told = relay.numbered();
        assert_eq!(relay.step(at(0)).await.expect("a step"), Turn::Idle);
        write(&database, "one", 3).await;
        assert_eq!(relay.step(at(0)).await.expect("a step"), Turn::Numbered { events: 3, more: false });
        assert_eq!(*told.borrow_and_update(), 3);
        write(&database, "two", 700).await;
        assert_eq!(relay.step(at(0)).await.expect("a step"), Turn::Numbered { events: 500, more: true });
        assert_eq!(relay.step(at(0)).await.expect("a step"), Turn::Numbered { events: 200, more: false });
        assert_eq!(relay.step(at(0)).await.expect("a step"), Turn::Idle);
        let seqs: Vec<Option<i64>> = numbers(&database).await.into_iter().map(|(_, seq)| seq).collect();
        assert_eq!(seqs, (1..=703).map(Some).collect::<Vec<_>>());
        assert!(told.has_changed().expect("it lives") && *told.borrow() == 703);
    }
}

#[tokio::test]
async fn a_number_is_never_given_again() {
    for database in Database::each().await {
        database.db.migrate().await.expect("migrated");
        write(&database, "one", 2).await;
        drain(&mut relay(&database, "a"), at(0)).await;
        match &database.db {
            Db::Sqlite(engine) => drop(sqlx::query("delete from events").execute(&engine.write).await.expect("gone")),
            Db::Postgres(engine) => drop(sqlx::query("delete from events").execute(&engine.rest).await.expect("gone")),
        }
        write(&database, "two", 1).await;
        // Another instance, or the same after a restart.
        drain(&mut relay(&database, "b"), at(60)).await;
        assert_eq!(numbers(&database).await, [("evt_two_0".to_owned(), Some(3))]);
    }
}

#[tokio::test]
async fn another_instance_takes_over_and_two_at_once_do_no_harm() {
    let Some(database) = Database::postgres().await else { return };
    database.db.migrate().await.expect("migrated");
    let (mut a, mut b) = (relay(&database, "a"), relay(&database, "b"));
    write(&database, "one", 2).await;
    assert_eq!(drain(&mut a, at(0)).await, 2);
    write(&database, "two", 2).await;
    let told = b.numbered();
    assert_eq!(b.step(at(2)).await.expect("a step"), Turn::Elsewhere);
    assert_eq!(*told.borrow(), 2, "whoever does not number still learns how far the other one is");
    // a is silent for three seconds.
    assert_eq!(drain(&mut b, at(4)).await, 2);
    write(&database, "three", 2).await;
    // a wakes and believes, by its own clock, that the lease is still its own.
    assert_eq!(a.step(at(0)).await.expect("a step"), Turn::Numbered { events: 2, more: false });
    write(&database, "four", 2).await;
    assert_eq!(drain(&mut b, at(4)).await, 2);
    assert_eq!(a.step(at(4)).await.expect("a step"), Turn::Elsewhere);
    let seqs: Vec<Option<i64>> = numbers(&database).await.into_iter().map(|(_, seq)| seq).collect();
    assert_eq!(seqs, (1..=8).map(Some).collect::<Vec<_>>());
    b.release().await.expect("given back");
    assert_eq!(a.step(at(4)).await.expect("a step"), Turn::Idle, "a stop hands over at once");
}

#[tokio::test]
async fn other_instances_hear_of_numbers_at_once() {
    let Some(database) = Database::postgres().await else { return };
    database.db.migrate().await.expect("migrated");
    let other = relay(&database, "b");
    let (mut ear, mut told) = (other.ear(), other.numbered());
    let (mut ready, heard) = (database.db.listen("switchboard_events").await.expect("connected").expect("Postgres"), {
        tokio::spawn(async move { ear.hear().await })
    });
    let mut a = relay(&database, "a");
    // The ear may still be connecting: numbers go on until it hears one.
    for nth in 0.. {
        write(&database, &format!("n{nth}"), 1).await;
        drain(&mut a, at(0)).await;
        ready.next().await.expect("a notice");
        if heard.is_finished() {
            break;
        }
    }
    assert!(heard.await.expect("it ran").expect("it heard"));
    assert!(told.has_changed().expect("it lives") && *told.borrow_and_update() > 0);
}

#[tokio::test]
async fn on_sqlite_there_is_nobody_to_hear() {
    let database = Database::sqlite();
    database.db.migrate().await.expect("migrated");
    assert!(!relay(&database, "a").ear().hear().await.expect("an answer"));
}

#[tokio::test]
async fn what_commits_late_is_found() {
    let Some(database) = Database::postgres().await else { return };
    database.db.migrate().await.expect("migrated");
    let mut late = PgConnection::connect(&database.url).await.expect("connected");
    let mut transaction = late.begin().await.expect("begun");
    let insert = sqlx::query(INSERT).bind("evt_late").bind("late").bind(noon());
    insert.execute(&mut *transaction).await.expect("inserted");
    let mut relay = relay(&database, "a");
    for round in 0..5 {
        write(&database, &format!("early{round}"), 1).await;
        assert_eq!(drain(&mut relay, at(0)).await, 1);
    }
    assert_eq!(database.count("select place from relay").await, 1, "the floor waits for the late one");
    transaction.commit().await.expect("committed");
    assert_eq!(drain(&mut relay, at(0)).await, 1);
    let numbers = numbers(&database).await;
    assert_eq!(numbers[0], ("evt_late".to_owned(), Some(6)));
    drain(&mut relay, at(0)).await;
    write(&database, "after", 1).await;
    drain(&mut relay, at(0)).await;
    assert_eq!(database.count("select place from relay").await, 7, "and rises when it has come");
}

/// One move of a history.
#[derive(Clone, Copy, Debug)]
enum Move {
    /// A writer inserts an event, in a transaction that it begins if need be.
    Insert(usize),
    Commit(usize),
    RollBack(usize),
    /// One of two relays steps; time goes on by so many seconds, so the lease goes to and fro.
    Step(usize, i64),
}

const WRITERS: usize = 4;

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        5 => (0..WRITERS).prop_map(Move::Insert),
        3 => (0..WRITERS).prop_map(Move::Commit),
        1 => (0..WRITERS).prop_map(Move::RollBack),
        6 => (0..2usize, 0..3i64).prop_map(|(relay, seconds)| Move::Step(relay, seconds)),
    ];
    proptest::collection::vec(one, 60..120)
}

/// However transactions of several writers overlap with the looks of two relays: every committed event gets a number,
/// once, without a gap, and those of one call in the order in which they were written.
#[tokio::test]
async fn no_history_loses_an_event_or_turns_a_call_around() {
    let Some(database) = Database::postgres().await else { return };
    database.db.migrate().await.expect("migrated");
    let mut runner = TestRunner::deterministic();
    for history in 0..24 {
        let moves = moves().new_tree(&mut runner).expect("moves").current();
        play(&database, history, &moves).await;
        let numbers = numbers(&database).await;
        let mut seqs: Vec<i64> =
            numbers.iter().map(|(id, seq)| seq.unwrap_or_else(|| panic!("{id} has none"))).collect();
        for writer in 0..WRITERS {
            let own = format!("_{history}_{writer}_");
            let own: Vec<Option<i64>> =
                numbers.iter().filter(|(id, _)| id.contains(&own)).map(|(_, seq)| *seq).collect();
            assert!(own.is_sorted(), "{moves:?}");
        }
        seqs.sort_unstable();
        assert_eq!(seqs, (1..).take(seqs.len()).collect::<Vec<i64>>(), "{moves:?}");
    }
}

async fn play(database: &Database, history: i64, moves: &[Move]) {
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        writers.push((PgConnection::connect(&database.url).await.expect("connected"), false));
    }
    let mut relays = [relay(database, "a"), relay(database, "b")];
    let mut now = at(history * 1000);
    for (nth, one) in moves.iter().enumerate() {
        match *one {
            Move::Insert(writer) => {
                let (connection, open) = &mut writers[writer];
                if !*open {
                    sqlx::query("begin").execute(&mut *connection).await.expect("begun");
                    *open = true;
                }
                let id = format!("evt_{history}_{writer}_{nth}");
                let insert = sqlx::query(INSERT).bind(id).bind(writer.to_string()).bind(now);
                insert.execute(connection).await.expect("inserted");
            }
            Move::Commit(writer) => end(&mut writers[writer], "commit").await,
            Move::RollBack(writer) => end(&mut writers[writer], "rollback").await,
            Move::Step(relay, seconds) => {
                now += TimeDelta::seconds(seconds);
                relays[relay].step(now).await.expect("a step");
            }
        }
    }
    for writer in &mut writers {
        end(writer, "commit").await;
    }
    now += TimeDelta::seconds(10);
    drain(&mut relays[0], now).await;
    relays[0].release().await.expect("given back");
}

async fn end((connection, open): &mut (PgConnection, bool), how: &'static str) {
    if std::mem::take(open) {
        sqlx::query(how).execute(connection).await.expect("ended");
    }
}
