//! Texts: what webhooks prove of them, as rows of `messages` and `message_opt_outs`.
//!
//! `fact.rs` is what a unit says, `rows.rs` how several of a batch become one row each, `reply.rs` who gets the line's reply,
//! `statements.rs` how they are written.

mod fact;
mod reply;
mod rows;
mod statements;

pub(super) use statements::{opt_out_row, row};

pub use fact::{OptOut, Quota, TextChange, TextKind, TextReply, TextState};
