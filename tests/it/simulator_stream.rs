//! The simulator on a Media Stream: against an application that plays a part of its own, in real time. The clockwork
//! itself is tested beside the code, without a socket.

use crate::simulator_stand::{ACCOUNT, Stand, codes, transcript};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard::audio::{g711, tone};
use switchboard::simulator::{Clip, Report, Script, StreamReport, parse_acts};

const VOICE: &str = "/twilio/voice";
const DOCUMENT: &str = "<Connect action=\"/ended\"><Stream name=\"assistant\" statusCallback=\"/stream\" \
     url=\"wss://voice.example.net/ws/1\"><Parameter name=\"tenant\" value=\"a&amp;b\"/></Stream></Connect>";

/// Everything a peer was told, in order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Value>>>);

impl Told {
    fn all(&self) -> Vec<Value> {
        self.0.lock().unwrap().clone()
    }

    fn of(&self, event: &str) -> Vec<Value> {
        self.all().into_iter().filter(|message| message["event"] == event).collect()
    }

    /// The caller's voice, without the silence around it.
    fn voice(&self) -> Vec<i16> {
        let payload = |message: &Value| STANDARD.decode(message["media"]["payload"].as_str().unwrap()).unwrap();
        self.of("media").iter().filter(|media| is_voice(media)).flat_map(payload).map(g711::decode).collect()
    }
}

/// An application's end of a stream.
struct Peer {
    socket: WebSocket,
    told: Told,
    sid: String,
}

impl Peer {
    fn new(socket: WebSocket, told: &Told) -> Self {
        Self { socket, told: told.clone(), sid: String::new() }
    }

    /// The next message; `None` when the stream is over.
    async fn next(&mut self) -> Option<Value> {
        while let Some(Ok(message)) = self.socket.recv().await {
            if let Message::Text(text) = message {
                let message: Value = serde_json::from_str(&text).unwrap();
                if let Some(sid) = message["streamSid"].as_str() {
                    sid.clone_into(&mut self.sid);
                }
                self.told.0.lock().unwrap().push(message.clone());
                return Some(message);
            }
        }
        None
    }

    /// Reads until a message of this kind, which is given back.
    async fn until(&mut self, is: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next().await.expect("a message");
            if is(&message) {
                return message;
            }
        }
    }

    async fn started(&mut self) {
        self.until(|message| message["event"] == "start").await;
    }

    async fn say(&mut self, message: Value) {
        let mut message = message;
        message["streamSid"] = self.sid.clone().into();
        self.text(&message.to_string()).await;
    }

    async fn text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    async fn tone(&mut self, hz: f64, ms: u32) {
        let sound: Vec<u8> = tone::sine(hz, ms, 0.3, 8000).into_iter().map(g711::encode).collect();
        self.say(json!({ "event": "media", "media": { "payload": STANDARD.encode(sound) } })).await;
    }

    async fn mark(&mut self, name: &str) {
        self.say(json!({ "event": "mark", "mark": { "name": name } })).await;
    }

    async fn close(mut self, code: u16) {
        let reason = "".into();
        self.socket.send(Message::Close(Some(CloseFrame { code, reason }))).await.unwrap();
        while let Some(Ok(_)) = self.socket.recv().await {}
    }
}

fn is_voice(message: &Value) -> bool {
    let payload = message["media"]["payload"].as_str().map(|payload| STANDARD.decode(payload).unwrap());
    payload.is_some_and(|payload| payload.iter().any(|byte| *byte != 0xff))
}

/// A caller who says a tone of 440 Hz, 200 ms long, where the script has an `s`.
fn caller(acts: &str) -> Script {
    let sound: Vec<u8> = tone::sine(440.0, 200, 0.3, 8000).into_iter().map(g711::encode).collect();
    let voices = vec![Clip::mulaw(&sound).unwrap()];
    Script { acts: parse_acts(acts).unwrap(), voices, keeps_sound: true, ..Script::default() }
}

fn stand(document: &str) -> Stand {
    Stand::new().twiml(VOICE, document).twiml("/ended", "<Say>After.</Say>")
}

fn only_stream(report: &Report) -> &StreamReport {
    assert_eq!(report.streams.len(), 1, "{}", transcript(report));
    &report.streams[0]
}

fn names(seen: &crate::simulator_stand::Seen) -> Vec<String> {
    field_names(&seen.body)
}

fn field_names(body: &[u8]) -> Vec<String> {
    let mut names: Vec<_> =
        switchboard::twilio::form::Form::parse(body).iter().map(|(name, _)| name.to_owned()).collect();
    names.sort();
    names
}

fn assert_like(seen: &crate::simulator_stand::Seen, fixture: &str) {
    let path = format!("{}/tests/fixtures/twilio/requests/{fixture}.form", env!("CARGO_MANIFEST_DIR"));
    assert_eq!(names(seen), field_names(&std::fs::read(path).unwrap()), "{fixture}");
}

/// Plays a long tone, gives way to the caller's voice, answers with another tone, and closes.
async fn gives_way(mut peer: Peer) {
    peer.started().await;
    for name in ["a", "b", "c"] {
        peer.tone(700.0, 200).await;
        peer.mark(name).await;
    }
    peer.tone(700.0, 2000).await;
    peer.mark("d").await;
    peer.until(is_voice).await;
    peer.say(json!({ "event": "clear" })).await;
    peer.until(|message| message["mark"]["name"] == "d").await;
    peer.until(|message| message["event"] == "media" && !is_voice(message)).await;
    peer.tone(1200.0, 160).await;
    peer.mark("answer").await;
    peer.until(|message| message["mark"]["name"] == "answer").await;
    peer.close(1000).await;
}

#[tokio::test]
async fn a_caller_interrupts_and_is_answered_and_the_call_goes_on() {
    let told = Told::default();
    let heard_by_peer = told.clone();
    let stand = stand(DOCUMENT).peer(move |socket| gives_way(Peer::new(socket, &told)));
    let report = stand.call(caller("w0.3,s")).await;
    assert!(report.went_through && report.heard().eq(["After."]), "{}", transcript(&report));

    let handshake = &stand.seen_at("/ws/1")[0];
    assert_eq!((handshake.header("user-agent"), handshake.header("upgrade")), ("Twilio.TmeWs/1.0", "websocket"));
    let all = heard_by_peer.all();
    assert_eq!(all[0], json!({ "event": "connected", "protocol": "Call", "version": "1.0.0" }));
    let start = &all[1]["start"];
    assert_eq!((&start["accountSid"], &start["callSid"]), (&json!(ACCOUNT), &json!(report.call_sid)));
    assert_eq!((&start["tracks"], &start["customParameters"]), (&json!(["inbound"]), &json!({ "tenant": "a&b" })));
    // One counter for all messages, one for media, and a timestamp that never stands still.
    for (number, message) in all.iter().skip(1).enumerate() {
        assert_eq!(message["sequenceNumber"], (number + 1).to_string());
    }
    for (number, media) in heard_by_peer.of("media").iter().enumerate() {
        assert_eq!(media["media"]["chunk"], (number + 1).to_string());
        assert_eq!(media["media"]["timestamp"], (20 * (number + 1)).to_string());
    }
    let marks: Vec<_> = heard_by_peer.of("mark").iter().map(|mark| mark["mark"]["name"].clone()).collect();
    assert_eq!(marks, ["a", "b", "c", "d", "answer"]);

    for (path, at, fixture) in [("/stream", 0, "stream-started"), ("/stream", 1, "stream-stopped")] {
        let seen = &stand.seen_at(path)[at];
        assert_like(seen, fixture);
        assert_eq!(seen.field("StreamEvent").as_deref(), Some(fixture));
    }
    assert_like(&stand.seen_at("/ended")[0], "connect-stream-action");
}

#[tokio::test]
async fn what_was_heard_and_said_is_proved_by_its_tone() {
    let told = Told::default();
    let heard_by_peer = told.clone();
    let report = stand(DOCUMENT).peer(move |socket| gives_way(Peer::new(socket, &told))).call(caller("w0.3,s")).await;
    let stream = only_stream(&report);
    let [interruption] = stream.interruptions.as_slice() else { panic!("{stream:?}") };
    let [answer] = stream.answers.as_slice() else { panic!("{stream:?}") };
    // The peer gives way with the first voiced frame it reads; the caller's voice is 200 ms long.
    assert!(interruption.cleared_after_ms.unwrap() < 150.0, "{interruption:?}");
    assert!(interruption.dropped_ms > 1500, "{interruption:?}");
    assert_eq!((stream.clears, stream.unasked_clears, stream.ended), (1, 0, "the server closed it"));

    let sound = stream.sound.as_ref().unwrap();
    let part = |side: &[u8], from: f64, ms: f64| -> Vec<i16> {
        side.iter().skip((8.0 * from) as usize).take((8.0 * ms) as usize).map(|byte| g711::decode(*byte)).collect()
    };
    let began = interruption.at_ms as f64;
    let prompt = part(&sound.heard, began - 200.0, 180.0);
    assert!(tone::share(&prompt, 700.0, 8000) > 0.9);
    let answered = answer.silent_at_ms as f64 + answer.heard_after_ms;
    assert!(tone::share(&part(&sound.heard, answered + 20.0, 120.0), 1200.0, 8000) > 0.9);
    let between = part(&sound.heard, began + interruption.cleared_after_ms.unwrap() + 20.0, 20.0);
    assert!(tone::level(&between, 700.0, 8000) < 0.01, "nothing of the prompt is heard after the clear");
    assert!(tone::share(&part(&sound.said, began + 20.0, 150.0), 440.0, 8000) > 0.9);
    let voice = heard_by_peer.voice();
    assert!(tone::share(&voice, 440.0, 8000) > 0.9 && voice.len() == 1600, "{}", voice.len());
}

#[tokio::test]
async fn what_twilio_would_not_take_is_warned_of_once() {
    let stand = stand(DOCUMENT).peer(|socket| async move {
        let mut peer = Peer::new(socket, &Told::default());
        peer.started().await;
        peer.say(json!({ "event": "media", "media": { "payload": "AAAA", "track": "outbound" } })).await;
        peer.text("{\"event\":\"clear\",\"streamSid\":\"MZ0\"}").await;
        peer.text("hello").await;
        peer.socket.send(Message::binary(vec![0; 160])).await.unwrap();
        peer.mark("still here").await;
        peer.until(|message| message["event"] == "mark").await;
        peer.close(1000).await;
    });
    let report = stand.call(caller("")).await;
    let codes: Vec<_> = report.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!((codes, report.went_through), (vec![31951, 31950], true));
    assert_eq!((only_stream(&report).invalid, only_stream(&report).heard_ms), (4, 0));
    assert!(report.heard().eq(["After."]));
}

#[tokio::test]
async fn a_caller_who_hangs_up_stops_the_stream_and_nothing_follows() {
    for script in [caller("5,h"), Script { hang_up_after: Duration::from_secs(1), ..caller("5") }] {
        let told = Told::default();
        let heard_by_peer = told.clone();
        let stand = stand(DOCUMENT).peer(move |socket| {
            let mut peer = Peer::new(socket, &told);
            async move { while peer.next().await.is_some() {} }
        });
        let report = stand.call(script).await;
        let last = heard_by_peer.all().pop().unwrap();
        assert_eq!(last["stop"], json!({ "accountSid": ACCOUNT, "callSid": report.call_sid }));
        assert_eq!(heard_by_peer.of("dtmf")[0]["dtmf"], json!({ "track": "inbound_track", "digit": "5" }));
        assert_eq!((report.ended, report.heard().count()), ("the caller hung up", 0));
        assert_eq!((only_stream(&report).ended, stand.seen_at("/ended").len()), ("the caller hung up", 0));
        assert_eq!(stand.seen_at("/stream")[1].field("StreamEvent").as_deref(), Some("stream-stopped"));
    }
}

#[tokio::test]
async fn a_stream_that_cannot_be_opened_or_breaks_is_told_and_the_call_goes_on() {
    let connect = |attributes: &str| {
        stand(&format!("<Connect action=\"/ended\"><Stream statusCallback=\"/stream\" {attributes}/></Connect>"))
    };
    for (attributes, code) in [
        ("url=\"wss://voice.example.net/ws/1\"", 31920),
        ("url=\"wss://elsewhere.example/ws/1\"", 31902),
        ("url=\"ws://voice.example.net/ws/1\"", 31922),
        ("url=\"https://voice.example.net/ws/1\"", 31922),
        ("url=\"wss://voice.example.net/ws/1?t=2\"", 31920),
        ("url=\"wss://voice.example.net/ws/1\" track=\"both_tracks\"", 31941),
        ("url=\"\"", 31923),
    ] {
        let stand = connect(attributes);
        let report = stand.call(Script::default()).await;
        assert_eq!(codes(&report), [code], "{attributes}");
        assert!(report.heard().eq(["After."]) && report.streams.is_empty());
        assert_like(&stand.seen_at("/stream")[0], "stream-error");
        assert_like(&stand.seen_at("/ended")[0], "connect-stream-action");
    }
    let stand = connect("url=\"wss://voice.example.net/ws/1\"").peer(|socket| async move {
        let mut peer = Peer::new(socket, &Told::default());
        peer.started().await;
        peer.close(1011).await;
    });
    let report = stand.call(Script::default()).await;
    assert_eq!(codes(&report), [31921]);
    assert_eq!(only_stream(&report).error.as_ref().map(|error| error.code), Some(31921));
    assert_eq!(stand.seen_at("/stream")[1].field("StreamErrorCode").as_deref(), Some("31921"));
    assert!(report.heard().eq(["After."]));
}

#[tokio::test]
async fn who_listens_hears_both_sides_on_the_calls_own_time_until_told_to_stop() {
    let told = Told::default();
    let heard_by_peer = told.clone();
    let document = "<Start><Stream name=\"ear\" url=\"wss://voice.example.net/ws/1\" track=\"both_tracks\" \
         statusCallback=\"/stream\"/></Start><Say>Thirty characters take 2 sec..</Say><Pause length=\"2\"/>\
         <Stop><Stream name=\"ear\"/></Stop><Pause length=\"60\"/>";
    let stand = Stand::new().twiml(VOICE, document).peer(move |socket| {
        let mut peer = Peer::new(socket, &told);
        async move { while peer.next().await.is_some() {} }
    });
    let report = stand.call(Script::default()).await;
    assert!(report.went_through, "{:?}", report.errors);
    assert_eq!(heard_by_peer.of("start")[0]["start"]["tracks"], json!(["inbound", "outbound"]));
    let of = |track: &str| -> Vec<Value> {
        heard_by_peer.of("media").into_iter().filter(|media| media["media"]["track"] == track).collect()
    };
    assert_eq!((of("inbound").len(), of("outbound").len()), (200, 200), "4 s of the call's time");
    assert_eq!(of("outbound").iter().filter(|media| is_voice(media)).count(), 100, "the line speaks for two of them");
    assert!(!of("inbound").iter().any(is_voice));
    assert_eq!(heard_by_peer.all().last().unwrap()["event"], "stop");
    let events: Vec<_> = stand.seen_at("/stream").iter().map(|seen| seen.field("StreamEvent").unwrap()).collect();
    assert_eq!(events, ["stream-started", "stream-stopped"]);
}

#[tokio::test]
async fn a_relayed_conversation_carries_words_both_ways() {
    let told = Told::default();
    let heard_by_peer = told.clone();
    let document = "<Connect action=\"/ended\"><ConversationRelay url=\"wss://voice.example.net/ws/1\" \
         welcomeGreeting=\"Hello.\"><Parameter name=\"ref\" value=\"42\"/></ConversationRelay></Connect>";
    let stand = stand(document).peer(move |socket| {
        let mut peer = Peer::new(socket, &told);
        async move {
            peer.until(|message| message["type"] == "prompt").await;
            peer.text("{\"type\":\"sing\"}").await;
            peer.text("{\"type\":\"text\",\"token\":\"We are open \"}").await;
            peer.text("{\"type\":\"text\",\"token\":\"nine to five.\",\"last\":true}").await;
            peer.until(|message| message["type"] == "dtmf").await;
            peer.text("{\"type\":\"end\",\"handoffData\":\"{\\\"why\\\":1}\"}").await;
            while peer.next().await.is_some() {}
        }
    });
    let script = Script { words: vec!["When are you open?".to_owned()], ..caller("0") };
    let report = stand.call(script).await;
    assert!(report.went_through, "{}", transcript(&report));
    assert!(report.heard().eq(["Hello.", "We are open nine to five.", "After."]), "{}", transcript(&report));
    let codes: Vec<_> = report.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, [64107]);
    let all = heard_by_peer.all();
    assert_eq!(all[0]["type"], "setup");
    assert_eq!((&all[0]["callStatus"], &all[0]["customParameters"]), (&json!("IN-PROGRESS"), &json!({ "ref": "42" })));
    let types: Vec<_> = all.iter().map(|message| message["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["setup", "prompt", "error", "dtmf"]);
    let ended = &stand.seen_at("/ended")[0];
    let path =
        format!("{}/tests/fixtures/twilio/requests/conversationrelay-action-ended.form", env!("CARGO_MANIFEST_DIR"));
    for name in field_names(&std::fs::read(path).unwrap()) {
        assert!(ended.field(&name).is_some(), "{name}");
    }
    let field = |name| ended.field(name).unwrap();
    assert_eq!((field("SessionStatus"), field("HandoffData")), ("ended".to_owned(), "{\"why\":1}".to_owned()));
}

#[tokio::test]
async fn a_relayed_conversation_can_be_interrupted_and_is_told_of_when_the_caller_hangs_up() {
    let told = Told::default();
    let heard_by_peer = told.clone();
    let document = "<Connect action=\"/ended\"><ConversationRelay url=\"wss://voice.example.net/ws/1\" \
         welcomeGreeting=\"Welcome to the house.\"/></Connect>";
    let stand = stand(document).peer(move |socket| {
        let mut peer = Peer::new(socket, &told);
        async move {
            peer.until(|message| message["type"] == "prompt").await;
            peer.text("{\"type\":\"text\",\"token\":\"Yes?\",\"last\":true}").await;
            while peer.next().await.is_some() {}
        }
    });
    let report = stand.call(Script { words: vec!["Hey!".to_owned()], ..caller("s") }).await;
    let all = heard_by_peer.all();
    assert_eq!(all[1]["type"], "interrupt");
    assert_eq!(all[1]["utteranceUntilInterrupt"], "Welcome to ");
    assert_eq!(report.ended, "the caller hung up");
    let ended = &stand.seen_at("/ended")[0];
    let field = |name| ended.field(name).unwrap();
    assert_eq!((field("SessionStatus"), field("CallStatus")), ("completed".to_owned(), "completed".to_owned()));
}
