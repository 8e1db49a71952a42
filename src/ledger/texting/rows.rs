//! Rows of texts. Several changes of a batch to one text become one row, because a statement may name a row once.

use crate::base::Outcome;
use crate::base::Time;
use crate::db::{DbError, Value};
use crate::ledger::statements::call;
use crate::ledger::text::{OptOut, TextChange, TextKind, TextState};
use crate::ledger::work::{Calls, Entry, Work};
use std::collections::BTreeMap;

/// What a batch says of one text.
#[derive(Clone, Debug)]
struct Row<'v> {
    known: &'v TextChange,
    kind: TextKind,
    state: TextState,
    sid: Option<&'v str>,
    account_sid: Option<&'v str>,
    line: Option<&'v str>,
    from: Option<&'v str>,
    to: Option<&'v str>,
    body: Option<&'v str>,
    segments: Option<i64>,
    error_code: Option<i64>,
    first: Time,
    last: Time,
}

impl<'v> Row<'v> {
    fn new(known: &'v TextChange, at: Time) -> Self {
        let TextChange { kind, state, segments, error_code, .. } = *known;
        Self {
            known,
            kind,
            state,
            sid: known.sid.as_deref(),
            account_sid: known.account_sid.as_deref(),
            line: known.line.as_deref(),
            from: known.from.as_deref(),
            to: known.to.as_deref(),
            body: known.body.as_deref(),
            segments,
            error_code,
            first: at,
            last: at,
        }
    }

    fn take(&mut self, change: &'v TextChange, at: Time) {
        // Whoever knows why there is such a text knows most of it.
        if self.kind == TextKind::Other {
            (self.known, self.kind) = (change, change.kind);
        }
        if change.state.rank() > self.state.rank() {
            self.state = change.state;
        }
        self.sid = self.sid.or(change.sid.as_deref());
        self.account_sid = self.account_sid.or(change.account_sid.as_deref());
        self.line = self.line.or(change.line.as_deref());
        self.from = self.from.or(change.from.as_deref());
        self.to = self.to.or(change.to.as_deref());
        self.body = self.body.or(change.body.as_deref());
        self.segments = self.segments.or(change.segments);
        self.error_code = self.error_code.or(change.error_code);
        self.last = self.last.max(at);
    }

    /// In the order of the statement.
    fn values(&self) -> [Value<'v>; 20] {
        [
            Value::Text(Some(&self.known.id)),
            Value::Text(self.sid),
            Value::Text(self.account_sid),
            Value::Text(self.line),
            Value::Text(Some(self.kind.direction())),
            Value::Text(Some(self.kind.as_str())),
            Value::Text(self.from),
            Value::Text(self.to),
            Value::Text(self.body),
            Value::Text(Some(self.known.media.as_deref().unwrap_or("[]"))),
            Value::Int(Some(self.known.media_count)),
            Value::Int(self.segments),
            Value::Text(Some(self.state.as_str())),
            Value::Int(Some(self.state.rank())),
            Value::Int(self.error_code),
            Value::Text(self.known.in_reply_to.as_deref()),
            Value::Text(self.known.call_sid.as_deref()),
            Value::Time(self.known.due_at),
            Value::Time(Some(self.first)),
            Value::Time(Some(self.last)),
        ]
    }
}

impl Work<'_> {
    /// One statement for all texts, one for all who want none; most batches have neither.
    pub(in crate::ledger) async fn texts(&mut self, new: &[&Entry], calls: &Calls) -> Result<(), DbError> {
        let mut texts: BTreeMap<&str, Row<'_>> = BTreeMap::new();
        let mut opt_outs: BTreeMap<(&str, &str), (&OptOut, Time)> = BTreeMap::new();
        for entry in new {
            let at = entry.unit.at;
            let missed = entry.unit.facts.missed_text().filter(|_| reached_nobody(entry, calls));
            for change in entry.unit.facts.texts().iter().chain(missed) {
                texts.entry(&change.id).and_modify(|row| row.take(change, at)).or_insert_with(|| Row::new(change, at));
            }
            for said in entry.unit.facts.opt_outs() {
                let latest = opt_outs.entry((&said.number, &said.peer)).or_insert((said, at));
                if at >= latest.1 {
                    *latest = (said, at);
                }
            }
        }
        let values: Vec<Value<'_>> = texts.values().flat_map(Row::values).collect();
        self.connection.rows(&self.statements.texts, &values).await?;
        let values: Vec<Value<'_>> = opt_outs.into_values().flat_map(opt_out).collect();
        self.connection.rows(&self.statements.opt_outs, &values).await.map(drop)
    }
}

/// Whether this webhook ended a call whose caller reached nobody; a message may still turn up.
fn reached_nobody(entry: &Entry, calls: &Calls) -> bool {
    let Some(row) = entry.unit.row(calls) else { return false };
    let nobody = [Outcome::Abandoned, Outcome::Voicemail].map(Outcome::as_str);
    row.int(call::ENDED_BY) == Some(entry.event_id)
        && row.text(call::OUTCOME).is_some_and(|outcome| nobody.contains(&outcome))
}

fn opt_out<'v>((said, at): (&'v OptOut, Time)) -> [Value<'v>; 5] {
    [
        Value::Text(Some(&said.number)),
        Value::Text(Some(&said.peer)),
        Value::Bool(said.out),
        Value::Text(Some(&said.word)),
        Value::Time(Some(at)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn changes_of_one_text_climb_whatever_their_order() {
        let change = |state, error_code| TextChange {
            error_code,
            ..TextChange::new("msg_1".to_owned(), TextKind::Other, state)
        };
        let words = TextChange {
            body: Some("hello".to_owned()),
            line: Some("main".to_owned()),
            ..TextChange::new("msg_1".to_owned(), TextKind::Reply, TextState::Accepted)
        };
        let all = [change(TextState::Undelivered, Some(30006)), change(TextState::Sent, None), words];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let at = |n: i64| Time::UNIX_EPOCH + TimeDelta::seconds(n);
            let mut row = Row::new(&all[order[0]], at(0));
            (1..).zip(&order[1..]).for_each(|(n, change)| row.take(&all[*change], at(n)));
            assert_eq!((row.state, row.kind, row.body), (TextState::Undelivered, TextKind::Reply, Some("hello")));
            assert_eq!((row.error_code, row.first, row.last), (Some(30006), at(0), at(2)));
        }
    }
}
