//! A flood: everybody is counted as what happened to them.

use crate::simulator_stand::{ACCOUNT, PUBLIC, Stand, TOKEN};
use std::time::Duration;
use switchboard::base::Secret;
use switchboard::simulator::{Flood, FloodPlan, FloodReport, Target};

const MENU: &str = "<Gather action=\"/twilio/dtmf?v=1\" numDigits=\"1\"><Say>Press 2.</Say></Gather><Hangup/>";

/// 50 calls in a quarter of a second.
async fn flood(stand: &Stand) -> FloodReport {
    let time = Duration::from_millis(250);
    let plan = FloodPlan { times: 2.0, sustained: Some(100.0), time, connections: 100, fresh: false };
    let target = Target::new(&stand.open().await, Some(PUBLIC)).expect("addresses");
    let flood = Flood::new(&target, (ACCOUNT, Secret::new(TOKEN)), "+15875550100", plan).expect("an address");
    flood.run(plan).await
}

fn answers(report: &FloodReport) -> Vec<u64> {
    report.classes.iter().map(|class| class.answers).collect()
}

#[tokio::test]
async fn calls_that_are_let_in_go_on_and_so_do_those_from_before() {
    let stand = Stand::new().twiml("/twilio/voice", MENU).twiml("/twilio/dtmf", "<Dial>+15875550101</Dial>");
    let report = flood(&stand).await;
    assert_eq!((report.placed, answers(&report)), (50, vec![50, 0, 100, 24, 0]));
    assert!((report.offered - 200.0).abs() < f64::EPSILON);
    assert!(stand.seen().len() > 174, "and those by which it was measured");
}

#[tokio::test]
async fn calls_that_are_turned_away_end_and_are_no_error() {
    let stand = Stand::new().twiml("/twilio/voice", "<Reject reason=\"busy\"/>");
    assert_eq!(answers(&flood(&stand).await), [0, 50, 0, 0, 50]);
}

#[tokio::test]
async fn a_server_error_spoils_the_result() {
    let stand = Stand::new().answer("/twilio/voice", 503, "text/plain", "");
    let report = flood(&stand).await;
    assert_eq!((report.classes[0].server_errors, report.is_clean()), (50, false));
}
