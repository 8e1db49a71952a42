//! What we send. Twilio drops a message with anything missing, misspelt or extra (31951).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Writes the messages of one stream.
#[derive(Clone, Debug)]
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
    pub fn media(&self, sound: &[u8]) -> String {
        const REST: usize = r#"{"event":"media","streamSid":,"media":{"payload":""}}"#.len();
        let mut text = String::with_capacity(REST + self.sid.len() + sound.len().div_ceil(3) * 4);
        text.push_str(r#"{"event":"media","streamSid":"#);
        text.push_str(&self.sid);
        text.push_str(r#","media":{"payload":""#);
        STANDARD.encode_string(sound, &mut text);
        text.push_str(r#""}}"#);
        text
    }

    /// A mark, to come back when all sound before it has been played. `name` holds nothing that JSON escapes.
    #[must_use]
    pub fn mark(&self, name: &str) -> String {
        format!(r#"{{"event":"mark","streamSid":{},"mark":{{"name":"{name}"}}}}"#, self.sid)
    }

    /// Forget all sound that has not been played.
    #[must_use]
    pub fn clear(&self) -> String {
        format!(r#"{{"event":"clear","streamSid":{}}}"#, self.sid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_exactly_the_documented_members() {
        let pen = Pen::new("MZ1");
        assert_eq!(pen.media(&[0xff; 3]), r#"{"event":"media","streamSid":"MZ1","media":{"payload":"////"}}"#);
        assert_eq!(pen.mark("m1"), r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"m1"}}"#);
        assert_eq!(pen.clear(), r#"{"event":"clear","streamSid":"MZ1"}"#);
        assert_eq!(Pen::new("M\"Z").clear(), r#"{"event":"clear","streamSid":"M\"Z"}"#);
    }
}
