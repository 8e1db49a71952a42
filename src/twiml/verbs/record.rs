//! Record: one message of the caller (PROTOCOL.md 3.4).

use super::{Method, RecordingEvents, Trim};
use crate::twiml::xml::element;

element! {
    /// Records the caller until silence, a key, or the longest time; then requests `action`, also when the caller
    /// hung up. Verbs after it are there for the day Twilio does not.
    #[derive(Default)]
    Record "Record" {
        /// Where the call goes on (the current document: a loop).
        action: String = "action",
        /// How `action` is requested (POST).
        method: Method = "method",
        /// Seconds of silence that end it; 0: none does (5).
        timeout: u32 = "timeout",
        /// Keys that end it, several allowed (`1234567890*#`).
        finish_on_key: String = "finishOnKey",
        /// Longest message, seconds (3600; 120 when transcribed).
        max_length: u32 = "maxLength",
        /// A tone before (true).
        play_beep: bool = "playBeep",
        /// Whether silence is cut off (trim-silence).
        trim: Trim = "trim",
        /// Told what becomes of the recording.
        recording_status_callback: String = "recordingStatusCallback",
        /// How it is requested (POST).
        recording_status_callback_method: Method = "recordingStatusCallbackMethod",
        /// What it is told (completed).
        recording_status_callback_event: RecordingEvents = "recordingStatusCallbackEvent",
        /// Write down the words: English, recordings of 2 to 120 s (false).
        transcribe: bool = "transcribe",
        /// Told the words.
        transcribe_callback: String = "transcribeCallback",
        /// A stored configuration.
        recording_configuration_id: String = "recordingConfigurationId",
    }
}

impl Record {
    /// Nothing set. It takes leave to put one into a document: `permit.to(Record::new()…)`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}
