//! What a batch tells others, in the order in which it happened.

use super::fold::FoldedCall;
use super::outbox::{self, Outgoing};
use super::statements::{CALL_BY_SID, CALL_KINDS, call};
use super::work::{Calls, Entry, Work};
use crate::db::{DbError, Record, Value};
use std::collections::BTreeMap;

/// Events of a batch: the end of a call comes after everything else that the batch tells of it.
#[derive(Default)]
pub(super) struct Told<'r> {
    first: Vec<Outgoing>,
    last: Vec<Outgoing>,
    ended: Vec<&'r Record>,
}

/// Whether it is a call of its own; child legs are part of their parent's.
fn is_whole(row: &Record) -> bool {
    row.text(call::PARENT).is_none()
}

impl<'r> Told<'r> {
    /// `call.started`, consent events and `call.ended` of the calls that this batch opened or ended.
    pub(super) fn by_calls(new: &[&Entry], folded: &BTreeMap<&str, FoldedCall<'_>>, calls: &'r Calls) -> Self {
        let mut told = Self::default();
        for entry in new {
            let cause = entry.cause();
            for row in entry.unit.changes().filter_map(|change| calls.get(change.sid.as_str())) {
                if is_whole(row) && row.int(call::OPENED_BY) == Some(entry.event_id) {
                    let known = row.text(call::SID).and_then(|sid| folded.get(sid)).map(FoldedCall::known);
                    told.first.extend(known.map(|known| outbox::started(row, known, cause)));
                }
            }
            let Some(row) = entry.unit.row(calls) else { continue };
            told.first.extend(entry.unit.facts.consents().iter().map(|consent| outbox::consent(row, consent, cause)));
            if is_whole(row) && row.int(call::ENDED_BY) == Some(entry.event_id) {
                told.ended.push(row);
                told.last.push(outbox::ended(row, cause));
            }
        }
        told
    }

    /// What happened next.
    pub(super) fn then(&mut self, events: Vec<Outgoing>) {
        self.first.extend(events);
    }

    /// Rows of the calls that ended.
    pub(super) fn ended(&self) -> &[&'r Record] {
        &self.ended
    }

    /// All, in order.
    pub(super) fn in_order(self) -> Vec<Outgoing> {
        self.first.into_iter().chain(self.last).collect()
    }
}

impl Work<'_> {
    /// Events of the rooms. Those about a call get its row's `call` object, also when the webhook that proves them
    /// belongs to another leg.
    pub(super) async fn of_rooms(&mut self, new: &[&Entry], calls: &Calls) -> Result<Vec<Outgoing>, DbError> {
        let mut told = Vec::new();
        for entry in new {
            for event in entry.unit.facts.events() {
                let own = entry.unit.row(calls);
                let about = event.subject.strip_prefix("calls/");
                let elsewhere = match about.filter(|sid| own.and_then(|row| row.text(call::SID)) != Some(sid)) {
                    Some(sid) if !calls.contains_key(sid) => self.call(sid).await?,
                    _ => None,
                };
                let row = elsewhere.as_ref().or_else(|| calls.get(about?));
                told.push(outbox::of_room(event, row, own, entry.cause()));
            }
        }
        Ok(told)
    }

    async fn call(&mut self, sid: &str) -> Result<Option<Record>, DbError> {
        let rows = self.connection.fetch(CALL_BY_SID, &[Value::Text(Some(sid))], &CALL_KINDS).await?;
        Ok(rows.into_iter().next())
    }
}
