//! Calls: made, looked at, redirected, ended (PROTOCOL.md 7.8).

use super::there::{live, there};
use crate::base::{CallState, Time, words};
use crate::carrier::client::Carrier;
use crate::carrier::operation::Operation;
use crate::carrier::request::Request;
use crate::carrier::wire::{instant, number, pairs, text, time};
use crate::carrier::{CarrierError, Pages};
use serde::{Deserialize, Serialize, Serializer};

words! {
    /// Moments of an outgoing call that its status callback hears of.
    CallStatusEvent {
        /// Dialled.
        Initiated = "initiated",
        /// It rings.
        Ringing = "ringing",
        /// Somebody is there.
        Answered = "answered",
        /// Over, however it ended.
        Completed = "completed",
    }
}

impl Serialize for CallStatusEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An outgoing call. One of `url`, `twiml` and `application_sid` says what happens when it is answered.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the carrier's own names, explained by the carrier")]
pub struct CallSetup {
    pub to: Option<String>,
    pub from: Option<String>,
    pub url: Option<String>,
    pub method: Option<String>,
    /// At most 4000 characters; ignored beside `url`.
    pub twiml: Option<String>,
    pub application_sid: Option<String>,
    pub fallback_url: Option<String>,
    pub fallback_method: Option<String>,
    /// Unique for the call: the tag by which it is found again after an unknown outcome.
    pub status_callback: Option<String>,
    pub status_callback_event: Vec<CallStatusEvent>,
    pub status_callback_method: Option<String>,
    /// Seconds of ringing: 60 when absent, at most 600.
    pub timeout: Option<u32>,
    /// Seconds of the whole call.
    pub time_limit: Option<u32>,
    pub send_digits: Option<String>,
    pub caller_id: Option<String>,
    pub record: Option<bool>,
    pub recording_channels: Option<String>,
    pub recording_track: Option<String>,
    pub recording_status_callback: Option<String>,
    pub machine_detection: Option<String>,
    pub machine_detection_timeout: Option<u32>,
    pub async_amd: Option<bool>,
    pub async_amd_status_callback: Option<String>,
    pub call_reason: Option<String>,
    pub call_token: Option<String>,
}

/// What to do with a call that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallChange {
    /// Ask this URL, by POST, what to do next; whatever runs is interrupted.
    Url(String),
    /// Do this next; at most 4000 characters, URLs in it absolute.
    Twiml(String),
    /// Hang up.
    Complete,
    /// Take it back while it is queued or rings; a call that was answered goes on.
    Cancel,
}

impl CallChange {
    fn form(&self) -> Vec<(String, String)> {
        let fields: &[(&str, &str)] = match self {
            Self::Url(url) => &[("Url", url), ("Method", "POST")],
            Self::Twiml(twiml) => &[("Twiml", twiml)],
            Self::Complete => &[("Status", "completed")],
            Self::Cancel => &[("Status", "canceled")],
        };
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }
}

/// A call as the carrier has it. What it says may lag behind the callbacks.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RemoteCall {
    /// `CA…`
    pub sid: String,
    /// Whose it is.
    #[serde(default, deserialize_with = "text")]
    pub account_sid: Option<String>,
    /// The call whose Dial made it.
    #[serde(default, deserialize_with = "text")]
    pub parent_call_sid: Option<String>,
    /// The carrier's word; [`RemoteCall::state`] reads it.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    /// `inbound`, `outbound-api` or `outbound-dial`.
    #[serde(default, deserialize_with = "text")]
    pub direction: Option<String>,
    /// Who calls.
    #[serde(default, deserialize_with = "text")]
    pub from: Option<String>,
    /// Who is called.
    #[serde(default, deserialize_with = "text")]
    pub to: Option<String>,
    /// Seconds, once it is over.
    #[serde(default, deserialize_with = "number")]
    pub duration: Option<i64>,
    /// When it was answered; for a call that never was, when it began.
    #[serde(default, deserialize_with = "time")]
    pub start_time: Option<Time>,
    /// When it ended.
    #[serde(default, deserialize_with = "time")]
    pub end_time: Option<Time>,
    /// When the carrier first had it.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<Time>,
    /// `human`, `machine_start` and the like, where it was asked for.
    #[serde(default, deserialize_with = "text")]
    pub answered_by: Option<String>,
}

impl RemoteCall {
    /// Where it stands, if the carrier's word is one that we know.
    #[must_use]
    pub fn state(&self) -> Option<CallState> {
        CallState::parse(self.status.as_deref()?)
    }
}

/// Which calls.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallFilter {
    /// Who was called.
    pub to: Option<String>,
    /// Who called.
    pub from: Option<String>,
    /// A word of [`CallState`].
    pub status: Option<String>,
    /// Legs that a call's Dial made.
    pub parent_call_sid: Option<String>,
    /// Begun at this time or later.
    #[serde(rename = "StartTime>", serialize_with = "instant")]
    pub started_after: Option<Time>,
    /// Begun at this time or earlier.
    #[serde(rename = "StartTime<", serialize_with = "instant")]
    pub started_before: Option<Time>,
    /// 1 to 1000; the carrier's choice is 50.
    pub page_size: Option<u32>,
}

impl Carrier {
    /// Calls somebody.
    ///
    /// # Errors
    /// [`CarrierError::Unknown`] when it may ring already; others: it does not.
    pub async fn create_call(&self, setup: &CallSetup) -> Result<RemoteCall, CarrierError> {
        self.ask(&Request::create(Operation::CallCreate, self.url(&["Calls"])?, pairs(setup))).await
    }

    /// Calls of the account.
    ///
    /// # Errors
    /// [`CarrierError::BadSid`].
    pub fn calls(&self, filter: &CallFilter) -> Result<Pages<RemoteCall>, CarrierError> {
        Ok(Pages::new(self, Operation::CallList, (self.url(&["Calls"])?, "calls"), &pairs(filter)))
    }

    /// One call.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn call(&self, sid: &str) -> Result<Option<RemoteCall>, CarrierError> {
        let url = self.url(&["Calls", sid])?;
        there(self.ask(&Request::get(Operation::CallFetch, url, &Vec::new())).await)
    }

    /// Redirects or ends a call. `None`: it is over already.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn change_call(&self, sid: &str, change: &CallChange) -> Result<Option<RemoteCall>, CarrierError> {
        let url = self.url(&["Calls", sid])?;
        live(self.ask(&Request::update(Operation::CallUpdate, url, change.form())).await)
    }
}
