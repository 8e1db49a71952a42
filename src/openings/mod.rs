//! Floor 6: when lines are open: asked for, and overruled for a while.
//!
//! The hours of a line stand in its configuration; what stands here is what somebody says of it today. Every instance's
//! world takes it up within two seconds.

mod bodies;
mod http;
mod queries;

pub use http::Openings;
pub use queries::forget_overrides;
