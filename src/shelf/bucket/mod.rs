//! Copies in an S3-compatible bucket. An upload is one request, so an object is there as a whole or not at all, and there
//! are no parts to clean up; SigV4 covers its digest, so the store takes what we meant or nothing.
//!
//! | file | what |
//! |---|---|
//! | `objects` | what a shelf asks of a bucket: put and compare, open, read again, remove, list |
//! | `client` | one request: signed, repeated, never redirected, never silent for long |
//! | `patience` | how often, and how long silence may last |
//! | `sign` | Signature Version 4. Pure |
//! | `wire` | lists and refusals as stores write them. Pure |

mod client;
mod objects;
mod patience;
mod sign;
mod wire;

pub use client::Bucket;
pub use patience::Patience;
