//! Floor 5: what talks to a caller, behind one neutral port.
//!
//! A stream opens a [`Link`] to whatever its line names, tells it what happens on the line ([`ToAgent`]) and does what it
//! says ([`FromAgent`]). No vendor's word leaves this room, and nothing here knows of carriers, sockets of streams or
//! databases.
//!
//! | file | what it is |
//! |---|---|
//! | `port` | the neutral words |
//! | `link` | the stream's end of a conversation: never blocks, never grows |
//! | `engines` | opens links, early if wanted |

mod engines;
mod inbox;
mod link;
mod outbox;
pub mod port;
mod script;

pub use engines::Engines;
pub use link::Link;
pub use port::{FromAgent, Opening, ToAgent};
