//! OpenAI's Realtime API, and what speaks it: the GA protocol, sound both ways.
//!
//! What the vendor confirms is believed, not what was asked for; what a caller heard is told, not what was sent; what is
//! unknown is nothing.

mod functions;
mod incoming;
mod outgoing;
#[cfg(test)]
mod rehearsal;
mod responses;
mod session;
mod talk;
mod words;

pub(super) use session::{Realtime, Setting};
