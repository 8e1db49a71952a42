//! Load: counts add up, and what goes wrong is named.

use crate::simulator_stand::{Stand, carrier};
use std::time::Duration;
use switchboard::simulator::{Load, Mix, Pace};

const MENU: &str = "<Gather action=\"/twilio/dtmf?v=1\" numDigits=\"1\"><Say>Press 1 for sales, 9 for a message.</Say></Gather><Hangup/>";

async fn run(stand: &Stand, mix: &str, pace: Pace) -> switchboard::simulator::LoadReport {
    let carrier = carrier(&stand.open().await, |_| {});
    let load = Load::new(carrier, Mix::parse(mix).unwrap(), "+15875550100".to_owned(), 1);
    let report = load.run(pace, Duration::from_millis(300)).await;
    assert_eq!(load.progress().calls, report.calls);
    report
}

#[tokio::test]
async fn every_webhook_is_counted_under_its_route() {
    let stand = Stand::new().twiml("/twilio/voice", MENU).twiml("/twilio/dtmf", "<Dial>+15875550101</Dial>");
    let report = run(&stand, "dial=1", Pace::Callers(4)).await;
    let counts: Vec<_> = report.routes.iter().map(|route| (route.route.as_str(), route.count)).collect();
    assert_eq!(
        counts,
        [("/twilio/dtmf", report.calls), ("/twilio/status", report.calls), ("/twilio/voice", report.calls)]
    );
    assert_eq!(report.requests, stand.seen().len() as u64);
    assert!(report.is_clean() && report.calls > 4);
    assert!(report.routes.iter().all(|route| route.p50_ms > 0.0 && route.p50_ms <= route.max_ms));
}

#[tokio::test]
async fn errors_are_counted_by_code_and_spoil_the_result() {
    let stand = Stand::new().answer("/twilio/voice", 503, "text/plain", "").twiml("/twilio/fallback", "<Reject/>");
    let report = run(&stand, "hang-up=1", Pace::Callers(2)).await;
    assert!(!report.is_clean());
    assert_eq!((report.calls_failed, report.errors[0].code), (report.calls, 11200));
    assert_eq!(report.ended.get("rejected"), Some(&report.calls));
    let voice = report.routes.iter().find(|route| route.route == "/twilio/voice").unwrap();
    assert_eq!(voice.statuses.get(&503), Some(&report.calls));
}

#[tokio::test]
async fn a_rate_is_kept_and_what_does_not_fit_is_left_out() {
    let stand = Stand::new().twiml("/twilio/voice", "<Hangup/>");
    let report = run(&stand, "hang-up=1", Pace::Rate { per_second: 100.0, at_most: 50 }).await;
    assert_eq!(report.calls + report.skipped, 30);
    let none = run(&stand, "hang-up=1", Pace::Rate { per_second: 100.0, at_most: 0 }).await;
    assert_eq!((none.calls, none.skipped, none.is_clean()), (0, 30, false));
}
