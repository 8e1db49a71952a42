//! Memory of live streams, counted by an allocator of its own, hence a test binary of its own.
//!
//! `cargo test --test allocations -- --nocapture` prints what each stream holds, block by block.

#![expect(clippy::disallowed_methods, reason = "tests of rooms are told in their surroundings where Postgres is")]

#[cfg(test)]
#[path = "it/house.rs"]
#[expect(dead_code, reason = "the tests of rooms use more of it")]
mod house;
#[cfg(test)]
mod memory;
#[cfg(test)]
#[path = "it/support.rs"]
#[expect(dead_code, reason = "the tests of rooms use more of it")]
mod support;
