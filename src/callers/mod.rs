//! Floor 6: callers whom operators put on a list, in one click out of the call log.
//!
//! The lists of a line stand in its configuration; what stands here is what somebody does about a caller today. Every instance's
//! world takes it up within two seconds.

mod bodies;
mod http;
mod queries;

pub use http::Callers;
pub use queries::forget_callers;
