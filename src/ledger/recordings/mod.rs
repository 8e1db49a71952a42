//! Recordings: which there are, how far their copies have come, and what must be kept.
//!
//! `row.rs` is a row as others see it. `find.rs` learns of recordings from the timeline, after the commit; `copy.rs` is
//! what the recorder writes down while it works; `steer.rs` what operators do to one that runs; `keep.rs` is holds and retention;
//! `told.rs` the events of it all.

mod account;
mod copy;
mod find;
mod keep;
mod lost;
mod row;
mod steer;
mod told;
mod words;

pub use account::kept_by;
pub use copy::{
    Copied, carrier_deleted, claim, deletable, due, failed, later, lost, placing, renew, retry, stored, tell_stored,
    untold,
};
pub use find::{Listed, discover, listed, unread};
pub use keep::{
    Discarded, Held, KeptIn, discard, expire_conversations, forget, hold, kept, release, removable, removed,
    unconsented, unproven,
};
pub use lost::{Missing, messages_of, missing, subaccounts};
pub use row::{RecordingFilter, RecordingPlace, RecordingRow, Waiting, recording, recordings, waiting};
pub use steer::{forget_revocations, revoke, revoked, steered};
pub use words::wordless;
