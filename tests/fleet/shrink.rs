//! A call that went wrong, placed again with fewer and fewer accidents until only those are left that matter.

use super::instance::Fleet;
use crate::checker::{Demands, Rows, Truth, check};
use crate::support::Database;
use switchboard::simulator::{CallPlan, Load, Mix, Schedule};

/// Which accidents of a call matter, in words.
pub(crate) async fn shrink(seed: u64, call: u64) -> String {
    let database = Database::sqlite();
    let fleet = Fleet::start(1, &database.url);
    let mut replay = Replay { database: &database, fleet: &fleet, seed, call, attempts: 0 };
    let mut left = Schedule::of(seed, call);
    if !replay.fails(&left).await {
        return format!("call {call} alone does not fail: it takes other calls, several instances, or a kill");
    }
    let mut number = 0;
    while number < left.planned().len() {
        let fewer = left.only(|each| each != number);
        if replay.fails(&fewer).await {
            left = fewer;
        } else {
            number += 1;
        }
    }
    format!("shrunk: switchboard load --chaos {seed} --only {call} --accidents '{left}'")
}

struct Replay<'a> {
    database: &'a Database,
    fleet: &'a Fleet,
    seed: u64,
    call: u64,
    attempts: u128,
}

impl Replay<'_> {
    async fn fails(&mut self, schedule: &Schedule) -> bool {
        self.attempts += 1;
        let load = Load::chaotic(self.fleet.carrier(), Mix::everybody(), "+15875550100".to_owned(), self.seed);
        let plan = load.plan(self.call);
        // SIDs of its own, or the house would take it for the call before.
        let plan = CallPlan { seed: plan.seed + (self.attempts << 120), chaos: Some(schedule.clone()), ..plan };
        let report = load.carrier().place(plan, |_| {}).await;
        self.fleet.settle().await;
        let rows = Rows::read(&self.database.db).await;
        check(&[Truth { call: self.call, report }], &rows, Demands::ALL).iter().any(|found| found.call.is_some())
    }
}
