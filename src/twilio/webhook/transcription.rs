//! Words of a recording, and words as they are said (PROTOCOL.md 2.7, 6).

use super::call::Call;
use super::field::{Stamp, webhook};
use crate::base::words;

words! {
    /// What became of a transcript.
    TranscriptState {
        /// It is there.
        Completed = "completed",
        /// It could not be made.
        Failed = "failed",
    }

    /// What happened to a real-time transcription.
    LiveNews {
        /// It began.
        Started = "transcription-started",
        /// Something was said.
        Content = "transcription-content",
        /// It ended.
        Stopped = "transcription-stopped",
        /// It failed.
        Error = "transcription-error",
    }
}

webhook! {
    /// A Record's `transcribeCallback`; may come minutes later.
    Transcript {
        /// The call.
        call: Call<'a>,
        /// `TR…`.
        sid: Option<&'a str> = "TranscriptionSid",
        /// What became of it.
        state: Option<TranscriptState> = "TranscriptionStatus",
        /// The words.
        text: Option<&'a str> = "TranscriptionText",
        /// `fast`. Unconfirmed.
        kind: Option<&'a str> = "TranscriptionType",
        /// Of the resource.
        url: Option<&'a str> = "TranscriptionUrl",
        /// `RE…`.
        recording_sid: Option<&'a str> = "RecordingSid",
        /// Never fetched: build the URL from account and SID.
        recording_url: Option<&'a str> = "RecordingUrl",
        /// The callback's own URL. Unconfirmed.
        callback_url: Option<&'a str> = "url",
    }

    /// News of a `<Start><Transcription>`. The order holds for each track only.
    LiveTranscription {
        /// The call; only its SIDs come along.
        call: Call<'a>,
        /// `GT…`.
        sid: Option<&'a str> = "TranscriptionSid",
        /// What happened.
        news: Option<LiveNews> = "TranscriptionEvent",
        /// When.
        at: Option<Stamp> = "Timestamp",
        /// From 1.
        sequence: Option<u32> = "SequenceId",
        /// Its name.
        name: Option<&'a str> = "Name",
        /// `inbound_track`, `outbound_track`; at the start also `both_tracks`.
        track: Option<&'a str> = "Track",
        /// What the inbound side is called.
        inbound_label: Option<&'a str> = "InboundTrackLabel",
        /// What the outbound side is called.
        outbound_label: Option<&'a str> = "OutboundTrackLabel",
        /// BCP 47.
        language: Option<&'a str> = "LanguageCode",
        /// Whether words come before they are final.
        partial_results: Option<bool> = "PartialResults",
        /// `google`, `deepgram`.
        engine: Option<&'a str> = "TranscriptionEngine",
        /// JSON: the engine's settings.
        provider_configuration: Option<&'a str> = "ProviderConfiguration",
        /// JSON: `transcript`, and `confidence` once final.
        data: Option<&'a str> = "TranscriptionData",
        /// Whether the words are final.
        is_final: Option<bool> = "Final",
        /// How stable the words are, 0 to 1; before they are final.
        stability: Option<f64> = "Stability",
        /// The engine's own words; malformed in Twilio's documentation.
        provider_data: Option<&'a str> = "TranscriptionProviderData",
        /// 32650 to 32655.
        error_code: Option<u32> = "TranscriptionErrorCode",
        /// Why it failed, in words.
        error: Option<&'a str> = "TranscriptionError",
    }
}

impl LiveTranscription<'_> {
    /// The words in `data`.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let data: serde_json::Value = serde_json::from_str(self.data?).ok()?;
        Some(data.get("transcript")?.as_str()?.to_owned())
    }
}
