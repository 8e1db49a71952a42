//! Floor 5: the order every webhook goes through, whatever it is about.
//!
//! `order.rs` is the page to read: body cap, signature, single flight, decide, lane, answer.

pub mod webhook;

pub use webhook::{Route, Storage, Webhook};
