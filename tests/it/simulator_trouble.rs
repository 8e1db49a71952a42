//! What the simulator makes of answers that Twilio would not take, and of what it does not simulate itself.

use crate::simulator_stand::{Stand, carrier, codes, dials, keys, plan};
use proptest::prelude::*;
use switchboard::simulator::{Callee, Script};

const VOICE: &str = "/twilio/voice";
const STATUS: &str = "/twilio/status";

#[tokio::test]
async fn the_fallback_gets_the_same_fields_and_what_went_wrong() {
    let stand = Stand::new()
        .answer(VOICE, 500, "text/plain", "boom")
        .twiml("/twilio/fallback", "<Redirect>/next</Redirect>")
        .twiml("/next", "<Say>Saved.</Say>");
    let report = stand.call(Script::default()).await;
    let fallback = &stand.seen_at("/twilio/fallback")[0];
    assert_eq!(fallback.field("ErrorCode").as_deref(), Some("11200"));
    assert_eq!(fallback.field("ErrorUrl").as_deref(), Some("https://voice.example.net/twilio/voice"));
    assert_eq!(fallback.field("CallSid"), Some(report.call_sid.clone()));
    assert!(report.heard().eq(["Saved."]) && !report.went_through);
}

#[tokio::test]
async fn without_a_working_fallback_the_caller_hears_an_apology() {
    let stand = Stand::new().answer(VOICE, 200, "text/xml", "<Response><Say></Response>").answer(
        "/twilio/fallback",
        403,
        "text/xml",
        "",
    );
    let report = stand.call(Script::default()).await;
    assert_eq!((report.ended, codes(&report)), ("application error", vec![12100, 11200]));
    assert_eq!(stand.seen_at(STATUS)[0].field("CallStatus").as_deref(), Some("completed"));
}

#[tokio::test]
async fn a_connection_that_fails_is_tried_once_more() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let report = carrier(&address, |_| {}).place(plan(Script::default()), |_| {}).await;
    let first = report.steps.iter().find_map(|step| step.request.as_ref()).unwrap();
    assert_eq!((first.attempts, first.status), (2, None));
    assert_eq!(codes(&report), [11205, 11205, 11205]);
}

/// A carrier that calls this stand with such a voice URL.
async fn called_at(stand: &Stand, voice: &str) -> switchboard::simulator::Report {
    let carrier = carrier(&stand.open().await, |settings| settings.voice = voice.to_owned());
    carrier.place(plan(Script::default()), |_| {}).await
}

#[tokio::test]
async fn an_error_is_not_tried_again_unless_the_url_asks_for_it() {
    let broken_once = || Stand::new().answer(VOICE, 503, "text/plain", "").twiml(VOICE, "<Say>Here.</Say>");
    let stand = broken_once().twiml("/twilio/fallback", "<Say>Saved.</Say>");
    assert!(called_at(&stand, VOICE).await.heard().eq(["Saved."]));
    assert_eq!(stand.seen_at(VOICE).len(), 1);
    let stand = broken_once();
    let report = called_at(&stand, "/twilio/voice#rc=1&rp=5xx").await;
    assert!(report.went_through && report.heard().eq(["Here."]));
    let seen = stand.seen_at(VOICE);
    assert_eq!((seen.len(), seen[0].body == seen[1].body, seen[1].target.as_str()), (2, true, VOICE));
}

#[tokio::test]
async fn overrides_in_a_document_are_honoured_and_go_with_the_document() {
    let stand = Stand::new()
        .twiml(VOICE, "<Gather action=\"/keys#rc=2&amp;rp=4xx\" numDigits=\"1\"/>")
        .answer("/keys", 429, "text/plain", "")
        .answer("/keys", 429, "text/plain", "")
        .twiml("/keys", "<Redirect/>")
        .answer("/keys", 429, "text/plain", "")
        .twiml("/keys", "<Say>Done.</Say>");
    let report = stand.call(keys("1")).await;
    assert!(report.went_through && report.heard().eq(["Done."]), "{report:?}");
    assert_eq!(stand.seen_at("/keys").len(), 5);
}

#[tokio::test]
async fn a_report_has_no_fallback_and_its_answer_says_nothing() {
    let stand = Stand::new().twiml(VOICE, "<Hangup/>").answer(STATUS, 500, "text/xml", "<Response>");
    let report = stand.call(Script::default()).await;
    assert_eq!((codes(&report), stand.seen_at("/twilio/fallback").len()), (vec![11200], 0));
    let stand = Stand::new().twiml(VOICE, "<Hangup/>").answer(STATUS, 200, "text/plain", "not TwiML");
    assert!(stand.call(Script::default()).await.went_through);
}

#[tokio::test]
async fn silence_is_cut_short_by_the_read_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    // Accepts and never says a word.
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((socket, _)) = listener.accept().await {
            kept.push(socket);
        }
    });
    let change = |settings: &mut switchboard::simulator::CarrierSettings| {
        (settings.voice, settings.fallback, settings.status) =
            ("/twilio/voice#rt=100&rc=1&rp=rt".to_owned(), None, None);
    };
    let report = carrier(&address, change).place(plan(Script::default()), |_| {}).await;
    let request = report.steps.iter().find_map(|step| step.request.as_ref()).unwrap();
    assert_eq!((request.attempts, report.ended), (2, "application error"));
}

#[tokio::test]
async fn a_loop_without_end_is_cut_short() {
    let stand = Stand::new().twiml(VOICE, "<Redirect/>");
    let report = stand.call(Script::default()).await;
    assert_eq!(stand.seen_at(VOICE).len(), 200);
    assert!(report.ended.contains("loop") && !report.went_through);
}

#[tokio::test]
async fn redirects_by_http_are_followed_and_lose_the_digits() {
    let stand = Stand::new()
        .twiml(VOICE, "<Gather action=\"/moved\" numDigits=\"1\"/>")
        .answer("/moved", 302, "/new", "")
        .twiml("/new", "<Hangup/>");
    stand.call(keys("1")).await;
    let new = &stand.seen_at("/new")[0];
    assert_eq!((new.method.as_str(), new.field("Digits"), new.field("CallSid").is_some()), ("GET", None, true));
}

#[tokio::test]
async fn unknown_verbs_and_what_is_not_simulated_are_named_and_passed() {
    let stand = Stand::new().twiml(VOICE, "<say>x</say><Pay/><Dial><Conference>r</Conference></Dial><Say>On.</Say>");
    let report = stand.call(Script::default()).await;
    let warnings: Vec<_> = report.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(warnings, [12200, 0, 0]);
    assert!(report.went_through && report.heard().eq(["On."]));
}

#[tokio::test]
async fn plain_text_is_read_aloud() {
    let stand = Stand::new().answer(VOICE, 200, "text/plain", "We are closed.");
    assert!(stand.call(Script::default()).await.heard().eq(["We are closed."]));
}

#[tokio::test]
async fn a_document_that_leads_elsewhere_is_not_followed_by_default() {
    let stand = Stand::new().twiml(VOICE, "<Redirect>http://elsewhere.example/</Redirect>");
    let report = stand.call(Script::default()).await;
    assert!(report.errors[0].text.contains("elsewhere.example is not the host under test"));
}

#[tokio::test]
async fn two_deliveries_of_one_webhook_must_be_answered_alike() {
    let stand = Stand::new().twiml(VOICE, "<Say>One.</Say>").twiml(VOICE, "<Say>Two.</Say>");
    let address = stand.open().await;
    let mut twice = plan(Script::default());
    twice.twice = true;
    let report = carrier(&address, |_| {}).place(twice, |_| {}).await;
    let voice = stand.seen_at(VOICE);
    assert_eq!((voice.len(), &voice[0].body), (2, &voice[1].body));
    assert_eq!(voice[0].header("i-twilio-idempotency-token"), voice[1].header("i-twilio-idempotency-token"));
    assert!(!report.went_through && report.errors[0].text.contains("answered differently"));
}

#[tokio::test]
async fn what_a_dial_would_do_besides_is_named() {
    let stand = Stand::new().twiml(
        VOICE,
        "<Dial hangupOnStar=\"true\"><Number sendDigits=\"ww5\" machineDetection=\"Enable\">+15875550101</Number></Dial>",
    );
    let report = stand.call(dials(&[Callee::ANSWERS])).await;
    let named: Vec<_> = report.warnings.iter().map(|warning| warning.text.split(' ').next().unwrap()).collect();
    assert_eq!(named, ["hangupOnStar", "sendDigits", "machineDetection"]);
}

/// A document nobody would write: any verb, any attribute, any value.
fn wild_document() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "Say",
        "Play",
        "Pause",
        "Gather",
        "Record",
        "Dial",
        "Redirect",
        "Hangup",
        "Connect",
        "Start",
        "Stop",
        "Stream",
        "Transcription",
        "Number",
        "Enqueue",
        "Reject",
        "Response",
        "x",
    ]);
    let attribute = prop::sample::select(vec![
        "timeout",
        "numDigits",
        "finishOnKey",
        "length",
        "loop",
        "maxLength",
        "action",
        "url",
        "statusCallback",
        "input",
        "transcribe",
        "timeLimit",
        "recordingStatusCallback",
        "statusCallbackUrl",
        "sequential",
        "actionOnEmptyResult",
    ]);
    let value = prop::sample::select(vec![
        "",
        "0",
        "1",
        "-1",
        "4294967295",
        "99999999999999999999",
        "true",
        "/twilio/voice",
        "?a=b",
        "http://[",
        "wss://h/x",
        "dtmf speech",
        "#",
        "*0",
    ]);
    let attributes = prop::collection::vec((attribute, value), 0..4);
    let leaf = (name.clone(), attributes.clone(), "[ a-z0-9+.]{0,12}");
    let tag = |(name, attributes, inside): (&str, Vec<(&str, &str)>, String)| {
        let mut seen = std::collections::BTreeMap::new();
        seen.extend(attributes);
        let list: String = seen.iter().map(|(key, value)| format!(" {key}=\"{value}\"")).collect();
        format!("<{name}{list}>{inside}</{name}>")
    };
    let leaf = leaf.prop_map(tag);
    let inside = prop::collection::vec(leaf, 0..3).prop_map(|leaves| leaves.concat());
    let verb = (name, attributes, inside).prop_map(tag);
    prop::collection::vec(verb, 0..5).prop_map(|verbs| verbs.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every call ends, within the caller's patience, with a report: whatever the application answers.
    #[test]
    fn a_call_ends_whatever_the_document_says(first in wild_document(), then in wild_document(), pressed in "[0-9*#]{0,4}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let report = runtime.block_on(async {
            let stand = Stand::new().twiml(VOICE, &first).twiml(VOICE, &then);
            stand.call(Script { words: vec!["hello".to_owned()], ..keys(&pressed) }).await
        });
        prop_assert!(report.duration_s <= 601);
        prop_assert!(["completed", "busy", "no-answer"].contains(&report.status));
        prop_assert!(report.steps.windows(2).all(|pair| pair[0].at_ms <= pair[1].at_ms));
    }
}
