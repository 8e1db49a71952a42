//! `X-Twilio-Signature` (PROTOCOL.md 1): HMAC-SHA1 over the URL as configured at Twilio and the sorted form fields,
//! in base64.
//!
//! | file | what |
//! |---|---|
//! | `url` | the spellings of a URL that Twilio may have signed |
//! | `check` | signing and verifying |
//! | `diagnosis/` | when nothing fits: what would have |

mod check;
mod diagnosis;
mod url;

pub use check::{Body, Verdict, sign, verify, with_body_hash};
pub use diagnosis::{Cause, Reason, diagnose};
pub use url::{PortSpelling, Spelling};
