//! Writes with an `Idempotency-Key`: run once, answered the same for a day, whoever asks again and however often.
//!
//! `once.rs` is the order of it, `queries.rs` the table. A write whose process dies is taken over by the client's next
//! attempt once its lease is over; what it had started carries a name that follows from the key
//! ([`crate::base::WriteKey`]), so the second attempt finds it.

mod answer;
mod once;
mod queries;

pub(super) use once::once;
pub use queries::forget_writes;
