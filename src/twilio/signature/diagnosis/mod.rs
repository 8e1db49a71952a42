//! Why a signature does not fit: tries what people, proxies and tools commonly get wrong, and names what would have
//! fitted. HMAC says yes to one text only, so whatever fits here is what was really signed.
//!
//! | file | what |
//! |---|---|
//! | `evidence` | the order in which a refused request is questioned |
//! | `keys`, `urls`, `bodies` | ways to get header and token, URL and fields wrong |
//! | `cause` | what comes out, in words |
//!
//! Nothing of this is told to the one who sent the request; it is for the log and for `switchboard verify`. It costs
//! about a millisecond and never more than a few, so callers bound how often strangers can make us look.

mod bodies;
mod cause;
mod evidence;
mod fields;
mod keys;
mod urls;

pub use cause::{Cause, Reason};
pub use evidence::diagnose;
