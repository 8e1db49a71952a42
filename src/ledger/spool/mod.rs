//! What happens while the database is away, kept on local disk until it can be stored: a preallocated, checksummed
//! file an instance, replayed in order and exactly once.
//!
//! `file.rs` is the file (what one record says is `ledger/record.rs`), `place.rs` where it lies, `shelf.rs` all that waits on
//! disk, `memory.rs` what no disk takes, `order.rs` which of both comes first, `calls.rs` whose steps wait, so that the next
//! ones go behind them, `keeper.rs` who writes, `replay.rs` who hands it to the lanes when the database is back.

mod calls;
mod file;
mod keeper;
mod memory;
mod order;
mod place;
mod replay;
mod shelf;
mod size;

pub use place::SpoolFolders;
pub use shelf::Keeping;

pub(super) use keeper::{NotKept, Spool};
pub(super) use replay::Replay;
pub(super) use shelf::Waiting;
