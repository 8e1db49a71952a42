//! The telephone of the room: answers calls to zones by itself, over UDP, TCP and TLS.
//!
//! | file | what |
//! |---|---|
//! | `run`, `streams`, `tls` | sockets, and the one task that owns all calls; connections; protected ones |
//! | `core` | what comes in, whose it is, and when something is due |
//! | `access`, `quota` | who may speak to us, who may page; how much of anybody is read |
//! | `invite` | a new call, from its checks to its answer |
//! | `early` | between the 100 and the 200: whoever gives up now is heard |
//! | `within` | what a caller wants within a call; how we end one |
//! | `call` | one call as both sides know it |
//! | `leg`, `ports` | a call's sound: RTP in, frames out; the ports for that |
//! | `trunk`, `trunks` | PBXes that we are a telephone of: one registration; all of them |
//! | `names` | tags, branches and numbers that nobody can guess |
//! | `pages`, `desk` | what the agent needs of the rest of the room; the room, as it needs it |

mod access;
mod call;
mod core;
mod desk;
mod early;
mod invite;
mod leg;
mod names;
mod pages;
mod ports;
mod quota;
#[cfg(any(test, fuzzing))]
#[expect(clippy::expect_used, clippy::indexing_slicing, reason = "tests, and what a fuzzer runs")]
mod rehearsal;
mod run;
mod streams;
#[cfg(test)]
mod ten_thousand;
mod tls;
mod trunk;
mod trunks;
mod within;

pub use ports::Ports;
#[cfg(fuzzing)]
pub use rehearsal::endure;
pub use run::{AgentError, AgentParts, Listening};
pub use tls::Unusable;

pub(super) use invite::{interval, offer};
pub(super) use names::Names;
pub(super) use ports::Port;
pub(super) use streams::{Came as StreamCame, Streams};
