//! Floor 5: the order every webhook goes through, whatever it is about.
//!
//! `order.rs` is the page to read: body cap, signature, single flight, door, decide, lane, answer.

mod answer;
mod arrival;
mod check;
mod decision;
mod door;
mod flight;
mod order;
mod refusal;
mod routes;
mod store;
mod streams;
mod turned_away;
mod unstored;
mod webhook;

pub use answer::render;
pub use arrival::MOST_BYTES;
pub use check::stream_token;
pub use door::{Door, Place};
pub use order::{Busy, Decide, Gate, Parts};
pub use refusal::Refusals;
pub use streams::{Announced, Ends, Sockets, Streams};
pub use turned_away::{Cause, Crowd, TurnedAway};
pub use unstored::{Loss, Unstored};
pub use webhook::{Route, Storage, Webhook};
