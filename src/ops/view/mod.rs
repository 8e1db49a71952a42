//! What clients see: rows as JSON bodies, seen through the role of who asks.

mod call;
mod csv;
mod hold;
mod recording;
mod shown;
mod table;
mod timeline;
mod voicemail;
mod why;

pub use call::StreamCounters;
pub(super) use call::{CallBody, CallDetail, CallList, Session, SessionList};
pub(super) use hold::{LegalHoldBody, LegalHoldList};
pub(super) use recording::{RecordingBody, RecordingList};
pub(super) use shown::text;
pub(super) use table::{Table, ViewBody, ViewList};
pub(super) use timeline::{Past, timeline};
pub(super) use voicemail::{VoicemailBody, VoicemailList};
pub(super) use why::why;
