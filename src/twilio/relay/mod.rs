//! ConversationRelay: the carrier hears and speaks, the socket carries words (PROTOCOL.md 5.2).
//!
//! One JSON object a text frame. Little is said, so reading is tolerant rather than fast: what is missing or of another
//! type than documented is as good as absent.
//!
//! ```
//! use switchboard::twilio::relay::{Incoming, read};
//!
//! let text = r#"{"type":"prompt","voicePrompt":"Hello?","lang":"en-US","last":true}"#;
//! assert!(matches!(read(text), Ok(Incoming::Prompt { words, last: true, .. }) if words == "Hello?"));
//! ```

mod read;
mod write;

pub use read::{Incoming, Malformed, Setup, Side, read};
pub use write::{Text, end, language, play, send_digits, text};
