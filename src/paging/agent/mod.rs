//! The telephone of the room: answers calls to zones by itself, over UDP and TCP.
//!
//! | file | what |
//! |---|---|
//! | `run`, `streams` | sockets, and the one task that owns all calls; connections |
//! | `core` | what comes in, whose it is, and when something is due |
//! | `access` | who may speak to us, and who may page |
//! | `invite` | a new call, from its checks to its answer |
//! | `within` | what a caller wants within a call; how we end one |
//! | `call` | one call as both sides know it |
//! | `leg`, `ports` | a call's sound: RTP in, frames out; the ports for that |
//! | `names` | tags, branches and numbers that nobody can guess |
//! | `pages`, `desk` | what the agent needs of the rest of the room; the room, as it needs it |

mod access;
mod call;
mod core;
mod desk;
mod invite;
mod leg;
mod names;
mod pages;
mod ports;
#[cfg(test)]
mod rehearsal;
mod run;
mod streams;
#[cfg(test)]
mod ten_thousand;
mod within;

pub use ports::Ports;
pub use run::{AgentError, AgentParts, Listening};

pub(super) use invite::{interval, offer};
pub(super) use names::Names;
pub(super) use ports::Port;
pub(super) use streams::{Came as StreamCame, Streams};
