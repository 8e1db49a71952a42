//! The words of Media Streams (PROTOCOL.md 4): what the carrier sends, and the three things it understands.

use crate::twiml::Parameter;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::time::Duration;

/// The first message.
pub(super) const CONNECTED: &str = r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#;

/// Whose stream it is: in `start`, and in part in every message after it.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Names {
    pub(in crate::simulator) account_sid: String,
    pub(in crate::simulator) call_sid: String,
    pub(in crate::simulator) stream_sid: String,
}

/// The carrier's side of a conversation: counts what it sends.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pub(super) names: Names,
    sequence: u64,
    chunk: u64,
}

impl Writer {
    pub(super) const fn new(names: Names) -> Self {
        Self { names, sequence: 0, chunk: 0 }
    }

    fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    pub(super) fn start(&mut self, tracks: &[&str], parameters: &[Parameter]) -> String {
        // Of two parameters with one name the last one counts.
        let custom: Map<_, _> =
            parameters.iter().map(|each| (each.name.clone(), Value::from(each.value.as_str()))).collect();
        let sequence = self.next();
        let Names { account_sid, call_sid, stream_sid } = &self.names;
        let format = json!({ "encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1 });
        let start = json!({
            "accountSid": account_sid, "callSid": call_sid, "streamSid": stream_sid,
            "tracks": tracks, "mediaFormat": format, "customParameters": custom,
        });
        self.message("start", sequence, &start)
    }

    /// `at`: the end of the frame, since the stream began.
    pub(super) fn media(&mut self, track: &str, at: Duration, frame: &[u8]) -> String {
        let sequence = self.next();
        self.chunk += 1;
        let (chunk, at, sid) = (self.chunk, at.as_millis(), &self.names.stream_sid);
        let payload = STANDARD.encode(frame);
        format!(
            r#"{{"event":"media","sequenceNumber":"{sequence}","media":{{"track":"{track}","chunk":"{chunk}","timestamp":"{at}","payload":"{payload}"}},"streamSid":"{sid}"}}"#
        )
    }

    pub(super) fn dtmf(&mut self, digit: char) -> String {
        let sequence = self.next();
        self.message("dtmf", sequence, &json!({ "track": "inbound_track", "digit": digit }))
    }

    pub(super) fn mark(&mut self, name: &str) -> String {
        let sequence = self.next();
        self.message("mark", sequence, &json!({ "name": name }))
    }

    pub(super) fn stop(&mut self) -> String {
        let sequence = self.next();
        let Names { account_sid, call_sid, .. } = &self.names;
        let stop = json!({ "accountSid": account_sid, "callSid": call_sid });
        self.message("stop", sequence, &stop)
    }

    fn message(&self, event: &str, sequence: u64, about: &Value) -> String {
        let sid = &self.names.stream_sid;
        format!(r#"{{"event":"{event}","sequenceNumber":"{sequence}","{event}":{about},"streamSid":"{sid}"}}"#)
    }
}

/// What the server asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To be played behind what waits already; mu-law, any length.
    Media(Vec<u8>),
    /// To be told when what waits now has been played.
    Mark(String),
    /// To play nothing of what waits.
    Clear,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow, rename = "streamSid")]
    stream_sid: Cow<'a, str>,
    #[serde(borrow, default)]
    media: Option<Media<'a>>,
    #[serde(borrow, default)]
    mark: Option<Mark<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Media<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// Reads a message as strictly as Twilio does: what is missing, extra or misspelt, or meant for another stream, makes
/// it invalid (31951). The error says what is wrong.
pub(super) fn read(text: &str, stream_sid: &str) -> Result<Asked, String> {
    let message: Message<'_> = serde_json::from_str(text).map_err(|why| why.to_string())?;
    if message.stream_sid != stream_sid {
        return Err(format!("streamSid `{}` is another stream's", message.stream_sid));
    }
    match (&*message.event, message.media, message.mark) {
        ("media", Some(media), None) => {
            let payload = STANDARD.decode(media.payload.as_bytes()).map_err(|why| format!("payload: {why}"))?;
            Ok(Asked::Media(payload))
        }
        ("mark", None, Some(mark)) => Ok(Asked::Mark(mark.name.into_owned())),
        ("clear", None, None) => Ok(Asked::Clear),
        (event @ ("media" | "mark" | "clear"), ..) => Err(format!("a `{event}` with the wrong members")),
        (event, ..) => Err(format!("unknown event `{event}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer() -> Writer {
        let [account_sid, call_sid, stream_sid] = ["AC1", "CA1", "MZ1"].map(str::to_owned);
        Writer::new(Names { account_sid, call_sid, stream_sid })
    }

    #[test]
    fn messages_are_counted_and_numbers_are_strings() {
        let mut writer = writer();
        let said = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let twice = [Parameter::new("a", "\u{e9}\"1"), Parameter::new("b", ""), Parameter::new("b", "2")];
        let start = said(writer.start(&["inbound"], &twice));
        assert_eq!(
            start,
            json!({
                "event": "start", "sequenceNumber": "1", "streamSid": "MZ1",
                "start": {
                    "accountSid": "AC1", "callSid": "CA1", "streamSid": "MZ1", "tracks": ["inbound"],
                    "mediaFormat": { "encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1 },
                    "customParameters": { "a": "\u{e9}\"1", "b": "2" },
                },
            })
        );
        let media = said(writer.media("inbound", Duration::from_millis(40), &[0xff; 160]));
        assert_eq!((&media["sequenceNumber"], &media["media"]["chunk"]), (&json!("2"), &json!("1")));
        assert_eq!(media["media"]["timestamp"], "40");
        assert_eq!(media["media"]["payload"].as_str().unwrap().len(), 216);
        assert_eq!(said(writer.dtmf('#'))["dtmf"], json!({ "track": "inbound_track", "digit": "#" }));
        let mark = said(writer.mark("a\"b"));
        assert_eq!((&mark["mark"]["name"], &mark["sequenceNumber"]), (&json!("a\"b"), &json!("4")));
        let stop = said(writer.stop());
        assert_eq!(stop["stop"], json!({ "accountSid": "AC1", "callSid": "CA1" }));
        assert_eq!((&stop["sequenceNumber"], &stop["streamSid"]), (&json!("5"), &json!("MZ1")));
    }

    #[test]
    fn the_three_messages_are_read() {
        let read = |text: &str| read(text, "MZ1");
        let media = r#"{"event":"media","streamSid":"MZ1","media":{"payload":"//8A"}}"#;
        assert_eq!(read(media), Ok(Asked::Media(vec![0xff, 0xff, 0])));
        let mark = r#"{"mark":{"name":"a\"b"},"streamSid":"MZ1","event":"mark"}"#;
        assert_eq!(read(mark), Ok(Asked::Mark("a\"b".to_owned())));
        assert_eq!(read(r#"{"event":"clear","streamSid":"MZ1"}"#), Ok(Asked::Clear));
    }

    #[test]
    fn anything_missing_extra_misspelt_or_meant_for_another_stream_is_invalid() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"event":"clear"}"#,
            r#"{"event":"clear","streamSid":"MZ2"}"#,
            r#"{"event":"clear","streamSid":"MZ1","mark":{"name":"a"}}"#,
            r#"{"event":"clear","streamSid":"MZ1","sequenceNumber":"1"}"#,
            r#"{"event":"stop","streamSid":"MZ1"}"#,
            r#"{"event":"mark","streamSid":"MZ1"}"#,
            r#"{"event":"mark","streamSid":"MZ1","mark":{}}"#,
            r#"{"event":"mark","streamSid":"MZ1","mark":{"name":1}}"#,
            r#"{"event":"media","streamSid":"MZ1","media":{"payload":"//8A","track":"outbound"}}"#,
            r#"{"event":"media","streamSid":"MZ1","media":{"payload":"//8"}}"#,
            r#"{"event":"media","streamSid":"MZ1","media":{"payload":"_-8A"}}"#,
            r#"{"event":"media","streamsid":"MZ1","media":{"payload":"//8A"}}"#,
        ] {
            assert!(read(text, "MZ1").is_err(), "{text}");
        }
    }
}
