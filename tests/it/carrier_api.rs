//! Each resource on the wire: what is sent where, and what is understood of the answer.

use crate::carrier_stand::{ACCOUNT, Act, Asked, Stand, TOKEN, client};
use chrono::{TimeZone, Utc};
use serde_json::{Value, json};
use switchboard::base::{CallState, E164, Secret, Time};
use switchboard::carrier::{
    AccountStatus, CallChange, CallFilter, CallSetup, CallStatusEvent, Carrier, CarrierError, LosingCarrier,
    MessageSetup, NumberFilter, NumberKind, NumberSearch, NumberSettings, PortIn, PortInNumber, RecordingFilter,
    Removal, Wanted,
};

const SUB: &str = "AC99999999999999999999999999999999";

async fn scene<const N: usize>(acts: [(u16, Value); N]) -> (Stand, Carrier) {
    let acts =
        acts.map(|(status, body)| Act::Says(status, if status == 204 { String::new() } else { body.to_string() }));
    let (stand, base) = Stand::open(acts).await;
    (stand, client(&base, &[TOKEN]))
}

/// Method and path of each request, without the version.
fn lines(asked: &[Asked]) -> Vec<&str> {
    asked.iter().map(|one| one.line.trim_end_matches(" HTTP/1.1")).collect()
}

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    form.sort();
    form
}

fn noon() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).single().expect("an instant")
}

#[tokio::test]
async fn numbers_are_searched_bought_moved_and_released() {
    let number = json!({"sid": "PN1", "account_sid": SUB, "phone_number": "+15875550100", "friendly_name": "tag",
        "voice_url": "https://a.example/v", "capabilities": {"Voice": true, "SMS": true, "mms": false, "fax": null},
        "date_created": "Fri, 20 Nov 2026 12:00:00 +0000"});
    let shelf = json!({"available_phone_numbers": [
        {"phone_number": "+15875550100", "locality": "Calgary", "capabilities": {"voice": true, "SMS": false}, "beta": false}]});
    let (stand, carrier) =
        scene([(200, shelf), (201, number.clone()), (200, number.clone()), (200, number), (204, json!(null))]).await;
    let sub = carrier.acting_on(SUB).expect("a SID");
    let search =
        NumberSearch { area_code: Some("587".to_owned()), voice_enabled: Some(true), ..NumberSearch::default() };
    let shelf = sub.search_numbers("CA", NumberKind::Local, &search).await.expect("an answer").expect("a shelf");
    assert!(shelf[0].capabilities.voice && !shelf[0].capabilities.sms);
    let settings = NumberSettings {
        friendly_name: Some("tag".to_owned()),
        voice_url: Some("https://a.example/v?x=1&y=ä".to_owned()),
        voice_caller_id_lookup: Some(false),
        sms_url: Some(String::new()),
        ..NumberSettings::default()
    };
    let wanted = Wanted::Number(E164::parse(&shelf[0].phone_number).expect("a number"));
    let bought = sub.buy_number(&wanted, &settings).await.expect("it is ours");
    assert!(bought.capabilities.voice && bought.capabilities.sms && !bought.capabilities.fax);
    assert_eq!((bought.account_sid.as_deref(), bought.date_created), (Some(SUB), Some(noon())));
    assert!(carrier.number("PN1").await.expect("an answer").is_some());
    assert!(carrier.move_number("PN1", SUB).await.expect("an answer").is_some());
    assert_eq!(carrier.release_number("PN1").await, Ok(Removal::Removed));

    let asked = stand.asked();
    let of = |account: &str, rest: &str| format!("/2010-04-01/Accounts/{account}/{rest}");
    assert_eq!(
        lines(&asked),
        [
            format!("GET {}", of(SUB, "AvailablePhoneNumbers/CA/Local.json?AreaCode=587&VoiceEnabled=true")),
            format!("POST {}", of(SUB, "IncomingPhoneNumbers.json")),
            format!("GET {}", of(ACCOUNT, "IncomingPhoneNumbers/PN1.json")),
            format!("POST {}", of(ACCOUNT, "IncomingPhoneNumbers/PN1.json")),
            format!("DELETE {}", of(ACCOUNT, "IncomingPhoneNumbers/PN1.json")),
        ]
    );
    assert_eq!(
        asked[1].form(),
        form(&[
            ("FriendlyName", "tag"),
            ("PhoneNumber", "+15875550100"),
            ("SmsUrl", ""),
            ("VoiceCallerIdLookup", "false"),
            ("VoiceUrl", "https://a.example/v?x=1&y=ä")
        ])
    );
    assert_eq!(asked[3].form(), form(&[("AccountSid", SUB)]));
    for one in asked {
        assert_eq!(one.credentials(), format!("{ACCOUNT}:{TOKEN}"), "the parent's credentials, also for a sub-account");
        let agent = one.header("user-agent").unwrap_or_default();
        assert!(agent.starts_with("switchboard/"), "{agent}");
    }
}

#[tokio::test]
async fn pages_are_followed_word_for_word() {
    let page = |n: u8, next: Value| {
        json!({"incoming_phone_numbers": [{"sid": format!("PN{n}"), "phone_number": "+15875550100"}], "next_page_uri": next,
            "page": 0, "page_size": 1})
    };
    let uri =
        |n: u8| format!("/twin/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json?Page={n}&PageToken=PA%2B1");
    let acts = [page(1, json!(uri(1))), page(2, json!(uri(2))), page(3, Value::Null)];
    let (stand, base) = Stand::open(acts.map(|body| Act::Says(200, body.to_string()))).await;
    let carrier = client(&format!("{base}/twin/"), &[TOKEN]);
    let filter = NumberFilter { phone_number: Some("+1587".to_owned()), ..NumberFilter::default() };
    let all = carrier.numbers(&filter).expect("a list").all().await.expect("three pages");
    assert_eq!(all.iter().map(|number| number.sid.as_str()).collect::<Vec<_>>(), ["PN1", "PN2", "PN3"]);
    let first = format!("/twin/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json?PhoneNumber=%2B1587");
    let wanted: Vec<String> = [first, uri(1), uri(2)].iter().map(|uri| format!("GET {uri}")).collect();
    assert_eq!(lines(&stand.asked()), wanted);
}

#[tokio::test]
async fn a_page_that_fails_is_asked_for_again_and_a_list_is_whole_or_an_error() {
    let first = json!({"calls": [{"sid": "CA1"}], "next_page_uri": "/2010-04-01/next"});
    let (stand, carrier) = scene([
        (200, first),
        (400, json!({"code": 20001})),
        (200, json!({"calls": [{"sid": "CA2"}]})),
        (200, json!({"other": []})),
        (200, json!({"calls": [{"no": "sid"}]})),
    ])
    .await;
    let mut pages = carrier.calls(&CallFilter::default()).expect("a list");
    assert_eq!(pages.next().await.expect("a page").map(|page| page.len()), Some(1));
    assert!(pages.next().await.is_err());
    assert_eq!(pages.next().await.expect("the same page").map(|page| page[0].sid.clone()).as_deref(), Some("CA2"));
    assert!(pages.next().await.expect("the end").is_none());
    for _ in 0..2 {
        let error =
            carrier.calls(&CallFilter::default()).expect("a list").all().await.expect_err("not a list of calls");
        assert!(matches!(error, CarrierError::Unreadable(_)), "{error}");
    }
    assert_eq!(stand.asked().len(), 5);
}

#[tokio::test]
async fn calls_are_made_listed_and_changed() {
    let call = json!({"sid": "CA1", "status": "in-progress", "duration": null, "start_time": "Fri, 20 Nov 2026 12:00:00 +0000"});
    let ended = json!({"sid": "CA1", "status": "no-answer", "duration": "7", "end_time": "2026-11-20T12:00:00Z"});
    let list = json!({"calls": [ended], "next_page_uri": null});
    let (stand, carrier) = scene([
        (201, call.clone()),
        (200, list),
        (200, call.clone()),
        (200, call.clone()),
        (200, call.clone()),
        (200, call),
    ])
    .await;
    let setup = CallSetup {
        to: Some("+15875550101".to_owned()),
        from: Some("+15875550100".to_owned()),
        url: Some("https://a.example/v".to_owned()),
        status_callback_event: vec![CallStatusEvent::Ringing, CallStatusEvent::Completed],
        timeout: Some(20),
        ..CallSetup::default()
    };
    assert_eq!(carrier.create_call(&setup).await.expect("a call").state(), Some(CallState::InProgress));
    let filter =
        CallFilter { status: Some("no-answer".to_owned()), started_after: Some(noon()), ..CallFilter::default() };
    let listed = carrier.calls(&filter).expect("a list").all().await.expect("an answer");
    assert_eq!(
        (listed[0].state(), listed[0].duration, listed[0].end_time),
        (Some(CallState::NoAnswer), Some(7), Some(noon()))
    );
    for change in [
        CallChange::Url("https://a.example/t".to_owned()),
        CallChange::Twiml("<Response/>".to_owned()),
        CallChange::Complete,
        CallChange::Cancel,
    ] {
        assert!(carrier.change_call("CA1", &change).await.expect("an answer").is_some());
    }
    let asked = stand.asked();
    let events = asked[0].form().into_iter().filter(|(name, _)| name == "StatusCallbackEvent").map(|(_, value)| value);
    assert_eq!(events.collect::<Vec<_>>(), ["completed", "ringing"]);
    assert!(lines(&asked)[1].contains("StartTime%3E=2026-11-20T12%3A00%3A00Z"), "{}", asked[1].line);
    let forms: Vec<_> = asked[2..].iter().map(Asked::form).collect();
    assert_eq!(
        forms,
        [
            form(&[("Method", "POST"), ("Url", "https://a.example/t")]),
            form(&[("Twiml", "<Response/>")]),
            form(&[("Status", "completed")]),
            form(&[("Status", "canceled")]),
        ]
    );
}

#[tokio::test]
async fn recordings_transcripts_messages_and_accounts_are_read() {
    let recording = json!({"sid": "RE1", "call_sid": "CA1", "status": "completed", "duration": "12", "channels": 1});
    let transcript = json!({"sid": "TR1", "status": "completed", "transcription_text": "hello", "duration": "12"});
    let message = json!({"sid": "SM1", "status": "queued", "num_segments": "1", "error_code": null});
    let account = json!({"sid": SUB, "status": "suspended", "friendly_name": "tenant"});
    let (stand, carrier) = scene([
        (200, json!({"recordings": [recording.clone()]})),
        (200, recording),
        (204, json!(null)),
        (200, json!({"transcriptions": [transcript.clone()]})),
        (200, transcript),
        (201, message.clone()),
        (200, message),
        (200, account),
    ])
    .await;
    let filter =
        RecordingFilter { call_sid: Some("CA1".to_owned()), created_after: Some(noon()), ..RecordingFilter::default() };
    let listed = carrier.recordings(&filter).expect("a list").all().await.expect("an answer");
    assert_eq!((listed[0].duration, listed[0].channels), (Some(12), Some(1)));
    assert!(carrier.recording("RE1").await.expect("an answer").is_some());
    assert_eq!(carrier.delete_recording("RE1").await, Ok(Removal::Removed));
    assert_eq!(carrier.transcriptions("RE1").expect("a list").all().await.expect("an answer").len(), 1);
    let transcript = carrier.transcription("TR1").await.expect("an answer").expect("a transcript");
    assert_eq!(transcript.transcription_text.as_deref(), Some("hello"));
    let setup =
        MessageSetup { to: Some("+15875550111".to_owned()), body: Some("hi".to_owned()), ..MessageSetup::default() };
    assert_eq!(carrier.send_message(&setup).await.expect("a message").num_segments, Some(1));
    assert!(carrier.message("SM1").await.expect("an answer").is_some());
    let account =
        carrier.set_account_status(SUB, AccountStatus::Suspended).await.expect("an answer").expect("an account");
    assert_eq!(account.state(), Some(AccountStatus::Suspended));
    let asked = stand.asked();
    assert!(lines(&asked)[0].contains("DateCreated%3E=2026-11-20"), "{}", asked[0].line);
    assert_eq!(lines(&asked)[3], format!("GET /2010-04-01/Accounts/{ACCOUNT}/Recordings/RE1/Transcriptions.json"));
    assert_eq!(lines(&asked)[7], format!("POST /2010-04-01/Accounts/{SUB}.json"));
}

#[tokio::test]
async fn porting_speaks_json_on_its_own_paths() {
    let order = json!({"port_in_request_sid": "KW1", "port_in_request_status": "In Review",
        "phone_numbers": [{"phone_number": "+15875550100", "port_in_phone_number_sid": "PU1"}]});
    let (stand, carrier) = scene([
        (200, json!({"phone_number": "+15875550100", "portable": true, "pin_and_account_number_required": "true"})),
        (202, order.clone()),
        (200, order),
        (204, json!(null)),
    ])
    .await;
    let number = E164::parse("+15875550100").expect("a number");
    let portable = carrier.portability(&number).await.expect("an answer").expect("it is known");
    assert!(portable.portable && portable.pin_and_account_number_required);
    let order = PortIn {
        account_sid: ACCOUNT.to_owned(),
        documents: vec!["RD1".to_owned()],
        losing_carrier_information: LosingCarrier {
            customer_name: "Example Ltd".to_owned(),
            ..LosingCarrier::default()
        },
        phone_numbers: vec![PortInNumber {
            phone_number: number.to_string(),
            pin: Some(Secret::new("9182")),
            ..PortInNumber::default()
        }],
        ..PortIn::default()
    };
    assert!(!format!("{order:?}").contains("9182"));
    assert_eq!(carrier.create_port_in(&order).await.expect("an order").port_in_request_sid, "KW1");
    let stands = carrier.port_in("KW1").await.expect("an answer").expect("an order");
    assert_eq!(stands.phone_numbers[0].port_in_phone_number_sid.as_deref(), Some("PU1"));
    assert_eq!(carrier.cancel_port_in("KW1").await, Ok(Removal::Removed));
    let asked = stand.asked();
    assert_eq!(
        lines(&asked),
        [
            format!("GET /v1/Porting/Portability/PhoneNumber/+15875550100?TargetAccountSid={ACCOUNT}"),
            "POST /v1/Porting/PortIn".to_owned(),
            "GET /v1/Porting/PortIn/KW1".to_owned(),
            "DELETE /v1/Porting/PortIn/KW1".to_owned(),
        ]
    );
    let sent: Value = serde_json::from_str(&asked[1].body).expect("JSON");
    assert_eq!(sent["phone_numbers"], json!([{"phone_number": "+15875550100", "pin": "9182"}]));
    assert_eq!(sent["losing_carrier_information"]["customer_name"], "Example Ltd");
    assert!(sent.get("target_port_in_date").is_none());
    assert_eq!(asked[1].header("content-type"), Some("application/json"));
}
