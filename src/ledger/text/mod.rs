//! Texts: what a unit says of them (`fact.rs`), how that is written (`statements.rs`), and whether a caller was missed (`missed.rs`).

mod fact;
mod missed;
mod statements;

pub use fact::{OptOut, Quota, TextChange, TextKind, TextReply, TextState};
pub use missed::reached_nobody;
pub(super) use statements::{opt_out_row, row};
