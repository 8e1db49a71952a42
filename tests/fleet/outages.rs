//! Days on which the database or the disk is away: what was answered meanwhile is in the spool, and is stored later.

use super::Cluster;
use super::days::{Case, FAULTS, MACHINE, with_operators};
use super::instance::Fleet;
use super::run::Day;
use crate::checker::Demands;
use crate::support::Database;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use switchboard::db::Db;

/// Trouble of a database for the time that a caller can bear, and longer than that.
fn away_for(cluster: &Arc<Cluster>, mode: &'static str, time: Duration) -> impl Future<Output = ()> {
    let cluster = Arc::clone(cluster);
    async move { tokio::task::spawn_blocking(move || cluster.away(mode, time)).await.expect("no panic") }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_goes_and_comes_back_costs_nothing() {
    let machine = MACHINE.lock().await;
    let Some(cluster) = Cluster::start().map(Arc::new) else { return };
    // A contradiction that the other instance stores first would be believed: the spool is not asked who was first.
    let day = Day { seed: Day::of(0).seed + 2, contradicts: false, ..Day::of(400) };
    let fleet = Fleet::with_carrier(2, &cluster.url(), (day.seed, FAULTS)).await;
    let outage = async |over| match over {
        _ if over == day.calls / 4 => away_for(&cluster, "fast", Duration::from_secs(1)).await,
        _ if over == day.calls / 2 => away_for(&cluster, "immediate", Duration::from_secs(4)).await,
        _ => {}
    };
    let (outcome, books) = with_operators((day, &fleet), machine, outage).await;
    let db = Db::open(&cluster.url()).expect("a good URL");
    // Two instances that decide alone, each on its side of the outage, may say different words; and what one has in its
    // spool is stored after what the other stores.
    let demands = Demands { same_answers: false, in_order: false, ..Demands::ALL };
    let title = "two instances, Postgres stopped and started";
    Case { title, day, fleet: &fleet, db: &db, demands }.judge(&outcome, Some(&books)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_nothing_once_there_is_room_again() {
    let _machine = MACHINE.lock().await;
    let database = Database::sqlite();
    let day = Day { seed: Day::of(0).seed + 3, ..Day::of(300) };
    let fleet = Fleet::with_carrier(1, &database.url, (day.seed, FAULTS)).await;
    let path = database.url.trim_start_matches("sqlite://").to_owned();
    // The database is larger than that already, and so cannot grow; the log beside it and the spool can, for a while.
    let full = async |over| match over {
        _ if over == day.calls / 2 => {
            let size = std::fs::metadata(&path).expect("the database").len();
            fleet.limit_disks(&(size.min(2 << 20)).to_string());
        }
        _ if over == day.calls * 3 / 4 => fleet.limit_disks("unlimited"),
        _ => {}
    };
    let outcome = day.run(&fleet, full).await;
    let demands = Demands { same_answers: false, ..Demands::ALL };
    let case = Case { title: "one instance, SQLite, full disk", day, fleet: &fleet, db: &database.db, demands };
    case.judge(&outcome, None).await;
}

/// What the house promises its users, as long as CHAOS_THREE_S says (`just three`: a minute).
#[tokio::test(flavor = "multi_thread")]
async fn three_instances_under_load_while_one_after_the_other_dies_and_postgres_restarts() {
    let _machine = MACHINE.lock().await;
    let Some(cluster) = Cluster::start().map(Arc::new) else { return };
    let fleet = Arc::new(Fleet::start(3, &cluster.url()));
    let seconds = std::env::var("CHAOS_THREE_S").ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    let at_most = Duration::from_secs(seconds);
    let day = Day { calls: u64::MAX, at_most, is_chaotic: false, ..Day::of(0) };
    let trouble = async {
        for tick in 1..12 {
            tokio::time::sleep(at_most / 12).await;
            let fleet = Arc::clone(&fleet);
            match tick {
                6 => away_for(&cluster, "fast", Duration::ZERO).await,
                odd if odd % 2 == 1 => {
                    let kill = tokio::task::spawn_blocking(move || fleet.kill_and_start(odd / 2));
                    kill.await.expect("no panic");
                }
                _ => {}
            }
        }
    };
    let (outcome, ()) = tokio::join!(day.run(&fleet, async |_| {}), trouble);
    let db = Db::open(&cluster.url()).expect("a good URL");
    let demands = Demands { same_answers: false, in_order: false, ..Demands::ALL };
    let title = "three instances, kills and a restart";
    Case { title, day, fleet: &fleet, db: &db, demands }.judge(&outcome, None).await;
}
