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
//! What cannot be nested does not compile: `<Gather>` takes only `<Say>`, `<Play>` and `<Pause>`,
//!
//! ```compile_fail
//! # use switchboard::twiml::{Dial, Gather};
//! Gather::new().then(Dial::number("+15875550101"));
//! ```
//!
//! `<Conference>` and `<Queue>` stand alone in their `<Dial>`,
//!
//! ```compile_fail
//! # use switchboard::twiml::{Conference, Leg, Legs, Number};
//! Legs::new(vec![Leg::from(Number::new("+15875550101")), Leg::from(Conference::new("room"))]);
//! ```
//!
//! `<Connect>` has exactly one noun, and nothing records without leave:
//!
//! ```compile_fail
//! # use switchboard::twiml::{Record, Response};
//! Response::new().then(Record::new());
//! ```
//!
//! ```compile_fail
//! # use switchboard::twiml::{Dial, DialRecord};
//! Dial::number("+15875550101").record(DialRecord::FromAnswer);
//! ```
//!
//! [`parse`] meets other people's documents: it refuses what is not XML (12100, 12102, 11750) and reports what Twilio
//! would only warn of (12200).

mod parse;
mod permit;
mod response;
mod verbs;
mod xml;

pub use parse::{MAX_BYTES, ParseError, Parsed, parse, parse_text_response};
pub use permit::{Permit, Permitted};
pub use response::{Response, Verb};
pub use verbs::*;
pub use xml::{List, Warning};
