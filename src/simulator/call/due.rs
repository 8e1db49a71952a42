//! What is still to be sent.

use super::hook::Hook;
use crate::simulator::chaos::Accident;
use std::time::Duration;

/// A webhook that waits for its time.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) at: Duration,
    pub(super) hook: Hook,
    pub(super) why: Why,
}

/// Why it is sent.
#[derive(Debug)]
pub(super) enum Why {
    /// It is a report, and this goes wrong with it.
    Report(Option<Accident>),
    /// It has been sent before.
    Again(First),
    /// It contradicts one that has been sent.
    Contradiction,
}

/// The first delivery of a webhook that comes again.
#[derive(Clone, Debug)]
pub(super) struct First {
    pub(super) token: String,
    /// In the record.
    pub(super) number: usize,
    pub(super) body: Option<Vec<u8>>,
}
