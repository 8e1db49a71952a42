//! Transcripts of recordings (PROTOCOL.md 7.9).

use super::there::{Removal, removed, there};
use crate::base::Time;
use crate::carrier::client::Carrier;
use crate::carrier::operation::Operation;
use crate::carrier::request::Request;
use crate::carrier::wire::{number, text, time};
use crate::carrier::{CarrierError, Pages};
use serde::Deserialize;

/// A transcript as the carrier has it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Transcription {
    /// `TR…`
    pub sid: String,
    /// Of which recording.
    #[serde(default, deserialize_with = "text")]
    pub recording_sid: Option<String>,
    /// `in-progress`, `completed` or `failed`.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    /// The words.
    #[serde(default, deserialize_with = "text")]
    pub transcription_text: Option<String>,
    /// Seconds of audio.
    #[serde(default, deserialize_with = "number")]
    pub duration: Option<i64>,
    /// When the carrier first had it.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<Time>,
}

impl Carrier {
    /// Transcripts of a recording.
    ///
    /// # Errors
    /// [`CarrierError::BadSid`].
    pub fn transcriptions(&self, recording_sid: &str) -> Result<Pages<Transcription>, CarrierError> {
        let at = (self.url(&["Recordings", recording_sid, "Transcriptions"])?, "transcriptions");
        Ok(Pages::new(self, Operation::TranscriptionList, at, &Vec::new()))
    }

    /// One transcript.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn transcription(&self, sid: &str) -> Result<Option<Transcription>, CarrierError> {
        let url = self.url(&["Transcriptions", sid])?;
        there(self.ask(&Request::get(Operation::TranscriptionFetch, url, &Vec::new())).await)
    }

    /// Deletes a transcript at the carrier.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn delete_transcription(&self, sid: &str) -> Result<Removal, CarrierError> {
        let url = self.url(&["Transcriptions", sid])?;
        removed(self.send(&Request::delete(Operation::TranscriptionDelete, url)).await)
    }
}
