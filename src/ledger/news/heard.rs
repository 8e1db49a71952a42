//! What was heard on a call, as events. Menus, messages, streams and agents all hear callers and tell it alike.

use crate::base::derived_id;
use crate::ledger::unit::OutboxEvent;
use serde_json::json;

/// A call for help.
#[derive(Clone, Copy, Debug)]
pub struct CallForHelp<'a> {
    /// The call.
    pub call_sid: &'a str,
    /// Name of the line.
    pub line: &'a str,
    /// `speech` in a menu, `transcription` of a message or a conversation, `agent` for a tool of an agent.
    pub source: &'static str,
    /// What tells this place from others of the same call.
    pub at: &'a str,
    /// The word.
    pub keyword: &'a str,
    /// The words around it, without what must not be kept.
    pub excerpt: &'a str,
    /// `transferred`, `asked`, `none`.
    pub action: &'static str,
}

impl CallForHelp<'_> {
    /// `emergency.detected`. Its id follows from the place: a webhook that failed and its fallback tell of the same words.
    #[must_use]
    pub fn event(&self) -> OutboxEvent {
        let Self { call_sid, line, source, at, keyword, excerpt, action } = *self;
        OutboxEvent {
            id: Some(derived_id("evt", &["emergency.detected", call_sid, source, at])),
            kind: "emergency.detected",
            line: Some(line.to_owned()),
            subject: format!("calls/{call_sid}"),
            data: json!({ "keyword": keyword, "excerpt": excerpt, "source": source, "action": action }),
        }
    }
}

/// A sentence of a live conversation that will not change any more.
#[derive(Clone, Copy, Debug)]
pub struct Sentence<'a> {
    /// The call.
    pub call_sid: &'a str,
    /// Name of the line.
    pub line: &'a str,
    /// `carrier` or `agent`: who wrote it down.
    pub source: &'static str,
    /// `caller`, `callee` or `agent`.
    pub who: &'static str,
    /// The transcription or stream that it belongs to.
    pub of: &'a str,
    /// Its place there, per `who`.
    pub sequence: i64,
    /// BCP 47, if it is known.
    pub language: Option<&'a str>,
    /// From 0 to 1, if it is known.
    pub confidence: Option<f64>,
    /// Without what must not be kept.
    pub text: &'a str,
}

impl Sentence<'_> {
    /// `transcript.ready`. A sentence that is told twice is one event.
    #[must_use]
    pub fn event(&self) -> OutboxEvent {
        let place = [self.call_sid, self.of, self.who, &self.sequence.to_string()];
        let transcript = json!({
            "id": derived_id("tx", &place),
            "of": "call",
            "voicemail_id": null,
            "call_sid": self.call_sid,
            "language": self.language,
            "confidence": self.confidence,
            "text": self.text,
            "who": self.who,
            "sequence": self.sequence,
        });
        OutboxEvent {
            id: Some(derived_id("evt", &[&["transcript.ready"], place.as_slice()].concat())),
            kind: "transcript.ready",
            line: Some(self.line.to_owned()),
            subject: format!("calls/{}", self.call_sid),
            data: json!({ "transcript": transcript, "source": self.source }),
        }
    }
}
