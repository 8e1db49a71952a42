//! Floor 5: the order every webhook goes through, whatever it is about.
//!
//! `order.rs` is the page to read: body cap, signature, single flight, decide, lane, answer.

mod arrival;
mod check;
mod decision;
mod flight;
mod order;
mod refusal;
mod routes;
mod store;
mod streams;
mod unstored;
mod webhook;

pub use arrival::MOST_BYTES;
pub use check::stream_token;
pub use order::{Decide, Gate, Parts, render};
pub use refusal::Refusals;
pub use streams::{Announced, Ends, Sockets, Streams};
pub use unstored::{Loss, Unstored};
pub use webhook::{Route, Storage, Webhook};
