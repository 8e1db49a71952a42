//! What a call keeps of its streams.

use crate::simulator::http::Fields;
use crate::simulator::stream::{Aside, Names};
use crate::twiml::Method;
use reqwest::Url;
use std::time::Duration;

/// A stream, as its callbacks name it.
#[derive(Clone, Debug)]
pub(super) struct StreamStatus {
    pub(super) names: Names,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) callback: Option<(Url, Method)>,
}

impl StreamStatus {
    /// What a Connect's action is told.
    pub(super) fn named(&self) -> Fields {
        vec![("StreamSid", self.names.stream_sid.clone()), ("StreamName", self.name.clone())]
    }
}

/// What passes between two looks at the streams that run.
pub(super) const STEP: Duration = Duration::from_millis(20);

/// A one-way stream that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) status: StreamStatus,
    pub(super) aside: Aside,
}
