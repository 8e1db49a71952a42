//! Asks the buckets which of the calls that a batch opens may come in.

use super::limits::{Bucket, Denial, OVER, Rule, WINDOW_US, Wish};
use super::outbox::{self, Outgoing, Violation};
use super::statements::call;
use super::unit::Unit;
use super::work::{Calls, Entry, Work};
use crate::base::Time;
use crate::db::{DbError, Value};
use std::collections::{BTreeMap, HashMap};

/// What a judgement says.
#[derive(Default)]
pub(super) struct Judgement {
    /// What is stored instead, by the timeline row of who was refused, or of whose text gets a reply.
    instead: HashMap<i64, Entry>,
    /// `limit.violated`, the first of a window.
    events: Vec<Outgoing>,
    /// Refusals by bucket.
    refused: BTreeMap<String, Refusals>,
}

/// Calls that one bucket refused.
struct Refusals {
    rule: Rule,
    count: i64,
    at: Time,
}

impl Refusals {
    fn row<'v>(&'v self, key: &'v str) -> [Value<'v>; 4] {
        [
            Value::Time(Some(self.at)),
            Value::Text(Some(self.rule.as_str())),
            Value::Int(Some(self.count)),
            Value::Text(Some(key)),
        ]
    }
}

/// What a batch wants of one bucket.
struct Asked<'e> {
    wish: &'e Wish,
    wanted: i64,
    now_us: i64,
}

/// What a bucket gave, and what of it is left.
#[derive(Clone, Copy)]
struct Given<'e> {
    wish: &'e Wish,
    bucket: Bucket,
    left: i64,
}

impl Judgement {
    /// Who was refused, as stored.
    pub(super) fn refused(&self) -> impl Iterator<Item = &Entry> {
        self.instead.values()
    }

    /// The batch with refused callers in the place of those who asked.
    pub(super) fn apply<'e>(&'e self, new: &[&'e Entry]) -> Vec<&'e Entry> {
        new.iter().map(|entry| self.instead.get(&entry.event_id).unwrap_or(entry)).collect()
    }

    /// What is stored instead of a unit.
    pub(super) fn instead_of(&self, entry: &Entry) -> Option<&Entry> {
        self.instead.get(&entry.event_id)
    }

    /// This is stored and answered instead.
    pub(super) fn say_instead(&mut self, entry: &Entry, unit: Unit) {
        self.instead.insert(entry.event_id, Entry { event_id: entry.event_id, unit, judged: entry.judged });
    }

    /// `limit.violated`, where a rule began to refuse.
    pub(super) fn events(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.events)
    }

    /// Rows of `rate_limit_rejections`.
    pub(super) fn rows(&self) -> Vec<Value<'_>> {
        self.refused.iter().flat_map(|(key, refused)| refused.row(key)).collect()
    }

    /// Refusals by rule.
    pub(super) fn counts(&self) -> impl Iterator<Item = (Rule, i64)> {
        self.refused.values().map(|refusals| (refusals.rule, refusals.count))
    }

    /// Not let in; `since_us` is when this bucket began to refuse.
    fn refuse(&mut self, entry: &Entry, wish: &Wish, since_us: i64) {
        let rule = wish.rule.as_str();
        let Some(unit) = entry.unit.turned_away(&format!("{OVER}{rule}")) else { return };
        // The summary counts from the window's beginning, whose clock may be another instance's.
        let at = entry.unit.at.max(Time::from_timestamp_micros(since_us).unwrap_or_default());
        let refusals = self.refused.entry(wish.key.clone()).or_insert(Refusals { rule: wish.rule, count: 0, at });
        refusals.count += 1;
        self.instead.insert(entry.event_id, Entry { event_id: entry.event_id, unit, judged: true });
    }
}

impl Work<'_> {
    /// Lets in who may, in order of arrival; the first limit without room is the one that refuses. Who is not judged
    /// has been answered already, without us: it is charged, as far as there is room.
    pub(super) async fn judge(&mut self, new: &[&Entry], calls: &Calls) -> Result<Judgement, DbError> {
        let mut judgement = Judgement::default();
        let mut asking = Vec::new();
        for entry in new.iter().filter(|entry| !entry.unit.limits.is_empty() && opens(entry, calls)) {
            match self.denied(entry) {
                Some((wish, denial)) => judgement.refuse(entry, wish, denial.since_us),
                None => asking.push(*entry),
            }
        }
        let mut given = self.ask(&asking).await?;
        for entry in asking {
            let wishes = &entry.unit.limits;
            let full = wishes.iter().find(|wish| given.get(wish.key.as_str()).is_some_and(|given| given.left == 0));
            match full.filter(|_| entry.is_judged()) {
                Some(wish) => {
                    let since = given.get(wish.key.as_str()).and_then(|given| given.bucket.since);
                    judgement.refuse(entry, wish, since.unwrap_or_default());
                    judgement.events.extend(self.violation(entry, wish, since));
                }
                None => wishes.iter().for_each(|wish| {
                    if let Some(given) = given.get_mut(wish.key.as_str()) {
                        given.left = (given.left - 1).max(0);
                    }
                }),
            }
        }
        self.give_back(&given, &judgement).await?;
        self.tally.limited(judgement.counts());
        Ok(judgement)
    }

    /// A limit that is known to refuse: nobody needs to be asked.
    fn denied<'e>(&self, entry: &'e Entry) -> Option<(&'e Wish, Denial)> {
        let now_us = entry.unit.at.timestamp_micros();
        let known = |wish: &'e Wish| Some((wish, self.statements.denied.at(&wish.key, now_us)?));
        entry.unit.limits.iter().filter(|_| entry.is_judged()).find_map(known)
    }

    /// Takes from every bucket what the batch wants of it, or what it has; in order of their keys.
    async fn ask<'e>(&mut self, asking: &[&'e Entry]) -> Result<BTreeMap<&'e str, Given<'e>>, DbError> {
        let mut asked: BTreeMap<&str, Asked<'e>> = BTreeMap::new();
        for entry in asking {
            let at_us = entry.unit.at.timestamp_micros();
            for wish in &entry.unit.limits {
                let asked = asked.entry(wish.key.as_str()).or_insert(Asked { wish, wanted: 0, now_us: at_us });
                asked.wanted += 1;
                asked.now_us = asked.now_us.max(at_us);
            }
        }
        let values: Vec<Value<'_>> = asked.values().flat_map(Asked::row).collect();
        let rows = self.connection.rows(&self.statements.buckets, &values).await?;
        let mut given = BTreeMap::new();
        for row in &rows {
            let bucket = row.int(1).zip(row.int(2)).map(|(granted, tat)| Bucket { granted, tat, since: row.int(3) });
            let asked = row.text(0).and_then(|key| asked.get_key_value(key));
            if let Some(((key, Asked { wish, .. }), bucket)) = asked.zip(bucket) {
                given.insert(*key, Given { wish, bucket, left: bucket.granted });
            }
        }
        Ok(given)
    }

    /// One bucket's grant is of no use to a call that another one refuses. The rows are ours until the commit, so
    /// nobody has missed it.
    async fn give_back(&mut self, given: &BTreeMap<&str, Given<'_>>, judgement: &Judgement) -> Result<(), DbError> {
        for (key, Given { wish, bucket, left }) in given {
            if *left > 0 {
                self.connection.give_back(key, left * wish.every_us).await?;
            }
            if let Some(since_us) = bucket.since
                && judgement.refused.contains_key(*key)
            {
                let until_us = wish.again_at(bucket.tat).min(since_us + WINDOW_US);
                self.tally.denied((*key).to_owned(), Denial { until_us, since_us });
            }
        }
        Ok(())
    }

    /// Its id follows from rule, key and window: told once, by whoever refuses first.
    fn violation(&self, entry: &Entry, wish: &Wish, since_us: Option<i64>) -> Option<Outgoing> {
        let call = entry.unit.call.as_ref()?;
        Some(outbox::violated(&Violation {
            wish,
            line: call.fact.line.as_deref(),
            action: entry.unit.busy.as_ref()?.action,
            since_us: since_us?,
            at: entry.unit.at,
        }))
    }
}

/// Whether this webhook made its call known.
fn opens(entry: &Entry, calls: &Calls) -> bool {
    entry.unit.row(calls).and_then(|row| row.int(call::OPENED_BY)) == Some(entry.event_id)
}

impl Entry {
    /// Whether a limit may refuse it.
    fn is_judged(&self) -> bool {
        self.judged && self.unit.busy.is_some()
    }
}

impl Asked<'_> {
    /// What the bucket's row becomes if it is new.
    fn row(&self) -> [Value<'_>; 8] {
        let Self { wish, wanted, now_us } = self;
        let (granted, tat) = wish.fresh(*wanted, *now_us);
        [
            Value::Text(Some(&wish.key)),
            Value::Int(Some(tat)),
            Value::Int(Some(*now_us)),
            Value::Int(Some(i64::from(wish.burst))),
            Value::Int(Some(wish.every_us)),
            Value::Int(Some(*wanted)),
            Value::Int(Some(granted)),
            Value::Int((granted < *wanted).then_some(*now_us)),
        ]
    }
}
