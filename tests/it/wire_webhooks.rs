//! Typed webhooks against every body of the fixtures: no field is dropped, none is needed.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use switchboard::base::CallState;
use switchboard::twilio::form::Form;
use switchboard::twilio::webhook::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/twilio/requests")
}

/// What a type made of a body: names of the fields it read, and the fields it left.
type Made = (Vec<String>, Vec<(String, String)>);

macro_rules! made {
    ($type:ident, $form:expr) => {{
        let read = $type::read($form);
        (read.names(), read.rest.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect())
    }};
}

/// Reads a body with the type of its kind in the manifest.
fn read(kind: &str, file: &str, form: &Form<'_>) -> Made {
    match kind {
        "incoming-call" | "fallback" | "voice-request" => made!(IncomingCall, form),
        "gather-action" => made!(GatherResult, form),
        "gather-partial" => made!(GatherPartial, form),
        "dial-action" => made!(DialResult, form),
        "record-action" => made!(RecordResult, form),
        "recording-status" => made!(RecordingStatus, form),
        "transcribe-callback" => made!(Transcript, form),
        "status-callback" => made!(StatusCallback, form),
        "stream-status" => made!(StreamStatus, form),
        "connect-action" => made!(ConnectResult, form),
        "amd-callback" => made!(MachineDetected, form),
        "rtt" => made!(LiveTranscription, form),
        "enqueue-wait" => made!(QueueWait, form),
        "enqueue-action" => made!(QueueResult, form),
        "queue-url" => made!(QueueWhisper, form),
        "conference-event" => made!(ConferenceStatus, form),
        "sms" => made!(IncomingSms, form),
        "sms-status" => made!(SmsStatus, form),
        other => panic!("{file}: no type for {other}"),
    }
}

fn entries() -> Vec<(String, String)> {
    let manifest = fs::read_to_string(folder().join("manifest.json")).expect("manifest");
    let manifest: Vec<Value> = serde_json::from_str(&manifest).expect("JSON");
    let text = |entry: &Value, name: &str| entry[name].as_str().expect("text").to_owned();
    manifest.iter().map(|entry| (text(entry, "kind"), text(entry, "file"))).collect()
}

#[test]
fn every_field_of_every_fixture_is_read() {
    let entries = entries();
    assert_eq!(entries.len(), 57);
    for (kind, file) in entries {
        let body = fs::read(folder().join(&file)).expect("body");
        let form = Form::parse(&body);
        let (mut names, rest) = read(&kind, &file, &form);
        assert_eq!(rest, [], "{file}: not understood");
        names.sort();
        let came: Vec<_> = form.iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names, came, "{file}");
    }
}

#[test]
fn what_is_new_or_odd_stays_in_the_rest() {
    for (kind, file) in entries() {
        let body = fs::read_to_string(folder().join(&file)).expect("body");
        // A new field, a copy of a known one, and an odd value for each.
        let odd: Vec<String> =
            body.split('&').map(|pair| format!("{}=%00odd", pair.split('=').next().unwrap())).collect();
        for body in [format!("{body}&Brand%20New=1&CallSid=CA2"), odd.join("&"), String::new(), "=&&%".to_owned()] {
            let form = Form::parse(body.as_bytes());
            let (names, rest) = read(&kind, &file, &form);
            let mut all: Vec<_> = names.into_iter().chain(rest.into_iter().map(|(name, _)| name)).collect();
            all.sort();
            let came: Vec<_> = form.iter().map(|(name, _)| name.to_owned()).collect();
            assert_eq!(all, came, "{file}: {body}");
        }
    }
}

fn body(file: &str) -> Vec<u8> {
    fs::read(folder().join(file)).expect("body")
}

#[test]
fn calls_say_who_and_where() {
    let body = body("incoming-call-forwarded.form");
    let form = Form::parse(&body);
    let IncomingCall { call, error_code, .. } = IncomingCall::read(&form);
    assert_eq!(call.sid, Some("CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d"));
    assert_eq!((call.from, call.to), (Some("+12065550188"), Some("+14155550142")));
    assert_eq!((call.status, call.direction), (Some(CallState::Ringing), Some(Direction::Inbound)));
    assert_eq!((call.forwarded_from, call.caller_name), (Some("+12065550177"), Some("O'BRIEN & SONS")));
    assert_eq!(call.verstat, Some("TN-Validation-Passed-B"));
    assert_eq!(call.places.from_city, Some("SEATTLE"));
    assert_eq!(error_code, None);
}

#[test]
fn sip_headers_and_media_are_found_by_name() {
    let body = body("incoming-call-sip.form");
    let form = Form::parse(&body);
    let call = IncomingCall::read(&form);
    assert_eq!(call.sip_headers.get("X-Tenant"), Some("acme"));
    assert_eq!(call.sip_headers.get("x-tenant"), None);
    assert_eq!(call.sip_headers.iter().count(), 2);
    let form = Form::parse(b"NumMedia=2&MediaUrl0=a&MediaUrl1=b&MediaContentType0=image/png&MediaContentType1=x");
    let sms = IncomingSms::read(&form);
    assert_eq!((sms.media, sms.media_urls.get("1"), sms.media_types.get("0")), (Some(2), Some("b"), Some("image/png")));
}

#[test]
fn numbers_times_and_words_are_typed() {
    let bytes = body("gather-speech.form");
    let form = Form::parse(&bytes);
    let heard = GatherResult::read(&form);
    assert_eq!((heard.keys(), heard.words()), (None, Some("I'd like to book for next Tuesday, 50% off?")));
    assert_eq!(heard.confidence, Some(0.912_748_34));

    let bytes = body("status-completed.form");
    let form = Form::parse(&bytes);
    let status = StatusCallback::read(&form);
    assert_eq!((status.sequence, status.duration_s, status.billed_minutes), (Some(3), Some(63), Some(2)));
    assert_eq!(status.at.map(|at| at.0.to_rfc3339()), Some("2026-11-20T08:02:13+00:00".to_owned()));

    let bytes = body("stream-error.form");
    let form = Form::parse(&bytes);
    let stream = StreamStatus::read(&form);
    assert_eq!((stream.news, stream.error_code), (Some(StreamNews::Error), Some(31920)));
    assert_eq!(stream.at.map(|at| at.0.timestamp_subsec_micros()), Some(482_913));

    let bytes = body("rtt-content-final.form");
    let form = Form::parse(&bytes);
    let live = LiveTranscription::read(&form);
    assert_eq!((live.is_final, live.sequence), (Some(true), Some(3)));
    assert_eq!(live.words().as_deref(), Some("I need to move my appointment."));
}

#[test]
fn every_way_a_dial_ends_has_a_word() {
    for (file, status, bridged) in [
        ("dial-completed", DialStatus::Completed, Some(true)),
        ("dial-answered", DialStatus::Answered, None),
        ("dial-busy", DialStatus::Busy, Some(false)),
        ("dial-no-answer", DialStatus::NoAnswer, Some(false)),
        ("dial-failed", DialStatus::Failed, Some(false)),
        ("dial-canceled", DialStatus::Canceled, Some(false)),
    ] {
        let body = body(&format!("{file}.form"));
        let form = Form::parse(&body);
        let dial = DialResult::read(&form);
        assert_eq!((dial.status, dial.bridged), (Some(status), bridged), "{file}");
    }
}

#[test]
fn no_input_is_told_from_input() {
    for nothing in ["", "Digits=", "Digits=&SpeechResult=", "SpeechResult=+"] {
        let form = Form::parse(nothing.as_bytes());
        let heard = GatherResult::read(&form);
        assert_eq!((heard.keys(), heard.words()), (None, None), "{nothing}");
    }
    let form = Form::parse(b"Digits=hangup");
    assert!(RecordResult::read(&form).hung_up());
    let form = Form::parse(b"Digits=%23");
    assert!(!RecordResult::read(&form).hung_up());
}
