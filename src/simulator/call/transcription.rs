//! Real-time transcription: what is said while it runs, told by callback (PROTOCOL.md 6). Only final results are sent.

use super::hook::Hook;
use crate::simulator::http::Fields;
use crate::twiml::{self, Method, StreamTrack};
use reqwest::Url;

/// A transcription that runs.
#[derive(Debug)]
pub(super) struct Transcription {
    account_sid: String,
    call_sid: String,
    sid: String,
    name: String,
    language: String,
    track: StreamTrack,
    method: Method,
    url: Url,
    sequence: u64,
}

/// What the carrier knows of it besides the verb.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) account_sid: String,
    pub(super) call_sid: String,
    pub(super) sid: String,
    pub(super) url: Url,
}

impl Transcription {
    pub(super) fn new(asked: &twiml::Transcription, origin: Origin) -> Self {
        let Origin { account_sid, call_sid, sid, url } = origin;
        Self {
            account_sid,
            call_sid,
            name: asked.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| sid.clone()),
            sid,
            language: asked.language_code.clone().unwrap_or_else(|| "en-US".to_owned()),
            track: asked.track.unwrap_or(StreamTrack::Both),
            method: asked.status_callback_method.unwrap_or(Method::Post),
            url,
            sequence: 0,
        }
    }

    pub(super) fn hears(&self, track: StreamTrack) -> bool {
        self.track == StreamTrack::Both || self.track == track
    }

    /// `None` calls everybody.
    pub(super) fn is_called(&self, name: Option<&str>) -> bool {
        name.is_none_or(|name| name == self.name)
    }

    pub(super) fn started(&mut self, date: &str, asked: &twiml::Transcription) -> Hook {
        let flag = |value: Option<bool>, default: bool| value.unwrap_or(default).to_string();
        let provider = serde_json::json!({
            "profanityFilter": flag(asked.profanity_filter, true),
            "speechModel": asked.speech_model.as_deref().unwrap_or("telephony"),
            "enableAutomaticPunctuation": flag(asked.enable_automatic_punctuation, true),
        });
        let extra = vec![
            ("Name", self.name.clone()),
            ("Track", self.track.as_str().to_owned()),
            ("InboundTrackLabel", asked.inbound_track_label.clone().unwrap_or_default()),
            ("OutboundTrackLabel", asked.outbound_track_label.clone().unwrap_or_default()),
            ("LanguageCode", self.language.clone()),
            ("PartialResults", flag(asked.partial_results, false)),
            ("TranscriptionEngine", asked.transcription_engine.clone().unwrap_or_else(|| "google".to_owned())),
            ("ProviderConfiguration", provider.to_string()),
        ];
        self.event(date, "transcription-started", extra)
    }

    pub(super) fn content(&mut self, date: &str, track: StreamTrack, words: &str) -> Hook {
        let data = serde_json::json!({ "transcript": words, "confidence": 0.9876 });
        let extra = vec![
            ("LanguageCode", self.language.clone()),
            ("Track", track.as_str().to_owned()),
            ("TranscriptionData", data.to_string()),
            ("Final", "true".to_owned()),
        ];
        self.event(date, "transcription-content", extra)
    }

    pub(super) fn stopped(&mut self, date: &str) -> Hook {
        self.event(date, "transcription-stopped", Vec::new())
    }

    fn event(&mut self, date: &str, event: &str, extra: Fields) -> Hook {
        self.sequence += 1;
        let mut fields: Fields = vec![
            ("AccountSid", self.account_sid.clone()),
            ("CallSid", self.call_sid.clone()),
            ("TranscriptionSid", self.sid.clone()),
            ("TranscriptionEvent", event.to_owned()),
            ("SequenceId", self.sequence.to_string()),
            ("Timestamp", date.to_owned()),
        ];
        fields.extend(extra);
        Hook { purpose: "transcription", method: self.method, url: self.url.clone(), fields }
    }
}
