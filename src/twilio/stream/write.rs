//! What we send. Twilio drops a message with anything missing, misspelt or extra (31951).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use std::fmt::{Display, Write as _};

/// Room for 100 ms of sound; longer messages make more.
const SHEET: usize = 1280;

/// Writes the messages of one stream, all on one sheet: a message that was sent and dropped makes room for the next, and
/// nothing is allocated.
#[derive(Debug)]
pub struct Pen {
    /// `streamSid` as JSON, with its quotes.
    sid: Box<str>,
    sheet: BytesMut,
}

impl Pen {
    /// A pen for a stream.
    #[must_use]
    pub fn new(stream_sid: &str) -> Self {
        let sid = serde_json::Value::from(stream_sid).to_string().into_boxed_str();
        Self { sid, sheet: BytesMut::with_capacity(SHEET) }
    }

    /// Sound: mu-law, any length.
    #[must_use]
    pub fn media(&mut self, sound: &[u8]) -> Bytes {
        self.begin("media");
        self.sheet.extend_from_slice(br#","media":{"payload":""#);
        let (written, length) = (self.sheet.len(), sound.len().div_ceil(3) * 4);
        self.sheet.resize(written + length, 0);
        let place = self.sheet.get_mut(written..).unwrap_or_default();
        // It is exactly as long as the sound needs.
        let _ = STANDARD.encode_slice(sound, place);
        self.end(br#""}}"#)
    }

    /// A mark, to come back when all sound before it has been played. `name` holds nothing that JSON escapes.
    #[must_use]
    pub fn mark(&mut self, name: impl Display) -> Bytes {
        self.begin("mark");
        // Memory does not refuse.
        let _ = write!(self.sheet, r#","mark":{{"name":"{name}""#);
        self.end(b"}}")
    }

    /// Forget all sound that has not been played.
    #[must_use]
    pub fn clear(&mut self) -> Bytes {
        self.begin("clear");
        self.end(b"}")
    }

    fn begin(&mut self, event: &str) {
        for part in [r#"{"event":""#, event, r#"","streamSid":"#, &*self.sid] {
            self.sheet.extend_from_slice(part.as_bytes());
        }
    }

    fn end(&mut self, rest: &[u8]) -> Bytes {
        self.sheet.extend_from_slice(rest);
        self.sheet.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_exactly_the_documented_members() {
        let mut pen = Pen::new("MZ1");
        let sound = r#"{"event":"media","streamSid":"MZ1","media":{"payload":"////"}}"#;
        assert_eq!(pen.media(&[0xff; 3]), sound);
        assert_eq!(pen.media(&[0xff; 4]), sound.replace("////", "/////w=="));
        let number = 1;
        assert_eq!(pen.mark(format_args!("m{number}")), r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"m1"}}"#);
        assert_eq!(pen.clear(), r#"{"event":"clear","streamSid":"MZ1"}"#);
        assert_eq!(Pen::new("M\"Z").clear(), r#"{"event":"clear","streamSid":"M\"Z"}"#);
    }
}
