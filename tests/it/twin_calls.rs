//! Calls, recordings, transcripts and messages of the pretend carrier.

use crate::simulator_stand::{PUBLIC, Stand, TOKEN};
use crate::twin_client::{ACCOUNT, Client, start};
use serde_json::{Value, json};
use switchboard::base::Secret;
use switchboard::simulator::{BillKind, Callee, Phone, RunningTwin, Script, Speed, Target, TwinOptions, parse_acts};
use switchboard::twilio::form::Form;
use switchboard::twilio::signature::{Body, Verdict, verify};

const OURS: &str = "+15875550100";
const THEIRS: &str = "+15875550111";

/// A twin whose account owns a number that leads to `stand`.
async fn house(stand: &Stand, change: impl FnOnce(&mut TwinOptions)) -> (RunningTwin, Client) {
    let address = stand.open().await;
    let (twin, client) = start(|options| {
        options.token = Some(Secret::new(TOKEN));
        options.routes.push(Target::new(&address, Some(PUBLIC)).unwrap());
        change(options);
    })
    .await;
    let url = |path: &str| format!("{PUBLIC}{path}");
    let (voice, fallback, status) = (url("/voice"), url("/fallback"), url("/status"));
    let settings = [("VoiceUrl", voice.as_str()), ("VoiceFallbackUrl", &fallback), ("StatusCallback", &status)];
    twin.own(ACCOUNT, OURS, &settings).unwrap();
    (twin, client)
}

fn statuses(stand: &Stand, path: &str, name: &str) -> Vec<String> {
    stand.seen_at(path).iter().map(|seen| seen.field(name).unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_number_is_called_where_it_is_set_up_to_lead() {
    let stand = Stand::new()
        .twiml("/voice", "<Say>Hello</Say><Record action=\"/saved\" transcribe=\"true\"/>")
        .twiml("/saved", "");
    let (twin, client) = house(&stand, |_| {}).await;
    let report = twin.call(THEIRS, OURS, Script::default()).await.unwrap();
    assert_eq!((stand.paths(), report.status), (vec!["/voice".into(), "/saved".into(), "/status".into()], "completed"));
    let (_, call) = client.get(&client.own(&format!("Calls/{}.json", report.call_sid))).await;
    assert_eq!(
        (&call["direction"], &call["status"], &call["from"]),
        (&"inbound".into(), &"completed".into(), &THEIRS.into())
    );
    assert_eq!(call["duration"], report.duration_s.to_string());
    let (_, list) = client.find(&client.own("Recordings.json"), &[("CallSid", &report.call_sid)]).await;
    let recording = &list["recordings"][0];
    assert_eq!((&recording["source"], list["recordings"].as_array().unwrap().len()), (&"RecordVerb".into(), 1));
    let sid = recording["sid"].as_str().unwrap();
    let sound = client.raw(&client.own(&format!("Recordings/{sid}.wav"))).await;
    let seconds: u64 = recording["duration"].as_str().unwrap().parse().unwrap();
    assert_eq!((sound.status().as_u16(), sound.content_length()), (200, Some(44 + seconds * 16_000)));
    assert_eq!(client.raw(&client.own(&format!("Recordings/{sid}.mp3"))).await.status(), 406);
    let (_, texts) = client.get(&client.own(&format!("Recordings/{sid}/Transcriptions.json"))).await;
    assert_eq!(texts["transcriptions"][0]["transcription_text"], Script::default().message);
    assert_eq!(client.delete(&client.own(&format!("Recordings/{sid}.json"))).await, 204);
    assert_eq!(client.get(&client.own(&format!("Recordings/{sid}.json"))).await.0, 404);
    assert!(twin.archive().recordings().is_empty() && twin.archive().transcripts().is_empty());
    let used: Vec<_> = twin.bill().lines.iter().skip(1).map(|line| line.kind).collect();
    assert_eq!(used, [BillKind::Recording, BillKind::Transcription, BillKind::Call]);
}

#[tokio::test]
async fn a_call_is_signed_with_the_token_of_its_own_account() {
    let stand = Stand::new().twiml("/voice", "");
    let (twin, client) = house(&stand, |_| {}).await;
    let (_, sub) = client.post("/2010-04-01/Accounts.json", &[]).await;
    let (sid, token) = (sub["sid"].as_str().unwrap(), sub["auth_token"].as_str().unwrap());
    twin.own(sid, "+15875550101", &[("VoiceUrl", &format!("{PUBLIC}/voice"))]).unwrap();
    twin.call(THEIRS, "+15875550101", Script::default()).await.unwrap();
    let seen = &stand.seen_at("/voice")[0];
    let (form, url) = (Form::parse(&seen.body), format!("{PUBLIC}/voice"));
    let verdict = verify(&[Secret::new(token)], &url, Body::Form(&form), Some(seen.header("x-twilio-signature")));
    assert!(matches!(verdict, Verdict::Valid { .. }), "{verdict:?}");
    assert_eq!(form.get("AccountSid"), Some(sid));
}

#[tokio::test]
async fn a_number_that_leads_nowhere_says_why_it_cannot_be_called() {
    let (twin, client) = start(|_| {}).await;
    twin.own(ACCOUNT, OURS, &[]).unwrap();
    let why = async |to| twin.call(THEIRS, to, Script::default()).await.unwrap_err();
    assert!(why(OURS).await.contains("VoiceUrl") && why("+15875550199").await.contains("nobody"));
    let (status, body) = client.with("", "").post_json("/twin/calls", &json!({ "to": OURS })).await;
    assert_eq!((status, body["message"].as_str()), (400, Some("+15875550100 has no VoiceUrl")));
}

#[tokio::test]
async fn a_call_over_http_goes_to_the_fallback_when_the_voice_url_fails() {
    let stand = Stand::new().answer("/voice", 500, "text/plain", "").twiml("/fallback", "<Say>Sorry</Say>");
    let (_twin, client) = house(&stand, |_| {}).await;
    let asked = json!({ "from": THEIRS, "to": OURS, "press": "1,w5,2", "dial_outcome": ["busy"] });
    let (status, report) = client.with("", "").post_json("/twin/calls", &asked).await;
    assert_eq!((status, &report["status"], &report["went_through"]), (201, &"completed".into(), &false.into()));
    assert_eq!(statuses(&stand, "/fallback", "ErrorCode"), ["11200"]);
    assert_eq!(client.with("", "").post_json("/twin/calls", &json!({ "to": OURS, "press": "x" })).await.0, 400);
}

async fn place(client: &Client, more: &[(&str, &str)]) -> (u16, Value) {
    let form: Vec<_> = [("From", OURS), ("To", THEIRS)].into_iter().chain(more.iter().copied()).collect();
    client.post(&client.own("Calls.json"), &form).await
}

#[tokio::test]
async fn a_call_is_placed_and_told_of_step_by_step() {
    let stand = Stand::new().twiml("/out", "<Gather action=\"/key\" numDigits=\"1\"/>").twiml("/key", "");
    let (twin, client) = house(&stand, |_| {}).await;
    let script = Script { acts: parse_acts("4").unwrap(), ..Script::default() };
    twin.phone(THEIRS, Phone { answers: Callee::ANSWERS, script });
    let (url, told) = (format!("{PUBLIC}/out"), format!("{PUBLIC}/told"));
    let events = ["initiated", "ringing", "answered", "completed"].map(|event| ("StatusCallbackEvent", event));
    let more: Vec<_> = [("Url", url.as_str()), ("StatusCallback", &told)].into_iter().chain(events).collect();
    let (status, made) = place(&client, &more).await;
    assert_eq!((status, &made["status"], &made["direction"]), (201, &"queued".into(), &"outbound-api".into()));
    let sid = made["sid"].as_str().unwrap();
    twin.archive().until(sid, "completed").await;
    assert_eq!(statuses(&stand, "/key", "Digits"), ["4"]);
    assert_eq!(statuses(&stand, "/out", "Direction"), ["outbound-api"]);
    let told = statuses(&stand, "/told", "CallStatus");
    assert_eq!(told[..3], ["initiated", "ringing", "in-progress"]);
    let (_, call) = client.get(&client.own(&format!("Calls/{sid}.json"))).await;
    assert!(call["start_time"].is_string() && call["price"].as_str().unwrap().starts_with("-0.0"), "{call}");
    let (_, list) = client.find(&client.own("Calls.json"), &[("To", THEIRS), ("Status", "completed")]).await;
    assert_eq!(list["calls"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn who_does_not_answer_is_reported_so() {
    let (twin, client) = house(&Stand::new(), |_| {}).await;
    for (callee, status) in [(Callee::Busy, "busy"), (Callee::NoAnswer, "no-answer"), (Callee::Failed, "failed")] {
        twin.phone(THEIRS, Phone { answers: callee, ..Phone::default() });
        let (_, made) = place(&client, &[("Twiml", "<Response><Hangup/></Response>")]).await;
        twin.archive().until(made["sid"].as_str().unwrap(), status).await;
    }
    assert_eq!(twin.bill().lines.iter().filter(|line| line.kind == BillKind::Call).count(), 0);
}

#[tokio::test]
async fn wrong_calls_are_refused_in_twilios_words() {
    let (_twin, client) = house(&Stand::new(), |_| {}).await;
    let code = async |form: &[(&str, &str)]| client.post(&client.own("Calls.json"), form).await.1["code"].clone();
    let url = ("Url", "https://a.example/x");
    assert_eq!(code(&[("From", OURS), url]).await, 21201);
    assert_eq!(code(&[("To", THEIRS), url]).await, 21213);
    assert_eq!(code(&[("To", "12"), ("From", OURS), url]).await, 21211);
    assert_eq!(code(&[("To", THEIRS), ("From", "+15875550199"), url]).await, 21210);
    assert_eq!(code(&[("To", THEIRS), ("From", OURS)]).await, 21205);
    assert_eq!(code(&[("To", THEIRS), ("From", OURS), ("Url", "nowhere")]).await, 21205);
}

/// A call that has been answered and waits for an hour of its own time.
async fn waiting(stand: &Stand) -> (RunningTwin, Client, String) {
    let (twin, client) = house(stand, |options| options.speed = Speed::times(1000.0).unwrap()).await;
    let (_, made) = place(&client, &[("Twiml", "<Response><Pause length=\"36000\"/></Response>")]).await;
    let sid = made["sid"].as_str().unwrap().to_owned();
    twin.archive().until(&sid, "in-progress").await;
    let path = client.own(&format!("Calls/{sid}.json"));
    (twin, client, path)
}

fn sid(path: &str) -> &str {
    path.rsplit('/').next().unwrap().trim_end_matches(".json")
}

#[tokio::test]
async fn a_live_call_is_ended_by_request() {
    let (twin, client, path) = waiting(&Stand::new()).await;
    assert_eq!(client.post(&path, &[("Status", "canceled")]).await.1["status"], "in-progress");
    assert_eq!(client.delete(&path).await, 400);
    let (status, body) = client.post(&path, &[("Status", "completed")]).await;
    assert_eq!((status, &body["status"]), (200, &"completed".into()));
    twin.archive().until(sid(&path), "completed").await;
    let (status, body) = client.post(&path, &[("Status", "completed")]).await;
    assert_eq!((status, body["code"].as_u64()), (400, Some(21220)));
    assert_eq!((client.delete(&path).await, client.get(&path).await.0), (204, 404));
}

#[tokio::test]
async fn a_live_call_is_led_elsewhere() {
    let stand = Stand::new().twiml("/next", "<Pause length=\"36000\"/>");
    let (twin, client, path) = waiting(&stand).await;
    let url = format!("{PUBLIC}/next");
    assert_eq!(client.post(&path, &[("Url", &url), ("Method", "GET")]).await.0, 200);
    while stand.seen_at("/next").is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        (stand.seen_at("/next")[0].method.as_str(), statuses(&stand, "/next", "CallSid")),
        ("GET", vec![sid(&path).to_owned()])
    );
    assert_eq!(client.post(&path, &[("Twiml", "<Response><Hangup/></Response>")]).await.0, 200);
    twin.archive().until(sid(&path), "completed").await;
}

#[tokio::test]
async fn a_message_is_sent_told_of_and_paid_for() {
    let stand = Stand::new();
    let (twin, client) = house(&stand, |_| {}).await;
    let all = client.own("Messages.json");
    let told = format!("{PUBLIC}/sms");
    let (status, made) =
        client.post(&all, &[("From", OURS), ("To", THEIRS), ("Body", "Hi"), ("StatusCallback", &told)]).await;
    assert_eq!((status, &made["status"], &made["num_segments"]), (201, &"queued".into(), &"1".into()));
    let one = client.own(&format!("Messages/{}.json", made["sid"].as_str().unwrap()));
    assert_eq!(client.get(&one).await.1["status"], "delivered");
    while stand.seen_at("/sms").len() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(statuses(&stand, "/sms", "MessageStatus"), ["sent", "delivered"]);
    assert_eq!((twin.messages().len(), twin.bill().lines.last().unwrap().kind), (1, BillKind::Message));
    let code = async |form: &[(&str, &str)]| client.post(&all, form).await.1["code"].clone();
    assert_eq!(code(&[("From", OURS), ("Body", "x")]).await, 21604);
    assert_eq!(code(&[("From", "+15875550199"), ("To", THEIRS), ("Body", "x")]).await, 21606);
    assert_eq!(code(&[("From", OURS), ("To", THEIRS)]).await, 21602);
    assert_eq!(client.post(&one, &[("Body", "")]).await.1["body"], "");
    assert_eq!((client.delete(&one).await, client.get(&one).await.0), (204, 404));
}

#[tokio::test]
async fn a_conversation_that_is_recorded_is_paused_resumed_and_stopped() {
    let dial = "<Dial record=\"record-from-answer-dual\" recordingStatusCallback=\"/tape\" \
        recordingStatusCallbackEvent=\"in-progress completed\"><Number>+15875550122</Number></Dial>";
    let stand = Stand::new().twiml("/voice", dial).twiml("/tape", "");
    let (twin, client) = house(&stand, |options| options.speed = Speed::times(1000.0).unwrap()).await;
    let talk = Callee::Answers { talk: std::time::Duration::from_secs(36_000) };
    let script = Script { callees: vec![talk], ..Script::default() };
    let running = async {
        while twin.archive().recordings().is_empty() {
            tokio::task::yield_now().await;
        }
        let tape = twin.archive().recordings()[0].clone();
        let (path, current) = (
            client.own(&format!("Calls/{}/Recordings/{}.json", tape.call_sid, tape.sid)),
            client.own(&format!("Calls/{}/Recordings/Twilio.CURRENT.json", tape.call_sid)),
        );
        assert_eq!((tape.status, tape.channels), ("in-progress", 2));
        assert_eq!(client.post(&path, &[("Status", "paused")]).await.1["status"], "paused");
        assert_eq!(client.post(&current, &[("Status", "in-progress")]).await.1["status"], "in-progress");
        assert_eq!(client.post(&path, &[("Status", "louder")]).await.0, 400);
        let (status, stopped) = client.post(&path, &[("Status", "stopped")]).await;
        assert_eq!((status, &stopped["status"], &stopped["duration"]), (200, &"stopped".into(), &Value::Null));
        assert_eq!(client.post(&path, &[("Status", "paused")]).await.1["code"], 21220);
        assert_eq!(client.post(&current, &[("Status", "paused")]).await.0, 404);
        client.post(&client.own(&format!("Calls/{}.json", tape.call_sid)), &[("Status", "completed")]).await;
    };
    let (report, ()) = tokio::join!(twin.call(THEIRS, OURS, script), running);
    report.unwrap();
    assert_eq!(statuses(&stand, "/tape", "RecordingStatus"), ["in-progress", "completed"]);
    let kept = twin.archive().recordings();
    assert_eq!((kept.len(), kept[0].status), (1, "completed"));
}
