//! What the parts of a transaction share: its units, its connection, the rows of its calls.

use super::outbox::Cause;
use super::statements::Statements;
use super::tally::Tally;
use super::unit::{CallChange, Unit};
use crate::base::CallSid;
use crate::db::{LaneConnection, Record};
use std::collections::HashMap;

/// A unit with the id of its timeline row.
#[derive(Debug)]
pub(super) struct Entry {
    pub event_id: i64,
    pub unit: Unit,
    /// Whether limits may refuse it. `false`: its answer has left already, so it is charged only.
    pub judged: bool,
}

impl Entry {
    pub(super) const fn cause(&self) -> Cause {
        Cause { event_id: self.event_id, at: self.unit.at }
    }
}

/// A transaction at work; `messages.rs` and `telling.rs` do their parts of it.
pub(super) struct Work<'c> {
    pub(super) connection: &'c mut LaneConnection,
    pub(super) statements: &'c Statements,
    pub(super) public_url: &'c str,
    pub(super) tally: Tally,
}

/// Rows of `calls` by SID, as they are after the upsert.
pub(super) type Calls = HashMap<String, Record>;

impl Unit {
    /// What it says about its call, and about that call's parent.
    pub(super) fn changes(&self) -> impl Iterator<Item = &CallChange> {
        self.call.iter().chain(&self.parent)
    }

    /// The calls it says something about.
    pub(super) fn call_sids(&self) -> Vec<CallSid> {
        self.changes().map(|change| change.sid.clone()).collect()
    }

    pub(super) fn sid(&self) -> Option<&str> {
        self.call.as_ref().map(|call| call.sid.as_str())
    }

    pub(super) fn row<'c>(&self, calls: &'c Calls) -> Option<&'c Record> {
        calls.get(self.sid()?)
    }
}
