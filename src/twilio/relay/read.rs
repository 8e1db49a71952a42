//! What the carrier sends.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// The conversation begins. The first message.
    Setup(Box<Setup>),
    /// Words of the caller.
    Prompt {
        /// Of a partial prompt: all words so far.
        words: String,
        /// BCP 47, as the carrier heard it.
        language: Option<String>,
        /// Nothing is added to them.
        last: bool,
    },
    /// The caller pressed a key.
    Dtmf(char),
    /// The caller cut what was being said.
    Interrupt {
        /// The words that were spoken before.
        heard: String,
        /// Milliseconds that they took.
        after_ms: u32,
    },
    /// Somebody begins or stops speaking. Comes with `debug="speaker-events"`, whose messages are not documented.
    Speaking {
        /// Who.
        who: Side,
        /// Begins.
        on: bool,
    },
    /// A message of ours was not understood. What the carrier says of it repeats it, so it is not kept.
    Error,
    /// Something else; to be ignored.
    Unknown,
}

/// Sides of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The person on the telephone.
    Caller,
    /// What we had said.
    Agent,
}

/// What is known of a conversation when it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// `VX…`
    pub session_id: String,
    /// `CA…`
    pub call_sid: String,
    /// `AC…`; empty if the carrier names none.
    pub account_sid: String,
    /// The `<Parameter>`s of our TwiML.
    pub parameters: BTreeMap<String, String>,
}

/// Why a message cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// No JSON object with a `type`.
    #[error("not a message")]
    NotAMessage,
    /// A known message without what it is about.
    #[error("{0} without what belongs to it")]
    Lacks(&'static str),
}

/// Reads one text frame.
///
/// # Errors
/// [`Malformed`]. A type that we do not know is none.
pub fn read(text: &str) -> Result<Incoming, Malformed> {
    let message: Map<String, Value> = serde_json::from_str(text).map_err(|_| Malformed::NotAMessage)?;
    let kind = message.get("type").and_then(Value::as_str).ok_or(Malformed::NotAMessage)?;
    let text = |key: &str| message.get(key).and_then(Value::as_str);
    match kind {
        "setup" => setup(&message).map(|setup| Incoming::Setup(Box::new(setup))).ok_or(Malformed::Lacks("setup")),
        "prompt" => Ok(Incoming::Prompt {
            words: text("voicePrompt").ok_or(Malformed::Lacks("prompt"))?.to_owned(),
            language: text("lang").filter(|language| !language.is_empty()).map(str::to_owned),
            last: message.get("last").and_then(Value::as_bool).unwrap_or(true),
        }),
        "dtmf" => message.get("digit").and_then(key).map(Incoming::Dtmf).ok_or(Malformed::Lacks("dtmf")),
        "interrupt" => Ok(Incoming::Interrupt {
            heard: text("utteranceUntilInterrupt").unwrap_or_default().to_owned(),
            after_ms: message.get("durationUntilInterruptMs").and_then(milliseconds).unwrap_or(0),
        }),
        "info" => Ok(info(text("name"), text("value"))),
        "error" => Ok(Incoming::Error),
        _ => Ok(Incoming::Unknown),
    }
}

fn setup(message: &Map<String, Value>) -> Option<Setup> {
    let text = |key: &str| message.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let parameters = message.get("customParameters").and_then(Value::as_object).into_iter().flatten();
    let parameters = parameters.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let setup = Setup {
        session_id: text("sessionId"),
        call_sid: text("callSid"),
        account_sid: text("accountSid"),
        parameters: parameters.collect(),
    };
    (!setup.call_sid.is_empty()).then_some(setup)
}

/// One key, as text or as a number.
fn key(digit: &Value) -> Option<char> {
    let number = digit.as_u64().map(|digit| digit.to_string());
    let mut keys = number.as_deref().or_else(|| digit.as_str())?.chars();
    let key = keys.next().filter(|key| matches!(key, '0'..='9' | '*' | '#' | 'A'..='D'))?;
    keys.next().is_none().then_some(key)
}

fn milliseconds(value: &Value) -> Option<u32> {
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|ms| *ms >= 0.0)?;
    // Saturates.
    Some(number as u32)
}

fn info(name: Option<&str>, value: Option<&str>) -> Incoming {
    let who = match name {
        Some("agentSpeaking") => Side::Agent,
        Some("clientSpeaking") => Side::Caller,
        _ => return Incoming::Unknown,
    };
    match value {
        Some("on") => Incoming::Speaking { who, on: true },
        Some("off") => Incoming::Speaking { who, on: false },
        _ => Incoming::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Incoming {
        read(text).expect("a message")
    }

    #[test]
    fn every_documented_message_is_read() {
        let dialogue = include_str!("../../../tests/fixtures/streams/conversationrelay.dialogue.jsonl");
        let lines = dialogue.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let heard: Vec<Incoming> =
            lines.filter(|line| line["dir"] == "from_twilio").map(|line| of(&line["msg"].to_string())).collect();
        let [Incoming::Setup(setup), rest @ ..] = heard.as_slice() else { panic!("{heard:?}") };
        assert_eq!(setup.call_sid, "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d");
        assert_eq!(setup.parameters.get("ref").map(String::as_str), Some("42"));
        let words = "What are your opening hours?".to_owned();
        let expected = [
            Incoming::Prompt { words, language: Some("en-US".to_owned()), last: true },
            Incoming::Interrupt { heard: "We are open nine".to_owned(), after_ms: 460 },
            Incoming::Dtmf('0'),
            Incoming::Error,
        ];
        assert_eq!(rest, expected);
    }

    #[test]
    fn what_is_odd_is_read_as_far_as_it_goes() {
        let words = "Hm".to_owned();
        assert_eq!(
            of(r#"{"type":"prompt","voicePrompt":"Hm","lang":""}"#),
            Incoming::Prompt { words, language: None, last: true }
        );
        assert_eq!(of(r#"{"type":"dtmf","digit":7}"#), Incoming::Dtmf('7'));
        let nothing = Incoming::Interrupt { heard: String::new(), after_ms: 0 };
        assert_eq!(of(r#"{"type":"interrupt","durationUntilInterruptMs":-4}"#), nothing);
        let caller = Incoming::Speaking { who: Side::Caller, on: true };
        assert_eq!(of(r#"{"type":"info","name":"clientSpeaking","value":"on","ts":1}"#), caller);
        for unknown in
            [r#"{"type":"info","name":"agentSpeaking","value":true}"#, r#"{"type":"info"}"#, r#"{"type":"sing"}"#]
        {
            assert_eq!(of(unknown), Incoming::Unknown, "{unknown}");
        }
    }

    #[test]
    fn what_is_no_message_is_named() {
        for text in ["", "7", "[]", "{}", r#"{"type":4}"#, "{\"type\":\"prompt\""] {
            assert_eq!(read(text), Err(Malformed::NotAMessage), "{text}");
        }
        for (text, lacks) in [
            (r#"{"type":"setup"}"#, "setup"),
            (r#"{"type":"prompt","last":true}"#, "prompt"),
            (r#"{"type":"dtmf","digit":"12"}"#, "dtmf"),
            (r#"{"type":"dtmf","digit":"x"}"#, "dtmf"),
        ] {
            assert_eq!(read(text), Err(Malformed::Lacks(lacks)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,200}", kind in "setup|prompt|dtmf|interrupt|info|error", value in ".{0,20}") {
            _ = read(&text);
            _ = read(&serde_json::json!({ "type": kind, "digit": value, "voicePrompt": value }).to_string());
        }
    }
}
