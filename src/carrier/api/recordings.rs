//! Recordings; their audio is in `media` (PROTOCOL.md 7.9).

use super::there::{Removal, live, removed, there};
use crate::base::{Time, words};
use crate::carrier::client::Carrier;
use crate::carrier::operation::Operation;
use crate::carrier::request::Request;
use crate::carrier::wire::{instant, number, pairs, text, time};
use crate::carrier::{CarrierError, Pages};
use serde::{Deserialize, Serialize};

/// A recording as the carrier has it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Recording {
    /// `RE…`
    pub sid: String,
    /// Whose it is.
    #[serde(default, deserialize_with = "text")]
    pub account_sid: Option<String>,
    /// Of which call.
    #[serde(default, deserialize_with = "text")]
    pub call_sid: Option<String>,
    /// Of which conference.
    #[serde(default, deserialize_with = "text")]
    pub conference_sid: Option<String>,
    /// `in-progress`, `paused`, `stopped`, `processing`, `completed`, `absent` or `deleted`.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    /// Seconds; absent while it runs.
    #[serde(default, deserialize_with = "number")]
    pub duration: Option<i64>,
    /// 1 or 2.
    #[serde(default, deserialize_with = "number")]
    pub channels: Option<i64>,
    /// What made it, like `RecordVerb`.
    #[serde(default, deserialize_with = "text")]
    pub source: Option<String>,
    /// When it began.
    #[serde(default, deserialize_with = "time")]
    pub start_time: Option<Time>,
    /// When the carrier first had it.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<Time>,
    /// Why it is absent.
    #[serde(default, deserialize_with = "number")]
    pub error_code: Option<i64>,
}

impl Recording {
    /// Whether it goes on, or could.
    #[must_use]
    pub fn runs(&self) -> bool {
        matches!(self.status.as_deref(), Some("in-progress" | "paused"))
    }
}

words! {
    /// What a recording that runs is told.
    RecordingControl {
        /// Nothing that is said is kept, until it goes on; the pause is silence.
        Pause = "paused",
        /// It goes on.
        Resume = "in-progress",
        /// It is over.
        Stop = "stopped",
    }
}

/// Which recordings.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RecordingFilter {
    /// Of one call.
    pub call_sid: Option<String>,
    /// Of one conference.
    pub conference_sid: Option<String>,
    /// Made at this time or later.
    #[serde(rename = "DateCreated>", serialize_with = "instant")]
    pub created_after: Option<Time>,
    /// Made at this time or earlier.
    #[serde(rename = "DateCreated<", serialize_with = "instant")]
    pub created_before: Option<Time>,
    /// Also those that were deleted lately.
    pub include_soft_deleted: Option<bool>,
    /// 1 to 1000; the carrier's choice is 50.
    pub page_size: Option<u32>,
}

impl Carrier {
    /// Recordings of the account.
    ///
    /// # Errors
    /// [`CarrierError::BadSid`].
    pub fn recordings(&self, filter: &RecordingFilter) -> Result<Pages<Recording>, CarrierError> {
        let at = (self.url(&["Recordings"])?, "recordings");
        Ok(Pages::new(self, Operation::RecordingList, at, &pairs(filter)))
    }

    /// One recording.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn recording(&self, sid: &str) -> Result<Option<Recording>, CarrierError> {
        let url = self.url(&["Recordings", sid])?;
        there(self.ask(&Request::get(Operation::RecordingFetch, url, &Vec::new())).await)
    }

    /// Pauses, resumes or ends a recording of a call that goes on. `None`: it is over already.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn control_recording(
        &self,
        call_sid: &str,
        sid: &str,
        control: RecordingControl,
    ) -> Result<Option<Recording>, CarrierError> {
        let url = self.url(&["Calls", call_sid, "Recordings", sid])?;
        let mut form = vec![("Status".to_owned(), control.as_str().to_owned())];
        if control == RecordingControl::Pause {
            form.push(("PauseBehavior".to_owned(), "silence".to_owned()));
        }
        live(self.ask(&Request::update(Operation::RecordingUpdate, url, form)).await)
    }

    /// Deletes a recording and its audio at the carrier.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn delete_recording(&self, sid: &str) -> Result<Removal, CarrierError> {
        let url = self.url(&["Recordings", sid])?;
        removed(self.send(&Request::delete(Operation::RecordingDelete, url)).await)
    }
}
