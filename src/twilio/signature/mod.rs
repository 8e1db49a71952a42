//! `X-Twilio-Signature` (PROTOCOL.md 1): HMAC-SHA1 over the URL as configured at Twilio and the sorted form fields,
//! in base64.
//!
//! | file | what |
//! |---|---|
//! | `url` | the spellings of a URL that Twilio may have signed |
//! | `check` | signing and verifying |

mod check;
mod url;

pub use check::{Body, Verdict, sign, verify, with_body_hash};
pub use url::{PortSpelling, Spelling};
