//! A script, and what may be done to it.

use crate::audio::{g711, tone};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// What is done to a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutation {
    None,
    /// Deltas are cut at odd bytes.
    Cut,
    /// All sound of an item comes in one delta.
    Joined,
    /// Events that nobody knows come between.
    Unknown,
    /// Transcripts come twice.
    Doubled,
    /// The caller's words come before the answer.
    Early,
    /// Everything takes three times as long.
    Slow,
}

/// The lines of a script, without those of other variants.
pub(super) fn load(name: &str, variant: Option<&str>) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/agents/openai-realtime/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["variant"].is_null() || line["variant"].as_str() == variant).map(expand).collect()
}

/// Sound in place of its description.
fn expand(mut line: Value) -> Value {
    let delta = &line["event"]["delta"];
    let sound = |what: &Value, rate: u32| {
        let (hz, ms) = (what["tone_hz"].as_f64().unwrap(), what["ms"].as_u64().unwrap());
        tone::sine(hz, u32::try_from(ms).unwrap(), 0.5, rate)
    };
    let bytes: Option<Vec<u8>> = if delta["$ulaw"].is_object() {
        Some(sound(&delta["$ulaw"], 8_000).into_iter().map(g711::encode).collect())
    } else if delta["$pcm24k"].is_object() {
        Some(sound(&delta["$pcm24k"], 24_000).into_iter().flat_map(i16::to_le_bytes).collect())
    } else {
        None
    };
    if let Some(bytes) = bytes {
        line["event"]["delta"] = json!(STANDARD.encode(bytes));
    }
    line
}

pub(super) fn mutate(lines: Vec<Value>, mutation: Mutation) -> Vec<Value> {
    match mutation {
        Mutation::None => lines,
        Mutation::Cut => lines.into_iter().flat_map(cut).collect(),
        Mutation::Joined => joined(lines),
        Mutation::Unknown => lines.into_iter().flat_map(with_unknown).collect(),
        Mutation::Doubled => lines.into_iter().flat_map(doubled).collect(),
        Mutation::Early => early(lines),
        Mutation::Slow => lines.into_iter().map(slow).collect(),
    }
}

fn kind(line: &Value) -> &str {
    line["event"]["type"].as_str().unwrap_or_default()
}

fn is_sound(line: &Value) -> bool {
    kind(line) == "response.output_audio.delta"
}

fn bytes(line: &Value) -> Vec<u8> {
    STANDARD.decode(line["event"]["delta"].as_str().unwrap()).unwrap()
}

fn cut(line: Value) -> Vec<Value> {
    if !is_sound(&line) {
        return vec![line];
    }
    let piece = |piece: &[u8]| {
        let mut line = line.clone();
        line["event"]["delta"] = json!(STANDARD.encode(piece));
        line
    };
    bytes(&line).chunks(333).map(piece).collect()
}

fn joined(mut lines: Vec<Value>) -> Vec<Value> {
    let mut items: Vec<(String, usize)> = Vec::new();
    for at in 0..lines.len() {
        if !is_sound(&lines[at]) {
            continue;
        }
        let item = lines[at]["event"]["item_id"].as_str().unwrap().to_owned();
        match items.iter().find(|(known, _)| *known == item) {
            None => items.push((item, at)),
            Some((_, first)) => {
                let all = [bytes(&lines[*first]), bytes(&lines[at])].concat();
                lines[*first]["event"]["delta"] = json!(STANDARD.encode(all));
                lines[at]["event"]["delta"] = json!("");
            }
        }
    }
    lines
}

fn with_unknown(line: Value) -> Vec<Value> {
    if line["dir"] != "s>c" {
        return vec![line];
    }
    let event = json!({"type": "response.mood.delta", "event_id": "e", "delta": {"joy": [1, 2]}, "item_id": "item_a1"});
    vec![json!({"dir": "s>c", "ms": line["ms"], "event": event}), line]
}

fn doubled(line: Value) -> Vec<Value> {
    let copies = if kind(&line).contains("transcript") { 2 } else { 1 };
    vec![line; copies]
}

fn early(mut lines: Vec<Value>) -> Vec<Value> {
    let mut committed = 0;
    for line in &mut lines {
        match kind(line) {
            "input_audio_buffer.committed" => committed = line["ms"].as_u64().unwrap(),
            kind if kind.contains("input_audio_transcription") => line["ms"] = json!(committed + 1),
            _ => {}
        }
    }
    lines.sort_by_key(|line| line["ms"].as_u64().unwrap_or(u64::MAX));
    lines
}

fn slow(mut line: Value) -> Value {
    for key in ["ms", "by_ms", "from_ms", "to_ms", "for_ms"] {
        if let Some(ms) = line[key].as_u64() {
            line[key] = json!(ms * 3);
        }
    }
    line
}
