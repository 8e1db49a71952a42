//! What the carrier sends.

use super::payload::Payload;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// A message, and the stream it says it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Received<'a> {
    /// `MZ…`; absent in the first message of a socket.
    pub stream_sid: Option<Cow<'a, str>>,
    /// Counts messages of any type from 1; text or a number.
    pub sequence: Option<u64>,
    /// What it says.
    pub what: Incoming<'a>,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming<'a> {
    /// The socket is open; nothing is known of the call yet.
    Connected,
    /// The stream begins.
    Start(Box<Start>),
    /// Sound.
    Media {
        /// Whose.
        track: Track,
        /// Milliseconds from the stream's start; gaps are lost sound.
        timestamp: Option<u64>,
        /// What was heard.
        payload: Payload<'a>,
    },
    /// The caller pressed a key.
    Dtmf(char),
    /// Sound up to this mark has been played, or was cleared.
    Mark(Cow<'a, str>),
    /// The stream ends.
    Stop,
    /// Something of tomorrow; to be ignored.
    Unknown,
}

/// Whose sound it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// The caller's.
    Inbound,
    /// What the caller hears; never comes from a stream that we may speak into.
    Outbound,
}

/// What is known of a stream when it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// `MZ…`
    pub stream_sid: String,
    /// `CA…`
    pub call_sid: String,
    /// `AC…`; empty if the carrier names none.
    pub account_sid: String,
    /// The `<Parameter>`s of our TwiML.
    pub parameters: BTreeMap<String, String>,
    /// Whether the sound is what we understand: mu-law, 8 kHz, mono. What the carrier leaves out is taken to be so.
    pub is_telephone_sound: bool,
}

/// Why a message cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// No JSON object with an `event`.
    #[error("not an event")]
    NotAnEvent,
    /// A known event without the part that it is about.
    #[error("{0} without what belongs to it")]
    Lacks(&'static str),
}

impl Malformed {
    /// A word for counters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotAnEvent => "no_event",
            Self::Lacks(_) => "incomplete",
        }
    }
}

/// Reads one text frame.
///
/// # Errors
/// [`Malformed`]. An event that we do not know is none.
pub fn read(text: &str) -> Result<Received<'_>, Malformed> {
    let flat = match serde_json::from_str::<Flat<'_>>(text) {
        Ok(flat) => flat,
        // An event of tomorrow may use our names for other things.
        Err(_) => return unknown(text),
    };
    let stream_sid = flat.sid.map(|sid| sid.0);
    let sequence = flat.sequence.and_then(|count| count.0);
    let what = match flat.event.as_ref() {
        "media" => flat.media.map(Media::read).ok_or(Malformed::Lacks("media"))?,
        "mark" => Incoming::Mark(flat.mark.and_then(|mark| mark.name).ok_or(Malformed::Lacks("mark"))?.0),
        "dtmf" => Incoming::Dtmf(flat.dtmf.and_then(|dtmf| dtmf.key()).ok_or(Malformed::Lacks("dtmf"))?),
        "start" => Incoming::Start(Box::new(flat.start.and_then(Begin::read).ok_or(Malformed::Lacks("start"))?)),
        "connected" => Incoming::Connected,
        "stop" => Incoming::Stop,
        _ => Incoming::Unknown,
    };
    Ok(Received { stream_sid, sequence, what })
}

fn unknown(text: &str) -> Result<Received<'_>, Malformed> {
    const KNOWN: [&str; 6] = ["media", "mark", "dtmf", "start", "connected", "stop"];
    let name: Name<'_> = serde_json::from_str(text).map_err(|_| Malformed::NotAnEvent)?;
    match KNOWN.into_iter().find(|known| *known == name.event) {
        Some(known) => Err(Malformed::Lacks(known)),
        None => Ok(Received { stream_sid: None, sequence: None, what: Incoming::Unknown }),
    }
}

/// All messages at once: a tagged enum would copy each message before it knows which one it is, at three times the cost.
#[derive(Deserialize)]
struct Flat<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow, default, rename = "streamSid")]
    sid: Option<Text<'a>>,
    #[serde(default, rename = "sequenceNumber")]
    sequence: Option<Count>,
    #[serde(borrow, default)]
    media: Option<Media<'a>>,
    #[serde(borrow, default)]
    mark: Option<Mark<'a>>,
    #[serde(borrow, default)]
    dtmf: Option<Dtmf<'a>>,
    #[serde(default)]
    start: Option<Begin>,
}

#[derive(Deserialize)]
struct Name<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
}

/// Borrowed unless it holds an escape. (serde borrows a `Cow`, but not one in an `Option`.)
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Media<'a> {
    #[serde(borrow, default)]
    track: Option<Text<'a>>,
    #[serde(default)]
    timestamp: Option<Count>,
    #[serde(borrow)]
    payload: Cow<'a, str>,
}

impl<'a> Media<'a> {
    fn read(self) -> Incoming<'a> {
        let track = match self.track.as_ref().map(|track| track.0.as_ref()) {
            Some("outbound" | "outbound_track") => Track::Outbound,
            _ => Track::Inbound,
        };
        let timestamp = self.timestamp.and_then(|count| count.0);
        Incoming::Media { track, timestamp, payload: Payload(self.payload) }
    }
}

#[derive(Deserialize)]
struct Mark<'a> {
    #[serde(borrow, default)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Dtmf<'a> {
    #[serde(borrow, default)]
    digit: Option<Text<'a>>,
}

impl Dtmf<'_> {
    fn key(&self) -> Option<char> {
        let mut keys = self.digit.as_ref()?.0.chars();
        keys.next().filter(|key| matches!(key, '0'..='9' | '*' | '#' | 'A'..='D') && keys.next().is_none())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begin {
    stream_sid: String,
    call_sid: String,
    #[serde(default)]
    account_sid: Option<String>,
    #[serde(default)]
    custom_parameters: Option<BTreeMap<String, String>>,
    #[serde(default)]
    media_format: Option<Format>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Format {
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    sample_rate: Option<Count>,
    #[serde(default)]
    channels: Option<Count>,
}

impl Format {
    fn is_telephone_sound(&self) -> bool {
        let number = |count: Option<Count>, wanted| count.and_then(|count| count.0).is_none_or(|n| n == wanted);
        self.encoding.as_deref().is_none_or(|encoding| encoding == "audio/x-mulaw")
            && number(self.sample_rate, 8000)
            && number(self.channels, 1)
    }
}

impl Begin {
    fn read(self) -> Option<Start> {
        let named = !self.stream_sid.is_empty() && !self.call_sid.is_empty();
        named.then(|| Start {
            stream_sid: self.stream_sid,
            call_sid: self.call_sid,
            account_sid: self.account_sid.unwrap_or_default(),
            parameters: self.custom_parameters.unwrap_or_default(),
            is_telephone_sound: self.media_format.is_none_or(|format| format.is_telephone_sound()),
        })
    }
}

/// A count: the carrier writes it as text, others as a number; anything else is no count, and no reason to lose a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count(Option<u64>);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Count, E> {
        Ok(Count(text.parse().ok()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Count, E> {
        Ok(Count(Some(number)))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Count, E> {
        Ok(Count(None))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Count, E> {
        Ok(Count(None))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Count, E> {
        Ok(Count(None))
    }

    fn visit_unit<E: Error>(self) -> Result<Count, E> {
        Ok(Count(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_borrows_all_it_says() {
        let text = r#"{"event":"media","sequenceNumber":"3","media":{"track":"inbound","chunk":"1","timestamp":"40","payload":"//8="},"streamSid":"MZ1"}"#;
        let received = read(text).unwrap();
        assert_eq!(received.sequence, Some(3));
        assert!(matches!(received.stream_sid, Some(Cow::Borrowed("MZ1"))));
        let payload = Payload::new("//8=");
        assert_eq!(received.what, Incoming::Media { track: Track::Inbound, timestamp: Some(40), payload });
    }

    #[test]
    fn counts_may_be_numbers_and_odd_ones_cost_nothing() {
        for (count, read_as) in
            [("7", Some(7)), ("\"7\"", Some(7)), ("-1", None), ("1.5", None), ("null", None), ("\"x\"", None)]
        {
            let text =
                format!(r#"{{"event":"media","sequenceNumber":{count},"media":{{"timestamp":{count},"payload":""}}}}"#);
            let received = read(&text).unwrap();
            assert_eq!(received.sequence, read_as, "{count}");
            assert!(matches!(received.what, Incoming::Media { timestamp, .. } if timestamp == read_as), "{count}");
        }
    }

    #[test]
    fn an_event_of_tomorrow_may_use_our_names_for_other_things() {
        for text in [
            r#"{"event":"someFutureEvent","someFutureEvent":{"x":1}}"#,
            r#"{"event":"levels","media":[1,2],"mark":7,"streamSid":{"a":1}}"#,
        ] {
            assert_eq!(read(text).map(|received| received.what), Ok(Incoming::Unknown), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for text in ["", "7", "[]", "{}", r#"{"event":7}"#, r#"{"event":"mark""#] {
            assert_eq!(read(text), Err(Malformed::NotAnEvent), "{text}");
        }
        for (text, lacks) in [
            (r#"{"event":"media"}"#, "media"),
            (r#"{"event":"media","media":{"payload":7}}"#, "media"),
            (r#"{"event":"mark","mark":{}}"#, "mark"),
            (r#"{"event":"dtmf","dtmf":{"digit":"12"}}"#, "dtmf"),
            (r#"{"event":"dtmf","dtmf":{"digit":"x"}}"#, "dtmf"),
            (r#"{"event":"start","start":{"streamSid":"MZ1"}}"#, "start"),
            (r#"{"event":"start","start":{"streamSid":"","callSid":""}}"#, "start"),
        ] {
            assert_eq!(read(text), Err(Malformed::Lacks(lacks)), "{text}");
        }
    }

    #[test]
    fn names_and_parameters_may_hold_anything() {
        let text = r#"{"event":"mark","mark":{"name":"a\"b\u00e9"}}"#;
        assert!(matches!(read(text).unwrap().what, Incoming::Mark(name) if name == "a\"bé"));
        let text = r#"{"event":"start","streamSid":"MZ1","start":{"streamSid":"MZ1","callSid":"CA1","customParameters":{"greeting":"Hi \"Zoë\" & co","empty":""},"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}"#;
        let Incoming::Start(start) = read(text).unwrap().what else { panic!("a start") };
        assert_eq!(start.parameters["greeting"], "Hi \"Zoë\" & co");
        assert_eq!(start.parameters["empty"], "");
        assert!(start.is_telephone_sound);
        let opus = text.replace("audio/x-mulaw", "audio/opus");
        assert!(matches!(read(&opus).unwrap().what, Incoming::Start(start) if !start.is_telephone_sound));
    }
}
