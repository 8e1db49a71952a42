//! The days themselves.

use super::Cluster;
use super::instance::Fleet;
use super::operators::Operators;
use super::run::{Day, Outcome};
use super::shrink::shrink;
use crate::checker::{Books, Demands, Rows, check, check_audits, check_sagas};
use crate::support::Database;
use std::sync::Arc;
use std::time::{Duration, Instant};
use switchboard::db::Db;
use tokio::sync::{Mutex, MutexGuard};

/// Calls of all days together, unless CHAOS_CALLS says otherwise.
pub(crate) const CALLS: u64 = 2000;

/// One day at a time: each wants the whole machine.
pub(super) static MACHINE: Mutex<()> = Mutex::const_new(());

/// A share of the requests to the carrier's REST API that fail in one way or another.
pub(super) const FAULTS: f64 = 0.06;

/// A day, to be judged.
pub(super) struct Case<'a> {
    pub(super) title: &'static str,
    pub(super) day: Day,
    pub(super) fleet: &'a Fleet,
    pub(super) db: &'a Db,
    pub(super) demands: Demands,
}

impl Case<'_> {
    /// Stops the fleet, so that all it knows is in the database, and judges. `books`: of a day with operators.
    pub(super) async fn judge(self, outcome: &Outcome, books: Option<&Books>) {
        let Self { title, day, fleet, db, demands } = self;
        fleet.settle().await;
        until_none(async || Rows::unnumbered(db).await).await;
        if fleet.twin().is_some() {
            until_none(async || Rows::unchained(db).await).await;
        }
        fleet.stop();
        let rows = Rows::read(db).await;
        let mut found = check(&outcome.truth, &rows, demands);
        found.extend(books.into_iter().flat_map(|books| check_sagas(books, &rows)));
        if fleet.twin().is_some() {
            found.extend(check_audits(&[fleet.audit()], &rows));
        }
        println!("{title}: {}{}", outcome.summary(&rows, &found), business(&rows, books));
        let first = found.iter().find_map(|violation| violation.call);
        let shrunk = match first.filter(|_| day.is_chaotic) {
            Some(call) => shrink(day.seed, call).await,
            None => String::new(),
        };
        day.fail(title, &found, &shrunk);
    }
}

/// Waits for who works behind the calls: their leases outlive the instance that held them. Whether they came, the rules
/// say.
async fn until_none(count: impl AsyncFn() -> i64) {
    let deadline = Instant::now() + Duration::from_secs(45);
    while count().await > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What operators and the recorder did, in figures.
fn business(rows: &Rows, books: Option<&Books>) -> String {
    let stored = rows.recordings.iter().filter(|row| row.is_stored).count();
    let audio =
        format!("\n    {stored} of {} recordings stored, {} consents", rows.recordings.len(), rows.consents.len());
    let Some(books) = books else { return audio };
    let ended = |state: &str| rows.transactions.iter().filter(|row| row.state == state).count();
    format!(
        "{audio}\n    {} transactions: {} done, {} rolled back, {} others; {} numbers bought, {} paid for",
        rows.transactions.len(),
        ended("done"),
        ended("rolled_back"),
        rows.transactions.len() - ended("done") - ended("rolled_back"),
        books.purchases.len(),
        books.paid.len(),
    )
}

/// The calls of a day while operators are at work. Once the calls are over the next day may begin: what is left to wait
/// for are leases of those who were killed.
pub(super) async fn with_operators(
    (day, fleet): (Day, &Fleet),
    machine: MutexGuard<'static, ()>,
    meanwhile: impl AsyncFn(u64),
) -> (Outcome, Books) {
    let operators = Operators::of(fleet, day.seed);
    let calls = async {
        let outcome = day.run(fleet, meanwhile).await;
        drop(machine);
        operators.a_purchase_that_gets_stuck().await;
        outcome
    };
    let (outcome, ()) = tokio::join!(calls, operators.work());
    (outcome, operators.books())
}

/// kill -9, and a new start, of one instance after the other.
pub(super) fn killed_every(fleet: &Arc<Fleet>, calls: u64) -> impl AsyncFn(u64) {
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
    let day = Day::of(600);
    let fleet = Fleet::with_carrier(1, &database.url, (day.seed, FAULTS)).await;
    let outcome = day.run(&fleet, async |_| {}).await;
    let case = Case { title: "one instance, SQLite", day, fleet: &fleet, db: &database.db, demands: Demands::ALL };
    case.judge(&outcome, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_instance_is_killed_and_comes_back() {
    let machine = MACHINE.lock().await;
    let database = Database::sqlite();
    let day = Day::of(400);
    let fleet = Arc::new(Fleet::with_carrier(1, &database.url, (day.seed, FAULTS)).await);
    let (outcome, books) = with_operators((day, &fleet), machine, killed_every(&fleet, 100)).await;
    // Nobody can answer while the only instance is gone.
    let demands = Demands { always_answered: false, ..Demands::ALL };
    let case = Case { title: "one instance, SQLite, kill -9", day, fleet: &fleet, db: &database.db, demands };
    case.judge(&outcome, Some(&books)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_instances_share_a_postgres_and_are_killed_in_turn() {
    let machine = MACHINE.lock().await;
    let Some(cluster) = Cluster::start() else { return };
    let day = Day { seed: Day::of(0).seed + 1, ..Day::of(1000) };
    let fleet = Arc::new(Fleet::with_carrier(3, &cluster.url(), (day.seed, FAULTS)).await);
    let (outcome, books) = with_operators((day, &fleet), machine, killed_every(&fleet, 150)).await;
    let db = Db::open(&cluster.url()).expect("a good URL");
    let title = "three instances, Postgres, kill -9";
    // On a slow machine a deadline passes now and then: then one of them has a spool for a moment.
    let demands = Demands { in_order: false, ..Demands::ALL };
    Case { title, day, fleet: &fleet, db: &db, demands }.judge(&outcome, Some(&books)).await;
}
