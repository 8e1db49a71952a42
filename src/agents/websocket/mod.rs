//! `switchboard-agent/1`: our own socket to somebody else's agent. docs/AGENT_PROTOCOL.md is for those who write one.

mod auth;
mod incoming;
mod outgoing;
#[cfg(test)]
mod rehearsal;
mod session;
mod talk;

pub(super) use auth::Auth;
pub(super) use session::{Neutral, Setting};
