//! What we send. Twilio drops a message with anything missing, misspelt or extra (31951).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use std::cell::RefCell;
use std::fmt::{Display, Write as _};

/// Room for 100 ms of sound and a mark; longer messages make more.
const SHEET: usize = 1280;

thread_local! {
    /// What all pens of a thread write on: a message that was sent and dropped makes room for the next, whosever it is, and
    /// nothing is allocated.
    static PAPER: RefCell<BytesMut> = RefCell::new(BytesMut::with_capacity(SHEET));
}

/// Writes the messages of one stream.
#[derive(Debug)]
pub struct Pen {
    /// `streamSid` as JSON, with its quotes.
    sid: Box<str>,
}

impl Pen {
    /// A pen for a stream.
    #[must_use]
    pub fn new(stream_sid: &str) -> Self {
        Self { sid: serde_json::Value::from(stream_sid).to_string().into_boxed_str() }
    }

    /// Sound: mu-law, any length.
    #[must_use]
    pub fn media(&self, sound: &[u8]) -> Bytes {
        self.write("media", |sheet| {
            sheet.extend_from_slice(br#","media":{"payload":""#);
            let (written, length) = (sheet.len(), sound.len().div_ceil(3) * 4);
            sheet.resize(written + length, 0);
            let place = sheet.get_mut(written..).unwrap_or_default();
            // It is exactly as long as the sound needs.
            let _ = STANDARD.encode_slice(sound, place);
            sheet.extend_from_slice(br#""}"#);
        })
    }

    /// A mark, to come back when all sound before it has been played. `name` holds nothing that JSON escapes.
    #[must_use]
    pub fn mark(&self, name: impl Display) -> Bytes {
        self.write("mark", |sheet| {
            // Memory does not refuse.
            let _ = write!(sheet, r#","mark":{{"name":"{name}"}}"#);
        })
    }

    /// Forget all sound that has not been played.
    #[must_use]
    pub fn clear(&self) -> Bytes {
        self.write("clear", |_| {})
    }

    fn write(&self, event: &str, rest: impl FnOnce(&mut BytesMut)) -> Bytes {
        PAPER.with_borrow_mut(|sheet| {
            for part in [r#"{"event":""#, event, r#"","streamSid":"#, &*self.sid] {
                sheet.extend_from_slice(part.as_bytes());
            }
            rest(sheet);
            sheet.extend_from_slice(b"}");
            sheet.split().freeze()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_exactly_the_documented_members() {
        let pen = Pen::new("MZ1");
        let sound = r#"{"event":"media","streamSid":"MZ1","media":{"payload":"////"}}"#;
        assert_eq!(pen.media(&[0xff; 3]), sound);
        assert_eq!(pen.media(&[0xff; 4]), sound.replace("////", "/////w=="));
        let number = 1;
        assert_eq!(pen.mark(format_args!("m{number}")), r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"m1"}}"#);
        assert_eq!(pen.clear(), r#"{"event":"clear","streamSid":"MZ1"}"#);
        assert_eq!(Pen::new("M\"Z").clear(), r#"{"event":"clear","streamSid":"M\"Z"}"#);
    }
}
