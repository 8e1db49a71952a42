//! The chain of consents: each row gets a number and a hash over the row before and itself, after its commit, by one
//! instance at a time. Whoever changes, removes, moves or puts in a row afterwards breaks it.
//!
//! `link.rs` is the hash, `extend.rs` gives numbers, `forget.rs` is what retention may take out and how the chain goes on
//! after it, `proof.rs` judges a walk along it and
//! `walk.rs` takes it. The hot transaction knows nothing of this: it writes rows without a number.

mod extend;
mod forget;
mod link;
mod proof;
mod walk;

pub use extend::{Head, extend, head, unchained, waits};
pub(super) use forget::forget;
pub use link::{Link, Linked, START};
pub use proof::{Anchor, Break, Found, Kept, Proof, Proven, Range};
pub use walk::prove;
