//! Webhooks before they are sent.

use crate::simulator::http::{Exchange, Fields};
use crate::simulator::transcript::RequestLine;
use crate::twiml::Method;
use reqwest::Url;

/// A webhook that is to be sent, now or later.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    pub(super) purpose: &'static str,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) fields: Fields,
}

impl Hook {
    /// The URL as it is sent: without the connection overrides in its fragment.
    pub(super) fn public_url(&self) -> String {
        let mut url = self.url.clone();
        url.set_fragment(None);
        url.into()
    }

    /// What its answer was, for the transcript.
    pub(super) fn line(&self, exchange: &Exchange) -> RequestLine {
        let micros = u32::try_from(exchange.took.as_micros()).unwrap_or(u32::MAX);
        RequestLine {
            purpose: self.purpose,
            about: self.about(),
            method: self.method.as_str(),
            url: self.public_url(),
            status: exchange.answer.as_ref().ok().map(|answer| answer.status),
            ms: f64::from(micros) / 1000.0,
            attempts: exchange.attempts,
            copy_same: None,
            twiml: None,
        }
    }

    /// The field a reader looks for first.
    fn about(&self) -> Option<String> {
        let name = match self.purpose {
            "gather action" | "record action" => "Digits",
            "dial action" => "DialCallStatus",
            "fallback" => "ErrorCode",
            "call status" | "leg status" => "CallStatus",
            "recording status" => "RecordingStatus",
            "stream status" => "StreamEvent",
            "transcription" => "TranscriptionEvent",
            _ => return None,
        };
        let (_, value) = self.fields.iter().find(|(key, value)| *key == name && !value.is_empty())?;
        Some(value.trim_start_matches("transcription-").to_owned())
    }
}
