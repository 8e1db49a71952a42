//! What happens while the database is away, kept on local disk until it can be stored: a preallocated, checksummed
//! file an instance, replayed in order and exactly once.
//!
//! `record.rs` is what one record says, `file.rs` the file, `place.rs` where it lies, `shelf.rs` everything that waits,
//! `keeper.rs` who writes, `replay.rs` who hands it to the lanes when the database is back.

mod file;
mod keeper;
mod place;
mod record;
mod replay;
mod shelf;
mod size;
mod spelling;

pub use place::SpoolFolders;
pub use shelf::Keeping;
pub use spelling::Word;

pub(super) use keeper::{NotKept, Spool};
pub(super) use record::encode;
pub(super) use replay::Replay;
pub(super) use shelf::Waiting;
pub(super) use spelling::{body, word};
