//! Several webhooks of one call can meet in one batch; a multi-row upsert may name a call once. Folding gives the
//! row that would have come out had they been stored one after the other.

use super::unit::{CallChange, CallFact, Unit};
use crate::base::{CallState, Outcome, Time};
use crate::db::Value;
use std::collections::BTreeMap;

/// A call's fields, as far as the batch knows them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known<'a> {
    line: Option<&'a str>,
    direction: Option<&'a str>,
    from: Option<&'a str>,
    to: Option<&'a str>,
    account_sid: Option<&'a str>,
    parent_sid: Option<&'a str>,
    pub(super) caller_name: Option<&'a str>,
    pub(super) verstat: Option<&'a str>,
}

/// What a batch says about one call.
#[derive(Debug)]
pub(super) struct FoldedCall<'a> {
    sid: &'a str,
    known: Known<'a>,
    state: Option<(CallState, Time, i64)>,
    outcome: Option<Outcome>,
    answered: Option<(Time, i64)>,
    reason: Option<&'a str>,
    duration_s: Option<i64>,
    first: (Time, i64),
    last: Time,
}

/// Calls of the batch in order of their SIDs, so that two instances never lock crosswise.
pub(super) fn fold<'a>(units: impl Iterator<Item = (i64, &'a Unit)>) -> BTreeMap<&'a str, FoldedCall<'a>> {
    let mut calls: BTreeMap<&str, FoldedCall<'_>> = BTreeMap::new();
    for (event_id, unit) in units {
        for change in unit.changes() {
            let call = calls.entry(change.sid.as_str()).or_insert_with(|| FoldedCall::new(change, unit.at, event_id));
            call.take(change, unit.at, event_id);
        }
    }
    calls
}

impl<'a> FoldedCall<'a> {
    fn new(change: &'a CallChange, at: Time, event_id: i64) -> Self {
        Self {
            sid: change.sid.as_str(),
            known: Known::default(),
            state: None,
            outcome: None,
            answered: None,
            reason: None,
            duration_s: None,
            first: (at, event_id),
            last: at,
        }
    }

    fn take(&mut self, change: &'a CallChange, at: Time, event_id: i64) {
        self.known.keep(&change.fact);
        if let Some(state) = change.state
            && self.state.is_none_or(|(known, ..)| state.rank() > known.rank())
        {
            self.state = Some((state, at, event_id));
        }
        // A reason belongs to its outcome: it replaces what is known unless something better was reached before.
        // Once a call is over, only something better changes why.
        let over = self.state.is_some_and(|(state, ..)| state.is_final());
        if change.outcome > self.outcome || (!over && change.outcome == self.outcome) || self.reason.is_none() {
            self.reason = change.reason.as_deref().or(self.reason);
        }
        if let Some(outcome) = change.outcome {
            self.outcome = self.outcome.max(Some(outcome));
            if matches!(outcome, Outcome::Voicemail | Outcome::Answered | Outcome::Emergency) {
                self.answered.get_or_insert((at, event_id));
            }
        }
        self.duration_s = self.duration_s.or(change.duration_s);
        self.last = self.last.max(at);
    }

    /// The 22 values of the upsert, in its order. A call whose state nobody told is taken to be running, on a rung
    /// below all, so that any word of the carrier's wins.
    pub(super) fn push_row<'v>(&'v self, row: &mut Vec<Value<'v>>) {
        let known = self.known;
        let ended = self.state.filter(|(state, ..)| state.is_final());
        let state = self.state.map_or("in-progress", |(state, ..)| state.as_str());
        let outcome = self.outcome.or(ended.map(|_| Outcome::Abandoned));
        row.extend([
            Value::Text(Some(self.sid)),
            Value::Text(known.account_sid),
            Value::Text(known.parent_sid),
            Value::Text(known.line),
            Value::Text(known.direction),
            Value::Text(known.from),
            Value::Text(known.to),
            Value::Text(known.caller_name),
            Value::Text(known.verstat),
            Value::Text(Some(state)),
            Value::Int(Some(self.state.map_or(-1, |(state, ..)| state.rank()))),
            Value::Text(outcome.map(Outcome::as_str)),
            Value::Int(Some(outcome.map_or(-1, Outcome::rank))),
            Value::Text(self.reason),
            Value::Int(self.duration_s),
            Value::Time(Some(self.first.0)),
            Value::Time(self.answered.map(|(at, _)| at)),
            Value::Time(ended.map(|(_, at, _)| at)),
            Value::Time(Some(self.last)),
            Value::Int(Some(self.first.1)),
            Value::Int(ended.map(|(.., event_id)| event_id)),
            Value::Int(self.answered.map(|(_, event_id)| event_id)),
        ]);
    }

    /// Fields that only `call.started` tells.
    pub(super) const fn known(&self) -> &Known<'a> {
        &self.known
    }
}

impl<'a> Known<'a> {
    /// Fills what is missing.
    fn keep(&mut self, fact: &'a CallFact) {
        let pairs = [
            (&mut self.line, &fact.line),
            (&mut self.direction, &fact.direction),
            (&mut self.from, &fact.from),
            (&mut self.to, &fact.to),
            (&mut self.account_sid, &fact.account_sid),
            (&mut self.parent_sid, &fact.parent_sid),
            (&mut self.caller_name, &fact.caller_name),
            (&mut self.verstat, &fact.verstat),
        ];
        for (mine, theirs) in pairs {
            *mine = mine.or(theirs.as_deref());
        }
    }
}
