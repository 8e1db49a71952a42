//! Floor 1: TwiML as types. Rendered and parsed by quick-xml; pure.
//!
//! ```
//! use switchboard::twiml::{Gather, Redirect, Response, Say};
//!
//! let menu = Response::new()
//!     .then(Gather::new().action("/twilio/dtmf?v=1&n=2").num_digits(1).timeout(6).then(Say::new("Press 1 for sales.")))
//!     .then(Redirect::to("/twilio/voicemail?v=1&n=3"));
//! assert!(menu.render().starts_with(r#"<?xml version="1.0" encoding="UTF-8"?><Response><Gather action="/twilio"#));
//! ```
//!
//! | where | what |
//! |---|---|
//! | `response` | the document and its verbs; rendering |
//! | `verbs/` | one file a family of verbs and nouns: each a table of attributes, with what may stand inside |
//! | `xml/` | how a table becomes a struct, and a struct XML and back |
//! | `permit` | leave to record: without one no verb that captures a voice can be made |
//!
//! What cannot be nested does not compile: `<Gather>` takes only `<Say>`, `<Play>` and `<Pause>`, `<Conference>` stands
//! alone in its `<Dial>`, `<Connect>` has exactly one noun. [`parse`] meets other people's documents: it refuses what
//! is not XML (12100, 12102, 11750) and reports what Twilio would only warn of (12200).

mod parse;
mod permit;
mod response;
mod verbs;
mod xml;

pub use parse::{MAX_BYTES, ParseError, Parsed, parse};
pub use permit::{Permit, Permitted};
pub use response::{Response, Verb};
pub use verbs::*;
pub use xml::{List, Warning};
