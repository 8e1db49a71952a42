//! Floor 3: the immutable snapshot that every decision reads.
//!
//! A world is compiled from the configuration and from what came at run time (`stored.rs`, read by `read.rs`), swapped
//! whole when either changes, and never changed in place.

mod pass;
mod prompts;
mod read;
mod signers;
mod snapshot;
mod stored;
mod worlds;

pub use pass::{PassError, StreamPass};
pub use prompts::Prompts;
pub use read::{stored, version};
pub use signers::{Signers, Subaccounts};
pub use snapshot::World;
pub use stored::{Binding, Merged, Stored, StoredLine, SubaccountToken};
pub use worlds::Worlds;
