//! The days themselves.

use super::Cluster;
use super::instance::Fleet;
use super::run::{Day, Outcome};
use super::shrink::shrink;
use crate::checker::{Demands, Rows, check};
use crate::support::Database;
use std::sync::Arc;
use std::time::{Duration, Instant};
use switchboard::db::Db;
use tokio::sync::Mutex;

/// Calls of all days together, unless CHAOS_CALLS says otherwise.
pub(crate) const CALLS: u64 = 2000;

/// One day at a time: each wants the whole machine.
pub(super) static MACHINE: Mutex<()> = Mutex::const_new(());

/// Stops the fleet, so that all it knows is in the database, and judges.
pub(super) async fn judge(title: &str, day: Day, outcome: &Outcome, (fleet, db): (&Fleet, &Db), demands: Demands) {
    fleet.settle().await;
    numbered(db).await;
    fleet.stop();
    let rows = Rows::read(db).await;
    let found = check(&outcome.truth, &rows, demands);
    println!("{title}: {}", outcome.summary(&rows, &found));
    let first = found.iter().find_map(|violation| violation.call);
    let shrunk = match first.filter(|_| day.is_chaotic) {
        Some(call) => shrink(day.seed, call).await,
        None => String::new(),
    };
    day.fail(title, &found, &shrunk);
}

/// Waits for the relay: its lease outlives the instance that held it by a few seconds. Whether it came, the rules say.
async fn numbered(db: &Db) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Rows::unnumbered(db).await > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// kill -9, and a new start, of one instance after the other.
fn killed_every(fleet: &Arc<Fleet>, calls: u64) -> impl AsyncFn(u64) {
    async move |over| {
        if over % calls == 0 {
            let (fleet, number) = (Arc::clone(fleet), usize::try_from(over / calls).unwrap_or_default());
            let kill = tokio::task::spawn_blocking(move || fleet.kill_and_start(number));
            kill.await.expect("no panic");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_day_of_the_carrier_loses_and_doubles_nothing() {
    let _machine = MACHINE.lock().await;
    let database = Database::sqlite();
    let fleet = Arc::new(Fleet::start(1, &database.url));
    let day = Day::of(600);
    let outcome = day.run(&fleet, async |_| {}).await;
    judge("one instance, SQLite", day, &outcome, (&fleet, &database.db), Demands::ALL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_instance_is_killed_and_comes_back() {
    let _machine = MACHINE.lock().await;
    let database = Database::sqlite();
    let fleet = Arc::new(Fleet::start(1, &database.url));
    let day = Day::of(400);
    let outcome = day.run(&fleet, killed_every(&fleet, 100)).await;
    // Nobody can answer while the only instance is gone.
    let demands = Demands { always_answered: false, ..Demands::ALL };
    judge("one instance, SQLite, kill -9", day, &outcome, (&fleet, &database.db), demands).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_instances_share_a_postgres_and_are_killed_in_turn() {
    let _machine = MACHINE.lock().await;
    let Some(cluster) = Cluster::start() else { return };
    let fleet = Arc::new(Fleet::start(3, &cluster.url()));
    let day = Day { seed: Day::of(0).seed + 1, ..Day::of(1000) };
    let outcome = day.run(&fleet, killed_every(&fleet, 150)).await;
    let db = Db::open(&cluster.url()).expect("a good URL");
    judge("three instances, Postgres, kill -9", day, &outcome, (&fleet, &db), Demands::ALL).await;
}
