//! What we send an agent, as text and bytes.

use crate::agents::port::{Cut, During, Interrupted, Ms, Opening, Stats, ToolResult, Transcript, Who, Why};
use crate::config::agent::{Agent, CallerNumber};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, Bytes, BytesMut};
use serde_json::{Value, json};

/// Version 1, as `protocol` and as a subprotocol.
pub(super) const PROTOCOL: &str = "switchboard-agent/1";
pub(super) const SUBPROTOCOL: &str = "switchboard-agent.1";

/// Sound of the agent that may wait to be played.
pub(super) const AHEAD_MS: u32 = 10_000;
/// How long an agent may think about an interruption.
pub(super) const DECIDE_MS: u32 = 500;

/// What a conversation that goes on after a break was about.
pub(super) type Resume<'a> = Option<(&'a str, Vec<(Who, &'a str)>)>;

pub(super) fn start(agent: &Agent, opening: &Opening, tools: &[Value], resume: Resume<'_>) -> String {
    let (patience, listens) = (&agent.patience, &agent.barge_in);
    let text = agent.relay();
    let mut start = json!({
        "type": "start",
        "protocol": PROTOCOL,
        "call_id": opening.call.as_str(),
        "line": opening.line,
        "from": caller(agent.caller_number, &opening.from),
        "to": opening.to,
        "direction": "inbound",
        "language": opening.language,
        "context": {"menu": opening.menu, "tags": opening.tags},
        "audio": {"offer": ["mulaw/8000", "pcm16/8000", "pcm16/16000", "pcm16/24000"], "frame_ms": 20},
        "encodings": ["json", "binary"],
        "tools": tools,
        "barge_in": {"preset": listens.preset.name(), "evidence": listens.evidence, "speech_ms": listens.speech_ms,
            "silence_ms": listens.silence_ms, "hold": agent.hold, "decide_ms": DECIDE_MS},
        "limits": {"ahead_ms": AHEAD_MS, "text_bytes": super::incoming::MOST_BYTES, "max_call_s": agent.max_s},
        "deadlines": {"ready_ms": patience.ready_ms, "first_audio_ms": patience.answer_ms,
            "turn_ms": patience.answer_fail_ms},
    });
    if let (Some(relay), Some(start)) = (text, start.as_object_mut()) {
        ["audio", "encodings", "barge_in"].iter().for_each(|key| _ = start.remove(*key));
        start.insert("mode".to_owned(), json!("text"));
        if let Some(greeting) = &relay.greeting {
            start.insert("greeted".to_owned(), json!(greeting));
        }
    }
    if let Some((reason, said)) = resume {
        let said: Vec<Value> =
            said.iter().map(|(by, text)| json!({"who": who(*by), "text": text, "heard": true})).collect();
        put(&mut start, "resume", json!({"reason": reason, "transcript": said}));
    }
    start.to_string()
}

/// As much of the caller's number as the line gives away.
fn caller(shown: CallerNumber, from: &str) -> Option<String> {
    match shown {
        CallerNumber::Full => Some(from.to_owned()),
        CallerNumber::Last4 => from.char_indices().nth_back(3).and_then(|(at, _)| from.get(at..)).map(str::to_owned),
        CallerNumber::None => None,
    }
}

pub(super) const fn who(by: Who) -> &'static str {
    match by {
        Who::Caller => "caller",
        Who::Agent => "agent",
    }
}

/// One message a frame: written by hand, because there are fifty a second.
pub(super) fn audio(t: Ms, sound: &[u8], gap_ms: u32) -> String {
    let mut text = String::with_capacity(sound.len() * 4 / 3 + 64);
    text.push_str("{\"type\":\"audio\",\"t\":");
    text.push_str(&t.to_string());
    if gap_ms > 0 {
        text.push_str(",\"gap_ms\":");
        text.push_str(&gap_ms.to_string());
    }
    text.push_str(",\"data\":\"");
    STANDARD.encode_string(sound, &mut text);
    text.push_str("\"}");
    text
}

pub(super) fn audio_binary(t: Ms, sound: &[u8], gap_ms: u32) -> Bytes {
    let mut frame = BytesMut::with_capacity(sound.len() + 8);
    frame.put_u8(1);
    frame.put_u8(if gap_ms > 0 { 2 } else { 0 });
    frame.put_u16(0);
    frame.put_u32(u32::try_from(t).unwrap_or(u32::MAX));
    frame.put_slice(sound);
    frame.freeze()
}

pub(super) fn speech_started(t: Ms, speech: u32, during: Option<(&str, &During)>, decide_ms: Option<u32>) -> String {
    let mut message = json!({"type": "speech_started", "t": t, "speech": format!("s{speech}")});
    if let Some((utt, during)) = during {
        put(&mut message, "during", json!({"utt": utt, "heard_ms": during.heard_ms}));
    }
    if let Some(decide_ms) = decide_ms {
        put(&mut message, "decide_by_ms", json!(decide_ms));
    }
    message.to_string()
}

pub(super) fn speech_ended(t: Ms, speech: u32, duration_ms: u32) -> String {
    json!({"type": "speech_ended", "t": t, "speech": format!("s{speech}"), "duration_ms": duration_ms}).to_string()
}

/// What an interruption comes to, in the agent's own names.
pub(super) struct Cutting<'a> {
    pub(super) utt: &'a str,
    pub(super) received_ms: u32,
    pub(super) heard_text: Option<&'a str>,
    pub(super) dropped: &'a [String],
}

pub(super) fn interrupted(t: Ms, cut: &Interrupted, cutting: &Cutting<'_>) -> String {
    let Cutting { utt, received_ms, heard_text, dropped } = cutting;
    let cause = match cut.why {
        Cut::Speech => "speech",
        Cut::Dtmf => "dtmf",
        Cut::AgentClear => "agent_clear",
        Cut::Emergency => "emergency",
        Cut::Operator => "operator",
    };
    let mut message = json!({"type": "interrupted", "t": t, "utt": utt, "heard_ms": cut.heard_ms,
        "sent_ms": cut.sent_ms, "received_ms": received_ms, "dropped": dropped, "cause": cause});
    if let Some(text) = heard_text {
        put(&mut message, "heard_text", json!(text));
    }
    message.to_string()
}

pub(super) fn playing(t: Ms, utt: &str) -> String {
    json!({"type": "playing", "t": t, "utt": utt}).to_string()
}

pub(super) fn played(t: Ms, utt: &str, heard_ms: u32, complete: bool) -> String {
    json!({"type": "played", "t": t, "utt": utt, "heard_ms": heard_ms, "complete": complete}).to_string()
}

pub(super) fn mark(t: Ms, name: &str, heard: bool) -> String {
    json!({"type": "mark", "t": t, "name": name, "heard": heard}).to_string()
}

pub(super) fn dtmf(t: Ms, digit: char) -> String {
    json!({"type": "dtmf", "t": t, "digit": digit}).to_string()
}

pub(super) fn transcript(said: &Transcript) -> String {
    let mut message = json!({"type": "transcript", "who": who(said.who), "text": said.text, "final": said.last});
    for (key, ms) in [("start_ms", said.start_ms), ("end_ms", said.end_ms)] {
        if let Some(ms) = ms {
            put(&mut message, key, json!(ms));
        }
    }
    message.to_string()
}

pub(super) fn tool_result(result: &ToolResult) -> String {
    let mut message =
        json!({"type": "tool.result", "id": result.id, "ok": result.outcome.is_ok(), "final": result.last});
    match &result.outcome {
        Ok(value) => put(&mut message, "result", value.clone()),
        Err(refusal) => {
            let mut error = json!({"code": refusal.code, "message": refusal.message});
            if let Some(reason) = refusal.reason {
                put(&mut error, "reason", json!(reason));
            }
            put(&mut message, "error", error);
        }
    }
    message.to_string()
}

pub(super) fn pressure(queued_ms: u32, state: &str) -> String {
    json!({"type": "pressure", "queued_ms": queued_ms, "limit_ms": AHEAD_MS, "state": state}).to_string()
}

pub(super) fn error(code: &str, message: &str, fatal: bool) -> String {
    json!({"type": "error", "code": code, "message": message, "fatal": fatal}).to_string()
}

pub(super) fn pong(t: Ms, id: Option<Value>) -> String {
    json!({"type": "pong", "t": t, "id": id}).to_string()
}

pub(super) fn stop(why: Why, stats: Stats) -> String {
    let Stats { turns, interrupts, heard_ms } = stats;
    let stats = json!({"turns": turns, "interrupts": interrupts, "heard_ms": heard_ms});
    json!({"type": "stop", "reason": why.as_str(), "stats": stats}).to_string()
}

fn put(message: &mut Value, key: &str, value: Value) {
    if let Some(object) = message.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}
