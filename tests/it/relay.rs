//! Work that one instance does at a time, and the numbering of the outbox, on both engines.

use crate::support::Database;
use chrono::{TimeDelta, TimeZone, Utc};
use std::time::Duration;
use switchboard::base::Time;

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
