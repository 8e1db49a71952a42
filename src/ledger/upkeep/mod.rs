//! Work beside the hot path: `rounds.rs` removes rows whose time is over, `fading.rs` words of messages that are kept, and
//! `windows.rs` has the last word on limits.

mod fading;
mod rounds;
mod windows;
