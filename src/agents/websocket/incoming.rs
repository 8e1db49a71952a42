//! What an agent sends, as types. Unknown types and fields are nothing; a known type with a field that makes no
//! sense is a mistake.

use crate::agents::port::{BargeIn, Next, Speech, When, Who};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// Longest message.
pub(super) const MOST_BYTES: usize = 64 * 1_024;
/// Longest name of an utterance, a mark or a tool call.
const NAME: usize = 64;

/// A message of the agent.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming<'a> {
    Ready(Box<Greeting<'a>>),
    Audio { utt: Cow<'a, str>, data: Vec<u8>, interruptible: bool },
    AudioEnd { utt: Cow<'a, str>, text: Option<Cow<'a, str>> },
    Caption { utt: Cow<'a, str>, at_ms: u32, text: Cow<'a, str> },
    Say(Box<Words<'a>>),
    Play { utt: Cow<'a, str>, url: Cow<'a, str>, interruptible: bool },
    Language { language: Cow<'a, str> },
    Clear { utt: Option<Cow<'a, str>> },
    Mark { name: Cow<'a, str> },
    Verdict { speech: Speech, confirm: bool },
    Transcript(Box<Line<'a>>),
    ToolCall { id: Cow<'a, str>, name: Cow<'a, str>, args: Value, when: Option<When> },
    Stop { next: Next, when: When, failed: bool, declined: bool },
    Error { code: Cow<'a, str>, fatal: bool },
    Ping { id: Option<Value> },
    Nothing,
}

/// `ready`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Greeting<'a> {
    pub(super) protocol: Option<Cow<'a, str>>,
    pub(super) sound_in: Cow<'a, str>,
    pub(super) sound_out: Cow<'a, str>,
    pub(super) binary: bool,
    pub(super) text_only: bool,
    pub(super) speaks_first: bool,
    pub(super) barge_in: BargeIn,
    /// `None`: everything.
    pub(super) wants: Option<Vec<Cow<'a, str>>>,
    pub(super) name: Cow<'a, str>,
    pub(super) proof: Option<Cow<'a, str>>,
}

/// `say`.
#[derive(Debug, PartialEq)]
pub(super) struct Words<'a> {
    pub(super) utt: Cow<'a, str>,
    pub(super) text: Cow<'a, str>,
    pub(super) voice: Option<Cow<'a, str>>,
    pub(super) language: Option<Cow<'a, str>>,
    pub(super) interruptible: bool,
    /// Nothing more follows.
    pub(super) last: bool,
}

/// `transcript`.
#[derive(Debug, PartialEq)]
pub(super) struct Line<'a> {
    pub(super) who: Who,
    pub(super) text: Cow<'a, str>,
    pub(super) last: bool,
    pub(super) start_ms: Option<u64>,
    pub(super) end_ms: Option<u64>,
}

/// Why a message is refused: a word for `error.code`, and one for people.
pub(super) type Bad = (&'static str, &'static str);

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
}

/// All fields of all messages: flat, because a tagged enum would buffer each message first.
#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    utt: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<Cow<'a, str>>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    protocol: Option<Cow<'a, str>>,
    #[serde(borrow)]
    audio: Option<Formats<'a>>,
    #[serde(borrow)]
    encoding: Option<Cow<'a, str>>,
    #[serde(borrow)]
    barge_in: Option<Cow<'a, str>>,
    #[serde(borrow)]
    wants: Option<Vec<Cow<'a, str>>>,
    #[serde(borrow)]
    proof: Option<Cow<'a, str>>,
    #[serde(borrow)]
    voice: Option<Cow<'a, str>>,
    #[serde(borrow)]
    language: Option<Cow<'a, str>>,
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    speech: Option<Cow<'a, str>>,
    #[serde(borrow)]
    verdict: Option<Cow<'a, str>>,
    #[serde(borrow)]
    who: Option<Cow<'a, str>>,
    #[serde(borrow)]
    when: Option<Cow<'a, str>>,
    #[serde(borrow)]
    reason: Option<Cow<'a, str>>,
    #[serde(borrow)]
    next: Option<Cow<'a, str>>,
    #[serde(borrow)]
    code: Option<Cow<'a, str>>,
    id: Option<Value>,
    args: Option<Value>,
    interruptible: Option<bool>,
    text_only: Option<bool>,
    speaks_first: Option<bool>,
    #[serde(rename = "final")]
    last: Option<bool>,
    fatal: Option<bool>,
    at_ms: Option<u32>,
    start_ms: Option<u64>,
    end_ms: Option<u64>,
}

#[derive(Deserialize)]
struct Formats<'a> {
    #[serde(borrow, rename = "in")]
    sound_in: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "out")]
    sound_out: Option<Cow<'a, str>>,
}

/// Reads a text frame.
pub(super) fn read(text: &str) -> Result<Incoming<'_>, Bad> {
    if text.len() > MOST_BYTES {
        return Err(("too_large", "a message has at most 65536 bytes"));
    }
    let kind: Kind<'_> =
        serde_json::from_str(text).map_err(|_| ("bad_message", "not a JSON object with a text `type`"))?;
    let reader: fn(Raw<'_>) -> Result<Incoming<'_>, Bad> = match &*kind.kind {
        "ready" => ready,
        "audio" => audio,
        "audio_end" => |raw| Ok(Incoming::AudioEnd { utt: utterance(raw.utt)?, text: raw.text }),
        "caption" => caption,
        "say" => say,
        "play" => play,
        "language" => {
            |raw| Ok(Incoming::Language { language: named(raw.language, "`language` is missing or too long")? })
        }
        "clear" => |raw| Ok(Incoming::Clear { utt: raw.utt }),
        "mark" => |raw| Ok(Incoming::Mark { name: named(raw.name, "`name` is missing or too long")? }),
        "barge_in" => verdict,
        "transcript" => transcript,
        "tool.call" => tool_call,
        "stop" => stop,
        "error" => {
            |raw| Ok(Incoming::Error { code: raw.code.unwrap_or(Cow::Borrowed("")), fatal: raw.fatal.unwrap_or(false) })
        }
        "ping" => |raw| Ok(Incoming::Ping { id: raw.id }),
        _ => return Ok(Incoming::Nothing),
    };
    let raw = serde_json::from_str(text).map_err(|_| ("bad_message", "a field has the wrong type"))?;
    reader(raw)
}

fn ready(raw: Raw<'_>) -> Result<Incoming<'_>, Bad> {
    let mulaw = Cow::Borrowed("mulaw/8000");
    let (sound_in, sound_out) = raw.audio.map_or((None, None), |audio| (audio.sound_in, audio.sound_out));
    let barge_in = match raw.barge_in.as_deref() {
        None | Some("house") => BargeIn::House,
        Some("ask") => BargeIn::Ask,
        Some("agent") => BargeIn::Agent,
        Some(_) => return Err(("bad_message", "`barge_in` is house, ask or agent")),
    };
    Ok(Incoming::Ready(Box::new(Greeting {
        protocol: raw.protocol,
        sound_in: sound_in.unwrap_or(mulaw.clone()),
        sound_out: sound_out.unwrap_or(mulaw),
        binary: raw.encoding.as_deref() == Some("binary"),
        text_only: raw.text_only.unwrap_or(false),
        speaks_first: raw.speaks_first.unwrap_or(false),
        barge_in,
        wants: raw.wants,
        name: raw.name.unwrap_or(Cow::Borrowed("agent")),
        proof: raw.proof,
    })))
}

fn audio(raw: Raw<'_>) -> Result<Incoming<'_>, Bad> {
    let data = raw.data.ok_or(("bad_message", "`data` is missing"))?;
    let data = STANDARD.decode(data.as_bytes()).map_err(|_| ("bad_message", "`data` is not base64"))?;
    Ok(Incoming::Audio { utt: utterance(raw.utt)?, data, interruptible: raw.interruptible.unwrap_or(true) })
}

fn caption(raw: Raw<'_>) -> Result<Incoming<'_>, Bad> {
    let text = raw.text.ok_or(("bad_message", "`text` is missing"))?;
    Ok(Incoming::Caption { utt: utterance(raw.utt)?, at_ms: raw.at_ms.unwrap_or(0), text })
}

fn say(raw: Raw<'_>) -> Result<Incoming<'_>, Bad> {
    Ok(Incoming::Say(Box::new(Words {
        utt: utterance(raw.utt)?,
        text: raw.text.ok_or(("bad_message", "`text` is missing"))?,
        voice: raw.voice,
        language: raw.language,
        interruptible: raw.interruptible.unwrap_or(true),
        last: raw.last.unwrap_or(true),
    })))
}

fn play(raw: Raw<'_>) -> Result<Incoming<'_>, Bad> {
    const WRONG: Bad = ("bad_message", "`url` is where the carrier finds the sound: https://…");
    let url = raw.url.filter(|url| url.starts_with("https://") && url.len() <= 2_000).ok_or(WRONG)?;
    Ok(Incoming::Play { utt: utterance(raw.utt)?, url, interruptible: raw.interruptible.unwrap_or(true) })
}

fn verdict(raw: Raw<'_>) -> Result<Incoming<'_>, Bad> {
    let speech = raw.speech.as_deref().and_then(|name| name.strip_prefix('s')?.parse().ok());
    let speech = speech.ok_or(("bad_message", "`speech` names no speech"))?;
    match raw.verdict.as_deref() {
        Some("confirm") => Ok(Incoming::Verdict { speech, confirm: true }),
        Some("reject") => Ok(Incoming::Verdict { speech, confirm: false }),
        _ => Err(("bad_message", "`verdict` is confirm or reject")),
    }
}

fn transcript(raw: Raw<'_>) -> Result<Incoming<'_>, Bad> {
    let who = match raw.who.as_deref() {
        Some("caller") => Who::Caller,
        Some("agent") => Who::Agent,
        _ => return Err(("bad_message", "`who` is caller or agent")),
    };
    let text = raw.text.ok_or(("bad_message", "`text` is missing"))?;
    let (start_ms, end_ms) = (raw.start_ms, raw.end_ms);
    Ok(Incoming::Transcript(Box::new(Line { who, text, last: raw.last.unwrap_or(true), start_ms, end_ms })))
}

fn tool_call(raw: Raw<'_>) -> Result<Incoming<'_>, Bad> {
    let id = match raw.id {
        Some(Value::String(id)) if (1..=NAME).contains(&id.len()) => Cow::Owned(id),
        _ => return Err(("bad_message", "`id` is a text of 1 to 64 bytes")),
    };
    let name = named(raw.name, "`name` is missing or too long")?;
    Ok(Incoming::ToolCall { id, name, args: raw.args.unwrap_or(Value::Null), when: when(raw.when)? })
}

fn stop(raw: Raw<'_>) -> Result<Incoming<'_>, Bad> {
    let next = match raw.next.as_deref() {
        None | Some("line") => Next::Line,
        Some("hangup") => Next::Hangup,
        Some(_) => return Err(("bad_message", "`next` is line or hangup")),
    };
    let reason = raw.reason.as_deref();
    let (failed, declined) = (reason == Some("failed"), reason == Some("decline"));
    Ok(Incoming::Stop { next, when: when(raw.when)?.unwrap_or(When::AfterSpeech), failed, declined })
}

fn when(word: Option<Cow<'_, str>>) -> Result<Option<When>, Bad> {
    match word.as_deref() {
        None => Ok(None),
        Some("now") => Ok(Some(When::Now)),
        Some("after_speech") => Ok(Some(When::AfterSpeech)),
        Some(_) => Err(("bad_message", "`when` is now or after_speech")),
    }
}

fn utterance(name: Option<Cow<'_, str>>) -> Result<Cow<'_, str>, Bad> {
    named(name, "`utt` is missing or too long")
}

fn named<'a>(name: Option<Cow<'a, str>>, wrong: &'static str) -> Result<Cow<'a, str>, Bad> {
    name.filter(|name| (1..=NAME).contains(&name.len())).ok_or(("bad_message", wrong))
}

/// A binary frame: kind 1, flags, number of the utterance, time, then sound.
pub(super) fn read_binary(frame: &[u8]) -> Result<(String, &[u8], bool), Bad> {
    const WRONG: Bad = ("bad_message", "a binary frame is 01, flags, u16 utterance, u32 t, sound");
    let (head, sound) = frame.split_first_chunk::<8>().ok_or(WRONG)?;
    let [1, flags, high, low, ..] = *head else { return Err(WRONG) };
    Ok((u16::from_be_bytes([high, low]).to_string(), sound, flags & 1 == 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_are_read_and_mistakes_named() {
        let audio = Incoming::Audio { utt: "u1".into(), data: vec![0xff; 3], interruptible: true };
        assert_eq!(read(r#"{"type":"audio","utt":"u1","data":"////","later":[1]}"#), Ok(audio));
        assert_eq!(read(r#"{"type":"weather","utt":7}"#), Ok(Incoming::Nothing));
        let stop = Incoming::Stop { next: Next::Hangup, when: When::Now, failed: false, declined: false };
        assert_eq!(read(r#"{"type":"stop","next":"hangup","when":"now"}"#), Ok(stop));
        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"type":7}"#,
            r#"{"type":"audio","utt":"u1"}"#,
            r#"{"type":"audio","utt":"u1","data":"%"}"#,
            r#"{"type":"audio","utt":7,"data":""}"#,
            r#"{"type":"barge_in","speech":"x","verdict":"confirm"}"#,
            r#"{"type":"tool.call","id":"","name":"transfer"}"#,
            r#"{"type":"ready","barge_in":"maybe"}"#,
        ] {
            assert_eq!(read(wrong).map_err(|(code, _)| code), Err("bad_message"), "{wrong}");
        }
        assert_eq!(read(&" ".repeat(MOST_BYTES + 1)).map_err(|(code, _)| code), Err("too_large"));
        assert_eq!(read_binary(&[1, 1, 1, 2, 0, 0, 0, 9, 7]), Ok(("258".to_owned(), &[7][..], true)));
        assert!(read_binary(&[2, 1, 1, 2, 0, 0, 0, 9, 7]).is_err() && read_binary(&[1]).is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,200}", frame in prop::collection::vec(any::<u8>(), 0..40)) {
            _ = read(&text);
            _ = read_binary(&frame);
        }
    }
}
