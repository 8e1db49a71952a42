//! The rows, found by what they are about.

use super::rows::{CallRow, ConsentRow, EventRow, Rows, TimelineRow, VoicemailRow};
use std::collections::HashMap;

/// See the module.
#[derive(Default)]
pub(crate) struct Index<'a> {
    calls: HashMap<&'a str, Vec<&'a CallRow>>,
    timeline: HashMap<&'a str, Vec<&'a TimelineRow>>,
    consents: HashMap<&'a str, Vec<&'a ConsentRow>>,
    voicemails: HashMap<&'a str, Vec<&'a VoicemailRow>>,
    recordings: HashMap<&'a str, Vec<&'a VoicemailRow>>,
    events: HashMap<&'a str, Vec<&'a EventRow>>,
}

impl<'a> Index<'a> {
    pub(crate) fn of(rows: &'a Rows) -> Self {
        let mut index = Self::default();
        for row in &rows.calls {
            index.calls.entry(&row.call_sid).or_default().push(row);
        }
        for row in &rows.timeline {
            index.timeline.entry(row.call_sid.as_deref().unwrap_or_default()).or_default().push(row);
        }
        for row in &rows.consents {
            index.consents.entry(&row.call_sid).or_default().push(row);
        }
        for row in &rows.voicemails {
            index.voicemails.entry(&row.call_sid).or_default().push(row);
            index.recordings.entry(row.recording_sid.as_deref().unwrap_or_default()).or_default().push(row);
        }
        for row in &rows.events {
            index.events.entry(&row.subject).or_default().push(row);
        }
        index
    }

    pub(crate) fn calls(&self, sid: &str) -> &[&'a CallRow] {
        self.calls.get(sid).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn call(&self, sid: &str) -> Option<&'a CallRow> {
        self.calls(sid).first().copied()
    }

    pub(crate) fn timeline(&self, sid: &str) -> &[&'a TimelineRow] {
        self.timeline.get(sid).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn consents(&self, sid: &str) -> &[&'a ConsentRow] {
        self.consents.get(sid).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn voicemails(&self, sid: &str) -> &[&'a VoicemailRow] {
        self.voicemails.get(sid).map_or(&[], Vec::as_slice)
    }

    /// Messages by the carrier's name of their recording.
    pub(crate) fn recording(&self, sid: &str) -> &[&'a VoicemailRow] {
        self.recordings.get(sid).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn events(&self, subject: &str) -> &[&'a EventRow] {
        self.events.get(subject).map_or(&[], Vec::as_slice)
    }
}
