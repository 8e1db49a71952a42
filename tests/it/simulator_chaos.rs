//! The carrier's bad day: each accident is what it says, and all of them follow from seed and call.

use crate::simulator_stand::{Seen, Stand, carrier, keys, plan};
use switchboard::simulator::{CallPlan, Fate, Load, Mix, Pace, Report, Schedule, Script};

const VOICE: &str = "/twilio/voice";
const STATUS: &str = "/twilio/status";
const FALLBACK: &str = "/twilio/fallback";

fn stand() -> Stand {
    Stand::new().twiml(VOICE, "<Say>Hello.</Say><Hangup/>").twiml(FALLBACK, "<Say>Sorry.</Say>")
}

async fn call(stand: &Stand, accidents: &str, script: Script) -> Report {
    let chaos = Some(accidents.parse::<Schedule>().unwrap());
    carrier(&stand.open().await, |_| {}).place(CallPlan { chaos, ..plan(script) }, |_| {}).await
}

fn fates(report: &Report) -> Vec<Fate> {
    report.sent.iter().map(|sent| sent.fate).collect()
}

fn heard(report: &Report) -> String {
    report.heard().collect::<Vec<_>>().join(" ")
}

fn statuses(seen: &[Seen]) -> Vec<String> {
    seen.iter().filter_map(|seen| seen.field("CallStatus")).collect()
}

#[tokio::test]
async fn twice_at_once_and_again_later_are_the_same_bytes() {
    for accidents in ["d0:twice", "d0:again=90000"] {
        let stand = stand();
        let report = call(&stand, accidents, Script::default()).await;
        let seen = stand.seen_at(VOICE);
        assert_eq!((seen.len(), &seen[0].body), (2, &seen[1].body), "{accidents}");
        let token = "i-twilio-idempotency-token";
        assert_eq!(seen[0].header(token), seen[1].header(token));
        let copies: Vec<_> = report.sent.iter().filter_map(|sent| sent.copy_of).collect();
        assert_eq!(copies, [0], "{accidents}");
        assert!(report.went_through && heard(&report) == "Hello.");
    }
}

#[tokio::test]
async fn a_copy_that_hears_something_else_is_an_error() {
    let stand = stand().twiml(VOICE, "<Say>Goodbye.</Say>");
    let report = call(&stand, "d0:again=5", Script::default()).await;
    assert!(report.errors[0].text.contains("answered differently") && !report.went_through);
}

#[tokio::test]
async fn a_cut_connection_leads_to_the_fallback_url() {
    let (stand1, stand2) = (stand(), stand());
    let report = call(&stand1, "d0:cut-answer", Script::default()).await;
    assert_eq!((heard(&report).as_str(), report.went_through), ("Sorry.", true), "it was meant to fail");
    assert_eq!(fates(&report)[0], Fate::Unanswered);
    assert_eq!(stand1.seen_at(VOICE).len(), 1, "it was processed");
    let report = call(&stand2, "d0:cut-sending,d1:cut-answer", Script::default()).await;
    assert_eq!(heard(&report), "Sorry.", "the fallback itself is never cut");
    assert_eq!(fates(&report)[0], Fate::NeverSent);
    assert_eq!(stand2.seen_at(VOICE).len(), 0, "half a request is none");
}

#[tokio::test]
async fn a_slow_body_is_whole_in_the_end() {
    let stand = stand();
    let report = call(&stand, "d0:slow-body", Script::default()).await;
    assert_eq!((heard(&report).as_str(), stand.seen_at(VOICE).len()), ("Hello.", 1));
    assert_eq!(stand.seen_at(VOICE)[0].field("CallSid"), Some(report.call_sid));
}

#[tokio::test]
async fn reports_are_lost_contradicted_and_late() {
    let stand1 = stand();
    let report = call(&stand1, "r0:lost", Script::default()).await;
    assert_eq!((stand1.seen_at(STATUS).len(), fates(&report)[1]), (0, Fate::NeverSent));
    let stand2 = stand();
    let report = call(&stand2, "r0:contradicted", Script::default()).await;
    assert_eq!(statuses(&stand2.seen_at(STATUS)), ["completed", "busy"]);
    assert_eq!(report.sent.iter().map(|sent| sent.is_false).collect::<Vec<_>>(), [false, false, true]);
    let record = "<Record action=\"/done\" recordingStatusCallback=\"/rec\" recordingStatusCallbackEvent=\"in-progress completed\"/>";
    let stand3 = Stand::new().twiml(VOICE, record);
    call(&stand3, "r0:late=60000", Script::default()).await;
    let events: Vec<_> = stand3.seen_at("/rec").iter().filter_map(|seen| seen.field("RecordingStatus")).collect();
    assert_eq!(events, ["completed", "in-progress"], "late reports are overtaken");
}

#[tokio::test]
async fn a_clock_can_be_wrong_and_a_caller_can_go_at_any_moment() {
    let stand = stand();
    call(&stand, "call:skew=-3600", Script::default()).await;
    assert!(stand.seen_at(STATUS)[0].field("Timestamp").unwrap().contains("20 Nov 2026 15:00:0"));
    let stand = Stand::new().twiml(VOICE, "<Pause length=\"60\"/>");
    let report = call(&stand, "call:hang-up=12500", Script::default()).await;
    assert_eq!((report.ended, report.duration_s), ("the caller hung up", 12));
}

/// The whole of a call, as far as it does not depend on how fast this machine is.
async fn day(seed: u64) -> Vec<String> {
    let stand = Stand::new()
        .twiml(VOICE, "<Gather action=\"/keys\" numDigits=\"1\"/><Redirect>/keys</Redirect>")
        .twiml("/keys", "<Record action=\"/done\" recordingStatusCallback=\"/rec\"/>")
        .twiml(FALLBACK, "<Redirect>/keys</Redirect>")
        .twiml("/done", "<Hangup/>");
    let carrier = carrier(&stand.open().await, |_| {});
    let mut lines = Vec::new();
    for call in 0..40 {
        let chaos = Some(Schedule::of(seed, call));
        let report = carrier.place(CallPlan { chaos, seed: call.into(), ..plan(keys("1")) }, |_| {}).await;
        lines.extend(report.sent.iter().map(|sent| format!("{} {} {:?}", sent.at_ms, sent.url, sent.fields)));
        lines.push(format!("{} {}", report.status, heard(&report)));
    }
    lines
}

#[tokio::test]
async fn a_seed_is_the_same_day_again() {
    assert_eq!(day(11).await, day(11).await);
    assert_ne!(day(11).await, day(12).await);
}

#[tokio::test]
async fn a_chaotic_load_tells_what_each_caller_heard() {
    let stand = Stand::new().twiml(VOICE, "<Say>Hello.</Say><Hangup/>").answer(FALLBACK, 500, "text/plain", "");
    let carrier = carrier(&stand.open().await, |_| {});
    let load = Load::chaotic(carrier, Mix::everybody(), "+15875550100".to_owned(), 3);
    let pace = Pace::Calls { calls: 60, at_most: 8 };
    let report = load.run(pace, std::time::Duration::from_secs(60)).await;
    assert_eq!((report.calls, report.callers.len(), report.chaos), (60, 60, Some(3)));
    let left: Vec<_> = report.callers.iter().filter(|caller| caller.without_twiml).collect();
    assert_eq!(left.len() as u64, report.without_twiml);
    assert!(!left.is_empty() && left.iter().all(|caller| caller.accidents.contains("d0:cut")), "{left:?}");
    assert!(!report.is_clean());
    let text = switchboard::simulator::load_text(&report);
    assert!(text.contains(&format!("again: load --chaos 3 --only {}", left[0].call)), "{text}");
}
