//! A carrier with a bad day against real instances that are killed, on a database that is stopped and started: what the
//! carrier knows and what the database says must be the same story.
//!
//! `CHAOS_CALLS=10000 CHAOS_SEED=7 cargo test --test chaos` for more of it, and for a day that failed. docs/OPERATIONS.md
//! has the same for a running system: `switchboard load --chaos SEED`.

#![expect(clippy::disallowed_methods, reason = "a test's own settings: CHAOS_CALLS, CHAOS_SEED and the like")]

#[cfg(test)]
mod checker;
#[cfg(test)]
mod fleet;
#[cfg(test)]
#[path = "it/support.rs"]
#[expect(dead_code, reason = "the tests of rooms use more of it")]
mod support;
