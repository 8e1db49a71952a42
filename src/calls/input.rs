//! What came in, as the call's timeline keeps it: the fields that explain a decision, and nothing that must not be
//! kept (geography, tokens, PIN digits) or that is kept elsewhere (numbers with the call, words with the message).

use super::hiding::hidden;
use crate::config::line::Line;
use crate::twilio::form::Form;
use serde::ser::{Serialize, Serializer};
use std::borrow::Cow;

/// Longer values are cut: nothing that explains a decision is.
const LONGEST: usize = 1000;

/// The JSON object of the timeline row.
/// `said` is what somebody said, without what must not be kept.
pub(super) fn as_json(fields: &Form<'_>, (line, is_pin): (Option<&Line>, bool), said: Option<&str>) -> String {
    serde_json::to_string(&Kept { fields, line, is_pin, said }).unwrap_or_default()
}

struct Kept<'a> {
    fields: &'a Form<'a>,
    line: Option<&'a Line>,
    is_pin: bool,
    said: Option<&'a str>,
}

impl Serialize for Kept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Both are in byte order, so one walk along both finds them all.
        let mut kept_names = KEPT.iter().peekable();
        let matters = |name: &str| {
            while kept_names.next_if(|kept| **kept < name).is_some() {}
            kept_names.peek().is_some_and(|kept| **kept == name)
        };
        let fields = self.fields.iter().scan(matters, |matters, (name, value)| Some((matters(name), name, value)));
        let fields = fields.filter(|(matters, ..)| *matters);
        let fields = fields.map(|(_, name, value)| (name, kept(name, value, (self.line, self.is_pin))));
        serializer.collect_map(fields.chain(self.said.map(|said| ("Said", Cow::Borrowed(said)))))
    }
}

/// Fields that explain what happened next, in byte order.
#[rustfmt::skip]
const KEPT: [&str; 54] = [
    "AnsweredBy", "ApplicationSid", "CallDuration", "CallStatus", "CallbackSource", "ConferenceSid",
    "Confidence", "CurrentQueueSize", "DequeingCallSid", "DialBridged", "DialCallDuration", "DialCallSid",
    "DialCallStatus", "DialSipResponseCode", "Digits", "Direction", "ErrorCode", "ErrorMessage", "ErrorUrl",
    "Final", "FinishedOnKey", "ForwardedFrom", "Language", "MessageSid", "MessageStatus", "NumMedia",
    "ParentCallSid", "QueuePosition", "QueueResult", "QueueSid", "QueueTime", "RecordingDuration",
    "RecordingSid", "RecordingSource", "RecordingStartTime", "RecordingStatus", "SequenceId", "SequenceNumber",
    "SipResponseCode", "SpeechResult", "StatusCallbackEvent", "StirStatus", "StirVerstat", "StreamError",
    "StreamErrorCode", "StreamEvent", "StreamSid", "Timestamp", "Track", "TranscriptionError",
    "TranscriptionErrorCode", "TranscriptionEvent", "TranscriptionSid", "TranscriptionStatus",
];

/// The value as it is kept.
fn kept<'v>(name: &str, value: &'v str, (line, is_pin): (Option<&Line>, bool)) -> Cow<'v, str> {
    if name == "SpeechResult" {
        return Cow::Owned(clean(&hidden(line, value), LONGEST).into_owned());
    }
    // No menu asks for more than one key, so several are a PIN, or a card number typed out of habit.
    if name == "Digits" && value != "hangup" && (is_pin || value.chars().count() > 1) {
        return Cow::Owned("•".repeat(value.chars().count().min(20)));
    }
    clean(value, LONGEST)
}

/// `text` without characters that a database or XML cannot hold, and not longer than `longest` bytes.
pub(super) fn clean(text: &str, longest: usize) -> Cow<'_, str> {
    let end = text.floor_char_boundary(longest);
    let text = text.get(..end).unwrap_or_default();
    let odd = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(odd) { Cow::Owned(text.replace(odd, "")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_be_kept_is_not() {
        let body = b"CallStatus=in-progress&Digits=1&FromCity=SEATTLE&CallToken=secret&StirPassportToken=secret&From=%2B15875550111";
        assert_eq!(as_json(&Form::parse(body), (None, false), None), r#"{"CallStatus":"in-progress","Digits":"1"}"#);
    }

    #[test]
    fn the_fields_stand_in_order() {
        assert!(KEPT.is_sorted());
    }

    #[test]
    fn several_digits_may_be_a_pin() {
        assert_eq!(as_json(&Form::parse(b"Digits=4711"), (None, false), None), r#"{"Digits":"••••"}"#);
        assert_eq!(as_json(&Form::parse(b"Digits=4"), (None, true), None), r#"{"Digits":"•"}"#);
        assert_eq!(as_json(&Form::parse(b"Digits=hangup"), (None, false), None), r#"{"Digits":"hangup"}"#);
    }

    #[test]
    fn a_spoken_card_is_not_kept() {
        let said = Form::parse(b"SpeechResult=it+is+4242+4242+4242+4242");
        assert_eq!(as_json(&said, (None, false), None), r#"{"SpeechResult":"it is [card ...4242]"}"#);
    }

    #[test]
    fn odd_and_endless_values_are_tamed() {
        assert_eq!(
            as_json(&Form::parse(b"ErrorMessage=a%00b%22%0B"), (None, false), None),
            r#"{"ErrorMessage":"ab\""}"#
        );
        let long = format!("SpeechResult={}", "é".repeat(5000));
        assert!(as_json(&Form::parse(long.as_bytes()), (None, false), None).len() < 1100);
    }
}
