//! The house calls its speakers: those that answer by themselves get their sound over a call of their own.
//!
//! | file | what |
//! |---|---|
//! | `dialler` | how pages have speakers called, and let them go |
//! | `run`, `network` | the one task that owns all calls; its sockets, made when they are first needed |
//! | `core` | what comes in, whose it is, and when something is due |
//! | `outcome` | what an answer to our INVITE leads to |
//! | `within` | what a speaker wants within a call |
//! | `call`, `dialog` | one call: who wants it, how far it is; names and numbers of both sides |
//! | `invite` | what our INVITE says, so that speakers answer by themselves |

mod call;
mod core;
mod dialler;
mod dialog;
mod invite;
mod network;
mod outcome;
#[cfg(test)]
mod rehearsal;
mod run;
mod within;

pub use dialler::Dialler;
pub use run::DiallerParts;
