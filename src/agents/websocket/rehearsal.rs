//! Conversations in `switchboard-agent/1`, played on a clock of their own.

use super::{Auth, Neutral, Setting};
use crate::agents::inbox::Inbox;
use crate::agents::outbox::sound;
use crate::agents::port::{
    Cause, Cut, Ended, FromAgent, Interrupted, Ms, Opening, Stats, ToAgent, ToolResult, Utt, Why,
};
use crate::agents::session::{Act, Acts, Heard, Session};
use crate::base::{Clock, E164, Secret, Time};
use crate::config::agent::{Agent, AgentKind, AgentTool};
use crate::config::line::Target;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An agent that a test speaks for.
struct Stage {
    session: Neutral,
    now: Ms,
    sent: Vec<Value>,
    said: Vec<FromAgent>,
    dials: Vec<u32>,
    closes: Vec<u16>,
    pings: usize,
}

fn stage(agent: Agent, secret: Option<&str>) -> Stage {
    let auth = Auth::of(secret.map(Secret::new).as_ref());
    let (url, clock) = ("wss://agent.example/calls".to_owned(), Clock::manual(Time::UNIX_EPOCH));
    let session = Neutral::new(Setting { agent: Arc::new(agent), url, auth, opening: Opening::example(), clock });
    let (sent, said, dials, closes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut stage = Stage { session, now: 0, sent, said, dials, closes, pings: 0 };
    stage.act(|session, at, acts| session.begin(at, acts));
    stage
}

fn agent() -> Agent {
    let sales = Target::Number(E164::parse("+15875550101").unwrap());
    Agent {
        kind: AgentKind::WebSocket { url: String::new() },
        tools: vec![AgentTool::Transfer, AgentTool::HangUp],
        targets: BTreeMap::from([("sales".to_owned(), sales)]),
        ..Agent::default()
    }
}

/// Open, begun and ready.
fn talking() -> Stage {
    let mut stage = stage(agent(), None);
    stage.hear(Heard::Open(Some("switchboard-agent.1")));
    stage.tell(ToAgent::Begin);
    stage.says(&json!({"type": "ready", "protocol": "switchboard-agent/1", "name": "crumb"}));
    stage.sent.clear();
    stage.said.clear();
    stage
}

impl Stage {
    fn act(&mut self, what: impl FnOnce(&mut Neutral, Ms, &mut Acts)) {
        let mut acts = Acts::new();
        what(&mut self.session, self.now, &mut acts);
        for act in acts {
            match act {
                Act::Dial(socket) => self.dials.push(socket),
                Act::Text(_, text) => self.sent.push(serde_json::from_str(&text).unwrap()),
                Act::Say(word) => self.said.push(word),
                Act::Close(_, code) => self.closes.push(code),
                Act::Ping(_) => self.pings += 1,
                Act::Binary(..) | Act::Note(..) => {}
            }
        }
    }

    fn tell(&mut self, word: ToAgent) {
        self.act(|session, at, acts| session.told(at, word, acts));
    }

    fn hear(&mut self, news: Heard<'_>) {
        let socket = *self.dials.last().unwrap();
        self.act(|session, at, acts| session.heard(at, socket, news, acts));
    }

    fn says(&mut self, message: &Value) {
        self.hear(Heard::Text(&message.to_string()));
    }

    fn sound(&mut self, utt: &str, ms: usize) {
        self.says(&json!({"type": "audio", "utt": utt, "data": STANDARD.encode(vec![0x55; ms * 8])}));
    }

    /// Lets time pass; the socket lives.
    fn wait(&mut self, ms: Ms) {
        let until = self.now + ms;
        while let Some(at) = self.session.wakes().filter(|at| *at <= until) {
            assert!(at >= self.now || at == 0, "it wakes for the past");
            self.now = self.now.max(at);
            let pings = self.pings;
            self.act(|session, at, acts| session.tick(at, acts));
            if self.pings > pings {
                self.hear(Heard::Alive);
            }
        }
        self.now = until;
    }

    fn sent(&self, kind: &str) -> Option<&Value> {
        self.sent.iter().rev().find(|sent| sent["type"] == kind)
    }

    fn cause(&self) -> Option<(Ms, Cause)> {
        match self.said.last() {
            Some(FromAgent::Failed(failure)) => Some((self.now, failure.cause)),
            _ => None,
        }
    }
}

#[test]
fn a_call_begins() {
    let mut stage = stage(agent(), None);
    stage.hear(Heard::Open(Some("switchboard-agent.1")));
    stage.wait(20_000);
    assert!(stage.sent.is_empty() && stage.pings > 2, "the caller still hears the menu");
    stage.tell(ToAgent::Begin);
    let start = stage.sent("start").unwrap();
    assert_eq!(start["from"], "0123");
    assert_eq!(start["tools"][0]["parameters"]["properties"]["to"]["enum"], json!(["sales"]));
    stage.tell(sound(&[1; 160], 0));
    stage.says(&json!({"type": "ready", "speaks_first": true, "barge_in": "ask"}));
    assert!(matches!(&stage.said[..], [FromAgent::Ready(ready)] if ready.speaks_first));
    assert_eq!(stage.sent("audio").unwrap()["data"], STANDARD.encode([1; 160]), "what was said before is not lost");
}

#[test]
fn deadlines_are_kept() {
    let refused = |mut stage: Stage, ms| {
        stage.wait(ms);
        stage.cause().map(|(_, cause)| cause)
    };
    assert_eq!(refused(stage(agent(), None), 800), Some(Cause::Late), "no connection");
    let mut unready = stage(agent(), None);
    unready.hear(Heard::Open(None));
    unready.tell(ToAgent::Begin);
    unready.wait(699);
    assert_eq!(unready.cause(), None);
    unready.wait(1);
    assert_eq!((unready.cause(), unready.closes.as_slice()), (Some((700, Cause::Late)), &[4003][..]));

    let mut mute = talking();
    mute.tell(ToAgent::SpeechEnded { speech: 1, duration_ms: 900, quiet_ms: 0 });
    mute.wait(1_800);
    assert_eq!(mute.said, [FromAgent::Late]);
    mute.wait(6_200);
    assert_eq!(mute.cause(), Some((8_000, Cause::Late)));

    let mut dry = talking();
    dry.sound("u1", 200);
    dry.tell(ToAgent::Playing { utt: Utt(1) });
    dry.wait(1_699);
    assert_eq!(dry.cause(), None);
    dry.wait(1);
    assert_eq!(dry.cause(), Some((1_700, Cause::Dry)));
}

#[test]
fn an_interruption_tells_what_was_heard() {
    let mut stage = talking();
    for utt in ["u1", "u2"] {
        stage.sound(utt, 1_000);
    }
    for (at_ms, text) in [(0, "We open "), (300, "at seven "), (600, "and close at five.")] {
        stage.says(&json!({"type": "caption", "utt": "u1", "at_ms": at_ms, "text": text}));
    }
    let dropped = vec![Utt(2)];
    let why = Cut::Speech;
    stage.tell(ToAgent::Interrupted(Interrupted {
        utt: Utt(1),
        heard_ms: 600,
        sent_ms: 800,
        given_ms: 0,
        heard_text: None,
        dropped,
        why,
    }));
    let cut = stage.sent("interrupted").unwrap();
    assert_eq!(
        (&cut["heard_text"], &cut["received_ms"], &cut["dropped"]),
        (&json!("We open at seven"), &json!(1_000), &json!(["u2"]))
    );
    assert!(matches!(stage.said.last(), Some(FromAgent::Transcript(said)) if said.interrupted));
    stage.sound("u2", 20);
    assert_eq!(stage.sent("error").unwrap()["code"], "unknown_utterance");
}

#[test]
fn ten_seconds_may_wait_and_no_more() {
    let mut stage = talking();
    (0..40).for_each(|_| stage.sound("u1", 300));
    let given: usize =
        stage.said.iter().map(|word| if let FromAgent::Audio { data, .. } = word { data.len() } else { 0 }).sum();
    assert!((9_600 * 8..=10_000 * 8).contains(&given));
    let states: Vec<&Value> =
        stage.sent.iter().filter(|sent| sent["type"] == "pressure").map(|sent| &sent["state"]).collect();
    assert_eq!(states, ["slow", "full"]);
    assert_eq!(stage.sent("error").unwrap()["code"], "audio_overflow");
    stage.says(&json!({"type": "audio_end", "utt": "u1"}));
    stage.tell(ToAgent::Playing { utt: Utt(1) });
    stage.wait(8_000);
    assert_eq!(stage.sent("pressure").unwrap()["state"], "ok");
    assert_eq!(stage.cause(), None);
}

#[test]
fn a_tool_has_one_effect() {
    let mut stage = talking();
    let call = json!({"type": "tool.call", "id": "t1", "name": "transfer", "args": {"to": "sales"}});
    stage.says(&call);
    stage.says(&call);
    assert_eq!(stage.said.iter().filter(|word| matches!(word, FromAgent::ToolCall(_))).count(), 1);
    stage.tell(ToAgent::ToolResult(ToolResult {
        id: "t1".to_owned(),
        outcome: Ok(json!({"when": "after_speech"})),
        last: true,
    }));
    stage.says(&call);
    let results: Vec<&Value> = stage.sent.iter().filter(|sent| sent["type"] == "tool.result").collect();
    assert!(results.len() == 2 && results[0] == results[1]);
    stage.says(&json!({"type": "tool.call", "id": "t2", "name": "transfer", "args": {"to": "+15875550199"}}));
    assert_eq!(stage.sent("tool.result").unwrap()["error"]["code"], "tool_denied");
}

#[test]
fn three_messages_without_sense_are_enough() {
    let mut stage = talking();
    (0..2).for_each(|_| stage.hear(Heard::Text("nonsense")));
    assert_eq!(stage.cause(), None);
    stage.hear(Heard::Binary(&[9]));
    assert_eq!(stage.cause(), Some((0, Cause::Malformed)));
}

#[test]
fn a_stranger_is_not_believed() {
    let mut stage = stage(agent(), Some("whsec_bmV3"));
    stage.hear(Heard::Open(None));
    stage.tell(ToAgent::Begin);
    stage.says(&json!({"type": "ready", "proof": "v1,AAAA"}));
    assert_eq!((stage.cause(), stage.closes.as_slice()), (Some((0, Cause::Denied)), &[4001][..]));
    let mut newer = super::rehearsal::stage(agent(), None);
    newer.hear(Heard::Open(Some("switchboard-agent.2")));
    assert_eq!((newer.cause(), newer.closes.as_slice()), (Some((0, Cause::Denied)), &[4002][..]));
}

#[test]
fn a_break_is_mended_once() {
    let mut stage = stage(Agent { reconnect: true, ..agent() }, None);
    stage.hear(Heard::Open(None));
    stage.tell(ToAgent::Begin);
    stage.says(&json!({"type": "ready"}));
    stage.sound("u1", 400);
    stage.says(&json!({"type": "audio_end", "utt": "u1", "text": "Good morning."}));
    stage.tell(ToAgent::Played(Ended { utt: Utt(1), heard_ms: 400, complete: true }));
    stage.sound("u2", 200);
    stage.hear(Heard::Closed(Some(1001)));
    assert_eq!(stage.dials, [1, 2]);
    assert_eq!(stage.said.last(), Some(&FromAgent::AudioEnd { utt: Utt(2) }), "what came is played to its end");
    stage.hear(Heard::Open(None));
    let resume = &stage.sent("start").unwrap()["resume"];
    assert_eq!(resume["transcript"], json!([{"who": "agent", "text": "Good morning.", "heard": true}]));
    stage.says(&json!({"type": "ready"}));
    stage.hear(Heard::Closed(None));
    assert_eq!(stage.cause(), Some((0, Cause::Closed)));
}

#[test]
fn the_end_is_said() {
    let mut stage = talking();
    stage.tell(ToAgent::Stop { why: Why::CallerHangup, stats: Stats::default() });
    assert_eq!(stage.sent("stop").unwrap()["reason"], "caller_hangup");
    assert_eq!((stage.closes.as_slice(), stage.session.is_over()), (&[1000][..], true));
}

fn message() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec![
        "ready",
        "audio",
        "audio_end",
        "caption",
        "say",
        "clear",
        "mark",
        "barge_in",
        "transcript",
        "tool.call",
        "stop",
        "error",
        "ping",
        "unheard-of",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c]{0,2}|s[0-9]|u[0-9]|now|confirm|caller|AAAA".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..900).prop_map(|bytes| Value::from(STANDARD.encode(bytes))),
    ];
    let fields = prop::sample::select(vec![
        "utt",
        "data",
        "text",
        "name",
        "at_ms",
        "speech",
        "verdict",
        "who",
        "id",
        "args",
        "when",
        "final",
        "interruptible",
        "audio",
        "code",
        "fatal",
    ]);
    (kind, prop::collection::btree_map(fields, leaf, 0..8)).prop_map(|(kind, fields)| {
        let mut message = json!({"type": kind});
        for (key, value) in fields {
            message[key] = value;
        }
        message
    })
}

#[test]
fn pieces_of_a_text_are_gathered_where_we_speak() {
    let mut stage = talking();
    let say = |text: &str, last: bool| json!({"type": "say", "utt": "u1", "text": text, "final": last});
    stage.says(&say("We open ", false));
    assert!(stage.said.is_empty());
    stage.says(&say("at nine.", true));
    let said = stage.said.last();
    assert!(matches!(said, Some(FromAgent::Say(say)) if say.text == "We open at nine." && say.last), "{said:?}");
    stage.says(&json!({"type": "language", "language": "fr-CA"}));
    assert_eq!(stage.sent("error").unwrap()["code"], "only_in_text");
    stage.says(&json!({"type": "play", "utt": "u2", "url": "http://sounds.example/a.mp3"}));
    assert_eq!(stage.sent("error").unwrap()["code"], "bad_message");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever an agent sends, and whenever: no panic, one last word, and nothing grows.
    #[test]
    fn any_agent_is_survived(messages in prop::collection::vec((message(), 0u64..400), 0..200)) {
        let mut stage = talking();
        let inbox = Inbox::default();
        for (message, wait) in messages {
            stage.says(&message);
            stage.wait(wait);
            stage.tell(sound(&[0xff; 160], 0));
            for word in std::mem::take(&mut stage.said) {
                inbox.put(word);
            }
            prop_assert!(stage.session.kept_bytes() < 1_000_000);
        }
        let failures = std::iter::from_fn(|| inbox.take()).filter(|word| matches!(word, FromAgent::Failed(_))).count();
        prop_assert!(failures <= 1);
    }
}
