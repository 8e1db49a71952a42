//! Texts: what webhooks prove of them, as rows of `messages` and `message_opt_outs`.
//!
//! `fact.rs` is what a unit says, `rows.rs` how several of a batch become one row each, `reply.rs` who gets the line's reply,
//! `statements.rs` how they are written, `told.rs` how events tell of them. `missed.rs` and
//! `quota.rs` are what the room that sends texts asks.

mod fact;
mod missed;
mod quota;
mod reply;
mod rows;
mod statements;
mod told;

pub(super) use statements::{opt_out_row, row};

pub use fact::{OptOut, Quota, TextChange, TextKind, TextReply, TextState};
pub use missed::reached_nobody;
pub(crate) use quota::Quotas;
pub use told::TextObject;
