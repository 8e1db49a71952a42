//! Media Streams: what the carrier sends over a stream's socket, and what it understands (PROTOCOL.md 4).
//!
//! One JSON object a text frame. Reading borrows from the text and allocates nothing for the frames that come every
//! 20 ms; writing fills one text that is sent as it is.
//!
//! ```
//! use switchboard::twilio::stream::{Incoming, read};
//!
//! let text = r#"{"event":"mark","sequenceNumber":4,"streamSid":"MZ1","mark":{"name":"m7"}}"#;
//! let received = read(text).expect("a message");
//! assert_eq!(received.stream_sid.as_deref(), Some("MZ1"));
//! assert!(matches!(received.what, Incoming::Mark(name) if name == "m7"));
//! ```

mod payload;
mod read;
mod write;

pub use payload::{Payload, SILENCE};
pub use read::{Incoming, Malformed, Received, Start, Track, read};
pub use write::Pen;
