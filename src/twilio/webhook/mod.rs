//! Webhook bodies as types (PROTOCOL.md 2, 4.8, 5.3, 6): one file a family.
//!
//! Every field is optional: Twilio adds and leaves out fields without notice, and a signed request is never refused
//! for one. What a type does not know, and what it cannot read, stays in its `rest`; nothing is dropped.
//!
//! ```
//! use switchboard::twilio::form::Form;
//! use switchboard::twilio::webhook::DialResult;
//!
//! let form = Form::parse(b"CallSid=CA1&DialCallStatus=busy&DialCallDuration=soon&New=1");
//! let dial = DialResult::read(&form);
//! assert_eq!(dial.status.map(|status| status.as_str()), Some("busy"));
//! assert_eq!(dial.duration_s, None);
//! assert_eq!(dial.rest, [("DialCallDuration", "soon"), ("New", "1")]);
//! ```

mod call;
mod dial;
mod field;
mod gather;
mod queue;
mod recording;
mod sms;
mod status;
mod stream;
mod transcription;

pub use call::{AnsweredBy, Call, Direction, IncomingCall, MachineDetected, Places};
pub use dial::{DialResult, DialStatus};
pub use field::{Prefixed, Stamp};
pub use gather::{GatherPartial, GatherResult};
pub use queue::{ConferenceNews, ConferenceStatus, QueueOutcome, QueueResult, QueueWait, QueueWhisper};
pub use recording::{RecordResult, RecordingSource, RecordingState, RecordingStatus};
pub use sms::{IncomingSms, SmsState, SmsStatus};
pub use status::StatusCallback;
pub use stream::{ConnectResult, SessionState, StreamNews, StreamStatus};
pub use transcription::{LiveNews, LiveTranscription, Transcript, TranscriptState};
