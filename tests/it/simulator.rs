//! The simulator as an honest Twilio: what it sends, and what it makes of the answers.

use crate::simulator_stand::{ACCOUNT, Seen, Stand, TOKEN, codes, dials, keys, plan, transcript};
use std::collections::BTreeSet;
use std::time::Duration;
use switchboard::simulator::{AfterMessage, Callee, Script};
use switchboard::twilio::form::Form;

const VOICE: &str = "/twilio/voice";
const STATUS: &str = "/twilio/status";

fn names(body: &[u8]) -> BTreeSet<String> {
    Form::parse(body).iter().map(|(name, _)| name.to_owned()).collect()
}

/// Same field names as a fixture of Twilio's.
fn assert_like(seen: &Seen, fixture: &str) {
    let path = format!("{}/tests/fixtures/twilio/requests/{fixture}.form", env!("CARGO_MANIFEST_DIR"));
    assert_eq!(names(&seen.body), names(&std::fs::read(path).unwrap()), "{fixture}");
}

#[tokio::test]
async fn a_call_arrives_with_twilios_fields_and_ends_with_its_status() {
    let stand = Stand::new().twiml(VOICE, "<Say>Thank you for calling.</Say><Pause length=\"10\"/>");
    let report = stand.call(Script::default()).await;
    let seen = stand.seen();
    assert_eq!(stand.paths(), [VOICE, STATUS]);
    assert_like(&seen[0], "incoming-call");
    assert_eq!(seen[0].field("CallStatus").as_deref(), Some("ringing"));
    assert_eq!(seen[0].header("user-agent"), "TwilioProxy/1.1");
    assert_eq!(seen[0].header("i-twilio-idempotency-token").len(), 36);
    assert_like(&seen[1], "status-inbound-completed");
    assert_eq!((seen[0].header("cookie"), seen[1].header("cookie")), ("", "call=7"), "cookies belong to the call");
    let status = |name| seen[1].field(name).unwrap();
    assert_eq!(
        (status("CallStatus"), status("CallDuration"), status("Duration")),
        ("completed".into(), "11".into(), "1".into())
    );
    assert_eq!(status("Timestamp"), "Fri, 20 Nov 2026 16:00:11 +0000");
    assert!(report.went_through && report.heard().eq(["Thank you for calling."]));
}

#[tokio::test]
async fn a_gather_takes_keys_until_it_has_enough() {
    let stand = Stand::new()
        .twiml(VOICE, "<Gather action=\"menu?v=1&amp;n=2\" numDigits=\"1\"><Say>Press 1.</Say></Gather>")
        .twiml("/twilio/menu", "<Gather action=\"/twilio/pin\" finishOnKey=\"#\"/>");
    stand.call(keys("1,23#")).await;
    let menu = &stand.seen_at("/twilio/menu")[0];
    assert_eq!((menu.target.as_str(), menu.field("Digits").as_deref()), ("/twilio/menu?v=1&n=2", Some("1")));
    assert_eq!(menu.field("CallStatus").as_deref(), Some("in-progress"));
    assert_like(menu, "gather-digits");
    let pin = &stand.seen_at("/twilio/pin")[0];
    assert_eq!((pin.field("Digits"), pin.field("FinishedOnKey")), (Some("23".into()), Some("#".into())));
}

#[tokio::test]
async fn without_input_the_document_goes_on_unless_the_action_wants_to_know() {
    let stand = Stand::new()
        .twiml(VOICE, "<Gather action=\"/twilio/a\"/><Gather action=\"/twilio/b\" actionOnEmptyResult=\"true\"/>");
    // The finish key alone is no input either.
    let report = stand.call(keys("#")).await;
    assert_eq!(stand.paths(), [VOICE, "/twilio/b", "/twilio/fallback", STATUS]);
    assert_like(&stand.seen_at("/twilio/b")[0], "gather-timeout");
    assert_eq!(codes(&report), [11200, 11200], "a 204 without a content type is no document");
}

#[tokio::test]
async fn words_answer_a_gather_that_listens_to_speech() {
    let stand = Stand::new()
        .twiml(VOICE, "<Gather action=\"/twilio/a\"/><Gather input=\"dtmf speech\" action=\"/twilio/b\"/>")
        .twiml("/twilio/b", "<Hangup/>");
    let script = Script { words: vec!["there is smoke".to_owned()], ..Script::default() };
    stand.call(script).await;
    assert_eq!(stand.paths(), [VOICE, "/twilio/b", STATUS]);
    let seen = &stand.seen_at("/twilio/b")[0];
    assert_like(seen, "gather-speech");
    assert_eq!(seen.field("SpeechResult").as_deref(), Some("there is smoke"));
}

#[tokio::test]
async fn every_outcome_of_a_dial_reaches_its_action() {
    for (callee, status, fixture, at) in [
        (Callee::Answers { talk: Duration::from_secs(47) }, "completed", "dial-completed", 51),
        (Callee::Busy, "busy", "dial-busy", 2),
        (Callee::NoAnswer, "no-answer", "dial-no-answer", 20),
        (Callee::Failed, "failed", "dial-failed", 1),
        (Callee::Canceled, "canceled", "dial-canceled", 5),
    ] {
        let stand = Stand::new()
            .twiml(
                VOICE,
                "<Dial action=\"/twilio/dial\" timeout=\"20\"><Number>+15875550101</Number></Dial><Say>x</Say>",
            )
            .twiml("/twilio/dial", "<Hangup/>");
        let report = stand.call(dials(&[callee])).await;
        let seen = &stand.seen_at("/twilio/dial")[0];
        assert_eq!(seen.field("DialCallStatus").as_deref(), Some(status));
        assert_like(seen, fixture);
        assert_eq!(report.duration_s, at, "{status}");
        assert_eq!(report.heard().count(), 0, "verbs after a Dial with action are not reached");
        assert_eq!(report.dialled[0].status, status);
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_in_a_dial_is_told_to_the_action_and_nothing_follows() {
    let document = "<Dial action=\"/twilio/dial\"><Number>+15875550101</Number></Dial>";
    let stand = Stand::new().twiml(VOICE, document).twiml("/twilio/dial", "<Say>Nobody hears this.</Say>");
    let script = Script { hang_up_after: Duration::from_secs(16), ..dials(&[Callee::ANSWERS]) };
    let report = stand.call(script).await;
    let seen = &stand.seen_at("/twilio/dial")[0];
    assert_like(seen, "dial-caller-hung-up");
    let field = |name| seen.field(name).unwrap();
    assert_eq!((field("CallStatus"), field("DialCallDuration")), ("completed".into(), "12".into()));
    assert_eq!((report.ended, report.heard().count()), ("the caller hung up", 0));

    let stand = Stand::new().twiml(VOICE, document).twiml("/twilio/dial", "<Say>Nobody hears this.</Say>");
    stand.call(dials(&[Callee::Abandoned])).await;
    let seen = &stand.seen_at("/twilio/dial")[0];
    let field = |name| seen.field(name).unwrap();
    assert_eq!((field("DialCallStatus"), field("DialBridged")), ("canceled".into(), "false".into()));
}

#[tokio::test]
async fn a_hunt_list_is_rung_in_turn_or_at_once() {
    let numbers = "<Number>+15875550101</Number><Number>+15875550102</Number><Number>+15875550103</Number>";
    let script = dials(&[Callee::Busy, Callee::ANSWERS]);
    for (sequential, expected) in [
        ("true", vec![("+15875550101", "busy"), ("+15875550102", "completed")]),
        ("false", vec![("+15875550101", "busy"), ("+15875550103", "canceled"), ("+15875550102", "completed")]),
    ] {
        let stand =
            Stand::new().twiml(VOICE, &format!("<Dial sequential=\"{sequential}\">{numbers}</Dial><Say>Bye.</Say>"));
        let report = stand.call(script.clone()).await;
        let legs: Vec<_> = report.dialled.iter().map(|leg| (leg.to.as_str(), leg.status)).collect();
        assert_eq!(legs, expected);
        assert!(report.heard().eq(["Bye."]), "without action the document goes on");
    }
}

#[tokio::test]
async fn a_leg_reports_its_progress_under_a_sid_of_its_own() {
    let stand = Stand::new().twiml(
        VOICE,
        "<Dial callerId=\"+15875550100\"><Number statusCallback=\"/leg\" statusCallbackEvent=\"initiated ringing \
         answered completed\">+15875550101</Number></Dial>",
    );
    let report = stand.call(dials(&[Callee::ANSWERS])).await;
    let legs = stand.seen_at("/leg");
    let pairs: Vec<_> =
        legs.iter().map(|leg| (leg.field("CallStatus").unwrap(), leg.field("SequenceNumber").unwrap())).collect();
    let pairs: Vec<_> = pairs.iter().map(|(status, number)| (status.as_str(), number.as_str())).collect();
    assert_eq!(pairs, [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]);
    assert_like(&legs[2], "status-child-leg-answered");
    assert_eq!(legs[2].field("ParentCallSid"), Some(report.call_sid.clone()));
    assert_eq!(legs[2].field("CallSid"), Some(report.dialled[0].sid.clone()));
    assert_eq!(legs[2].field("From").as_deref(), Some("+15875550100"));
}

#[tokio::test]
async fn who_answers_can_be_asked_to_accept() {
    let app = || {
        Stand::new()
            .twiml(VOICE, "<Dial action=\"/done\"><Number url=\"/screen\">+15875550101</Number></Dial>")
            .twiml("/screen", "<Gather numDigits=\"1\" action=\"/accepted\"><Say>Press 1.</Say></Gather><Hangup/>")
            .twiml("/accepted", "")
            .twiml("/done", "<Hangup/>")
    };
    let accepted = app();
    accepted.call(dials(&[Callee::ANSWERS])).await;
    assert_eq!(accepted.seen_at("/accepted")[0].field("Direction").as_deref(), Some("outbound-dial"));
    assert_eq!(accepted.seen_at("/done")[0].field("DialBridged").as_deref(), Some("true"));

    let mailbox = app();
    mailbox.call(dials(&[Callee::Mailbox])).await;
    assert_eq!(mailbox.seen_at("/accepted").len(), 0);
    let done = &mailbox.seen_at("/done")[0];
    assert_eq!(
        (done.field("DialCallStatus"), done.field("DialBridged")),
        (Some("completed".into()), Some("false".into()))
    );
}

const RECORD: &str = "<Record action=\"/saved\" maxLength=\"180\" finishOnKey=\"#\" transcribe=\"true\" transcribeCallback=\"/text\" \
     recordingStatusCallback=\"/tape\" recordingStatusCallbackEvent=\"in-progress completed absent\"/><Say>No message.</Say>";

#[tokio::test]
async fn a_message_ends_with_the_call_a_key_or_silence() {
    let stays = Script { after_message: AfterMessage::Stay, ..Script::default() };
    for (script, digits, status, fixture) in [
        (Script::default(), "hangup", "completed", "record-action-hangup"),
        (keys("5#"), "#", "in-progress", "record-action"),
        (stays, "", "in-progress", "record-action"),
    ] {
        let stand = Stand::new().twiml(VOICE, RECORD).twiml("/saved", "<Say>Thank you.</Say>");
        let report = stand.call(script).await;
        let saved = &stand.seen_at("/saved")[0];
        assert_like(saved, fixture);
        assert_eq!(
            (saved.field("Digits").as_deref(), saved.field("CallStatus").as_deref()),
            (Some(digits), Some(status))
        );
        assert_eq!(report.heard().count(), usize::from(status == "in-progress"));
        let tape = stand.seen_at("/tape");
        assert_like(&tape[0], "recording-status-in-progress");
        assert_like(&tape[1], "recording-status-completed");
        assert_eq!(tape[1].field("RecordingSid"), Some(report.recordings[0].sid.clone()));
        assert_like(&stand.seen_at("/text")[0], "transcription-completed");
    }
}

#[tokio::test]
async fn an_empty_message_has_no_action_and_no_audio() {
    let stand = Stand::new().twiml(VOICE, RECORD);
    let report = stand.call(Script { message: String::new(), ..Script::default() }).await;
    assert!(report.heard().eq(["No message."]));
    assert!(report.recordings[0].absent);
    assert_eq!((stand.seen_at("/saved").len(), stand.seen_at("/text").len()), (0, 0));
    assert_like(&stand.seen_at("/tape")[1], "recording-status-absent");
}

#[tokio::test]
async fn a_message_longer_than_allowed_is_cut() {
    let stand = Stand::new().twiml(VOICE, "<Record action=\"/saved\" maxLength=\"2\"/>").twiml("/saved", "<Hangup/>");
    let report = stand.call(Script::default()).await;
    let saved = &stand.seen_at("/saved")[0];
    assert_eq!((saved.field("RecordingDuration"), saved.field("Digits")), (Some("2".into()), Some(String::new())));
    assert!(transcript(&report).contains("stops recording after 2 s"));
}

#[tokio::test]
async fn words_are_transcribed_while_a_transcription_runs() {
    let stand = Stand::new().twiml(
        VOICE,
        "<Start><Transcription statusCallbackUrl=\"/rtt\" track=\"inbound_track\" name=\"vm\"/></Start><Say>Go.</Say>\
         <Record action=\"/saved\"/>",
    );
    stand.call(Script { message: "Call me back. Before noon!".to_owned(), ..Script::default() }).await;
    let told = stand.seen_at("/rtt");
    let events: Vec<_> = told.iter().map(|seen| seen.field("TranscriptionEvent").unwrap()).collect();
    assert_eq!(
        events,
        ["transcription-started", "transcription-content", "transcription-content", "transcription-stopped"]
    );
    for (seen, fixture) in told.iter().zip(["rtt-started", "rtt-content-final", "rtt-content-final", "rtt-stopped"]) {
        assert_like(seen, fixture);
    }
    assert_eq!(told[1].field("TranscriptionData").unwrap(), "{\"confidence\":0.9876,\"transcript\":\"Call me back.\"}");
    assert_eq!(told[2].field("TranscriptionData").unwrap(), "{\"confidence\":0.9876,\"transcript\":\"Before noon!\"}");
    assert_eq!(told[3].field("SequenceId").as_deref(), Some("4"));
}

#[tokio::test]
async fn a_first_reject_is_never_answered() {
    for (reason, status) in [("busy", "busy"), ("rejected", "no-answer")] {
        let stand = Stand::new().twiml(VOICE, &format!("<Reject reason=\"{reason}\"/>"));
        let report = stand.call(Script::default()).await;
        assert_eq!((report.status, report.duration_s, report.went_through), (status, 0, true));
        assert_eq!(stand.seen_at(STATUS)[0].field("CallStatus").as_deref(), Some(status));
    }
}

#[tokio::test]
async fn a_get_carries_its_fields_in_the_signed_url() {
    let stand = Stand::new().twiml(VOICE, "<Redirect method=\"GET\">/page?v=1</Redirect>").twiml("/page", "<Hangup/>");
    let report = stand.call(Script::default()).await;
    let page = &stand.seen_at("/page")[0];
    assert!(page.target.starts_with("/page?v=1&AccountSid=") && page.field("CallSid") == Some(report.call_sid));
}

#[tokio::test]
async fn a_transcript_can_be_read() {
    let stand = Stand::new()
        .twiml(VOICE, "<Gather action=\"/twilio/dtmf?v=1&amp;n=1\" numDigits=\"1\"><Say>Press 1 for sales.</Say></Gather>")
        .twiml("/twilio/dtmf", "<Dial action=\"/twilio/dial\" timeout=\"20\"><Number>+15875550101</Number></Dial>")
        .twiml("/twilio/dial", "<Say>Please leave a message after the tone.</Say><Record action=\"/twilio/recording\" recordingStatusCallback=\"/twilio/recording\"/>")
        .twiml("/twilio/recording", "");
    let report = stand.call(Script { callees: vec![Callee::NoAnswer], ..keys("1") }).await;
    insta::assert_snapshot!(
        transcript(&report) + &switchboard::simulator::summary(&report, switchboard::simulator::Style::PLAIN)
    );
}

#[tokio::test]
async fn recordings_are_served_to_who_knows_the_token_and_deleted_for_good() {
    use switchboard::base::Secret;
    use switchboard::simulator::{Carrier, CarrierSettings, Target, Twin, TwinOptions};
    let (account_sid, token) = (Some(ACCOUNT.to_owned()), Some(Secret::new(TOKEN)));
    let twin = Twin::start(TwinOptions { account_sid, token, ..TwinOptions::default() }).await.unwrap();
    let stand = Stand::new().twiml(VOICE, "<Record action=\"/saved\"/>").twiml("/saved", "");
    let target = Target::new(&stand.open().await, None).unwrap();
    let mut settings = CarrierSettings::new(target, ACCOUNT, Secret::new(TOKEN));
    settings.api_base = twin.base_url();
    let report = Carrier::new(settings, twin.archive()).unwrap().place(plan(Script::default()), |_| {}).await;
    let url = &report.recordings[0].url;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = |path: String, token: &'static str| http.get(path).basic_auth(ACCOUNT, Some(token)).send();
    assert_eq!(get(url.clone(), "wrong").await.unwrap().status(), 401);
    for path in [url.clone(), format!("{url}.wav")] {
        let audio = get(path, TOKEN).await.unwrap();
        assert_eq!(audio.headers()["content-type"], "audio/x-wav");
        let bytes = audio.bytes().await.unwrap();
        assert_eq!(bytes.len() as u64, 44 + report.recordings[0].seconds * 16_000);
    }
    let deleted = http.delete(format!("{url}.json")).basic_auth(ACCOUNT, Some(TOKEN)).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    assert_eq!(get(url.clone(), TOKEN).await.unwrap().status(), 404);
}
