//! Walking the chain: every row in order, each against the one before.

use super::extend::Head;
use super::link::{Linked, START};
use crate::base::Time;
use crate::ledger::from_row::from_row;
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::fmt;

/// Numbers that retention took out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first that is gone.
    pub first: i64,
    /// The last that is gone.
    pub last: i64,
    /// Hash of the last one: the chain goes on with it.
    pub hash: String,
    /// When they were taken out.
    pub at: Time,
}

from_row!(Range { first, last, hash, at });

/// What retention may take out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Days that a consent is kept; 0: for good.
    pub days: u32,
    /// Now: a checkpoint of tomorrow takes out nothing more.
    pub now: Time,
}

impl Kept {
    /// Whether retention was allowed to take out a row of `row_at` when it wrote the checkpoint of `at`.
    fn was_over(self, row_at: Time, at: Time) -> bool {
        let days = TimeDelta::try_days(i64::from(self.days)).filter(|days| !days.is_zero());
        days.and_then(|days| at.min(self.now).checked_sub_signed(days)).is_some_and(|before| row_at < before)
    }
}

impl Range {
    /// Both, when they touch: the hash is that of the later one.
    pub(super) fn with(self, other: &Self) -> Self {
        let hash = if other.last > self.last { other.hash.clone() } else { self.hash };
        Self { first: self.first.min(other.first), last: self.last.max(other.last), hash, at: self.at.max(other.at) }
    }

    fn count(&self) -> i64 {
        self.last - self.first + 1
    }
}

/// A head that was written down elsewhere: `NUMBER:HASH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The number.
    pub number: i64,
    /// The hash that it had.
    pub hash: String,
}

/// Where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// A row is not what was hashed, or does not belong behind the row before it.
    Changed {
        /// Its number.
        number: i64,
        /// `con_…`
        id: String,
        /// The call it is about.
        call_sid: String,
    },
    /// Numbers that nobody has, and that retention did not take out.
    Removed {
        /// The first.
        first: i64,
        /// The last.
        last: i64,
    },
    /// A checkpoint speaks for rows that retention would not have taken out: no row behind them was old enough then.
    Early {
        /// The first.
        first: i64,
        /// The last.
        last: i64,
    },
    /// A row that the chain does not know: its number is taken or lies behind the end.
    PutIn {
        /// Its number.
        number: i64,
        /// `con_…`
        id: String,
        /// The call it is about.
        call_sid: String,
    },
    /// The last row is there, and is not the one that was written down as the last.
    End {
        /// Its number.
        number: i64,
    },
    /// The anchor's row is there, and has another hash.
    Anchor {
        /// Its number.
        number: i64,
    },
    /// The timeline of the call is there, and has no such webhook.
    Unproven {
        /// Its number.
        number: i64,
        /// `con_…`
        id: String,
        /// The call it is about.
        call_sid: String,
    },
}

impl Break {
    /// One word for programs.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "changed",
            Self::Removed { .. } => "removed",
            Self::Early { .. } => "early",
            Self::PutIn { .. } => "inserted",
            Self::End { .. } => "end",
            Self::Anchor { .. } => "anchor",
            Self::Unproven { .. } => "unproven",
        }
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { number, id, call_sid } => {
                write!(
                    f,
                    "row {number} ({id}, call {call_sid}) was changed or moved, or the hash of the row before it was"
                )
            }
            Self::Removed { first, last } if first == last => write!(f, "row {first} was removed"),
            Self::Removed { first, last } => write!(f, "rows {first} to {last} were removed"),
            Self::Early { first, last } => write!(
                f,
                "rows {first} to {last} are gone as if by retention, but were younger than the days that consents are kept"
            ),
            Self::PutIn { number, id, call_sid } => {
                write!(f, "row {number} ({id}, call {call_sid}) was put in: the chain does not know it")
            }
            Self::End { number } => write!(f, "row {number} is not the one that was written down as the last"),
            Self::Anchor { number } => {
                write!(f, "row {number} does not have the hash of the anchor: the chain was made anew")
            }
            Self::Unproven { number, id, call_sid } => {
                write!(f, "row {number} ({id}, call {call_sid}) names a webhook that the call's timeline does not have")
            }
        }
    }
}

/// A walk along the chain: rows in order of their numbers go in, breaks come out.
#[derive(Debug)]
pub struct Proof {
    ranges: BTreeMap<i64, Range>,
    kept: Kept,
    anchor: Option<Anchor>,
    /// What retention took out right before the next row.
    gone: Option<Range>,
    /// The number that comes next.
    next: i64,
    /// Hash of the row before; `None` behind a gap, where nothing can be said of the first row.
    before: Option<String>,
    rows: i64,
    forgotten: i64,
    anchored: bool,
    breaks: Vec<Break>,
}

/// Whether the timeline knows the webhook of a row; `None` when the call's timeline is gone.
pub type Proven = Option<bool>;

impl Proof {
    /// Begins before the first row.
    #[must_use]
    pub fn new(ranges: Vec<Range>, kept: Kept, anchor: Option<Anchor>) -> Self {
        let ranges = ranges.into_iter().map(|range| (range.first, range)).collect();
        let (next, before) = (1, Some(START.to_owned()));
        let (rows, forgotten, anchored, breaks) = (0, 0, false, Vec::new());
        Self { ranges, kept, anchor, gone: None, next, before, rows, forgotten, anchored, breaks }
    }

    /// Takes the next row.
    pub fn row(&mut self, row: &Linked, proven: Proven) {
        self.rows += 1;
        let named = || (row.number, row.link.id.clone(), row.link.call_sid.clone());
        if row.number < self.next {
            let (number, id, call_sid) = named();
            return self.breaks.push(Break::PutIn { number, id, call_sid });
        }
        self.up_to(row.number);
        self.witness(Some(row.link.at));
        if self.before.as_deref().is_some_and(|before| !row.follows(before)) {
            let (number, id, call_sid) = named();
            self.breaks.push(Break::Changed { number, id, call_sid });
        }
        if proven == Some(false) {
            let (number, id, call_sid) = named();
            self.breaks.push(Break::Unproven { number, id, call_sid });
        }
        self.pass(row.number, &row.hash);
    }

    /// Goes on to `number` over what retention took out; what is missing besides is a break.
    fn up_to(&mut self, number: i64) {
        while self.next < number {
            if let Some(range) = self.ranges.remove(&self.next).filter(|range| range.last < number) {
                self.forgotten += range.count();
                self.pass(range.last, &range.hash);
                self.witness(None);
                self.gone = Some(range);
                continue;
            }
            let known = self.ranges.range(self.next + 1..number).next().map_or(number, |(first, _)| *first);
            self.witness(None);
            self.breaks.push(Break::Removed { first: self.next, last: known - 1 });
            (self.next, self.before) = (known, None);
        }
    }

    /// Retention takes rows out from the oldest on and leaves the last old one: the row behind a gap shows how old it is.
    fn witness(&mut self, behind: Option<Time>) {
        let Some(Range { first, last, at, .. }) = self.gone.take() else { return };
        if !behind.is_some_and(|behind| self.kept.was_over(behind, at)) {
            self.breaks.push(Break::Early { first, last });
        }
    }

    fn pass(&mut self, number: i64, hash: &str) {
        if let Some(anchor) = self.anchor.as_ref().filter(|anchor| anchor.number == number) {
            self.anchored = true;
            if anchor.hash != hash {
                self.breaks.push(Break::Anchor { number });
            }
        }
        (self.next, self.before) = (number + 1, Some(hash.to_owned()));
    }

    /// Takes a row behind the head, or before the first.
    pub fn outside(&mut self, row: &Linked) {
        let (number, id, call_sid) = (row.number, row.link.id.clone(), row.link.call_sid.clone());
        self.breaks.push(Break::PutIn { number, id, call_sid });
    }

    /// Compares the end with `head`, which was read before the first row, and gives what was found.
    #[must_use]
    pub fn end(mut self, head: &Head) -> Found {
        self.up_to(head.number + 1);
        self.witness(None);
        if self.before.as_deref().is_some_and(|hash| hash != head.hash) {
            self.breaks.push(Break::End { number: head.number });
        }
        if let Some(Anchor { number, .. }) = self.anchor.filter(|anchor| anchor.number >= self.next) {
            self.breaks.push(Break::Removed { first: self.next, last: number });
        }
        Found { rows: self.rows, forgotten: self.forgotten, anchored: self.anchored, breaks: self.breaks }
    }
}

/// What a walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Rows that were looked at.
    pub rows: i64,
    /// Rows that retention took out.
    pub forgotten: i64,
    /// Whether the anchor's row was met; one that retention took out says nothing any more.
    pub anchored: bool,
    /// Where the chain does not hold.
    pub breaks: Vec<Break>,
}

#[cfg(test)]
mod tests {
    use super::super::link::Link;
    use super::*;
    use proptest::prelude::*;

    /// A whole chain of `length` rows, and its head.
    fn chain(length: i64) -> (Vec<Linked>, Head) {
        let (mut rows, mut before) = (Vec::new(), START.to_owned());
        for number in 1..=length {
            let link = Link {
                id: format!("con_{number}"),
                call_id: number * 3,
                call_sid: format!("CA{number}"),
                at: Time::UNIX_EPOCH,
                scope: "recording".to_owned(),
                method: "key".to_owned(),
                notice_version: "1".to_owned(),
                given: number % 2 == 0,
                event_id: number * 7,
            };
            before = link.hash(&before, number, Time::UNIX_EPOCH);
            rows.push(Linked { link, number, chained_at: Time::UNIX_EPOCH, hash: before.clone() });
        }
        (rows, Head { number: length, hash: before, at: Time::UNIX_EPOCH })
    }

    fn day(day: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn walk(rows: &[Linked], head: &Head, ranges: Vec<Range>, anchor: Option<Anchor>) -> Found {
        let mut proof = Proof::new(ranges, Kept { days: 10, now: day(20) }, anchor);
        rows.iter().for_each(|row| proof.row(row, Some(true)));
        proof.end(head)
    }

    fn kinds(found: &Found) -> Vec<&'static str> {
        found.breaks.iter().map(Break::kind).collect()
    }

    #[test]
    fn an_empty_chain_holds() {
        let (rows, head) = chain(0);
        assert_eq!(walk(&rows, &head, vec![], None), Found { rows: 0, forgotten: 0, anchored: false, breaks: vec![] });
    }

    #[test]
    fn what_retention_took_out_is_no_break_and_anything_else_is() {
        let (rows, head) = chain(10);
        let range = |first: usize, last: usize| Range {
            first: first as i64,
            last: last as i64,
            hash: rows[last - 1].hash.clone(),
            at: day(11),
        };
        let rest: Vec<Linked> = rows.iter().filter(|row| row.number > 3 && row.number != 7).cloned().collect();
        let found = walk(&rest, &head, vec![range(1, 3), range(7, 7)], None);
        assert_eq!((found.rows, found.forgotten, kinds(&found)), (6, 4, vec![]));
        let found = walk(&rest, &head, vec![range(1, 3)], None);
        assert_eq!(found.breaks, [Break::Removed { first: 7, last: 7 }]);
        // Nothing is left that shows how old they were.
        let early = |first, last| Break::Early { first, last };
        assert_eq!(walk(&[], &head, vec![range(1, 10)], None).breaks, [early(1, 10)]);
        let found = walk(&[], &head, vec![range(1, 9)], None);
        assert_eq!(found.breaks, [early(1, 9), Break::Removed { first: 10, last: 10 }]);
    }

    #[test]
    fn a_checkpoint_that_retention_would_not_have_written_is_a_break() {
        let (rows, head) = chain(10);
        let walk = |written: i64, days: u32, now: i64| {
            let gone = Range { first: 1, last: 4, hash: rows[3].hash.clone(), at: day(written) };
            let mut proof = Proof::new(vec![gone], Kept { days, now: day(now) }, None);
            rows[4..].iter().for_each(|row| proof.row(row, Some(true)));
            proof.end(&head).breaks
        };
        let early = [Break::Early { first: 1, last: 4 }];
        assert_eq!(walk(11, 10, 20), []);
        assert_eq!(walk(10, 10, 20), early);
        // Of tomorrow, and of a house that keeps them for good.
        assert_eq!(walk(11, 10, 9), early);
        assert_eq!(walk(11, 0, 20), early);
    }

    #[test]
    fn an_anchor_shows_a_chain_that_was_made_anew() {
        let (rows, head) = chain(5);
        let anchor = |number: i64, hash: &str| Some(Anchor { number, hash: hash.to_owned() });
        assert_eq!(walk(&rows, &head, vec![], anchor(3, &rows[2].hash)).breaks, []);
        assert_eq!(walk(&rows, &head, vec![], anchor(3, "other")).breaks, [Break::Anchor { number: 3 }]);
        assert_eq!(walk(&rows, &head, vec![], anchor(7, "any")).breaks, [Break::Removed { first: 6, last: 7 }]);
    }

    proptest! {
        #[test]
        fn any_one_change_is_found_at_its_place(length in 1i64..30, place in any::<prop::sample::Index>(), what in 0..5) {
            let (mut rows, head) = chain(length);
            prop_assert_eq!(walk(&rows, &head, vec![], None).breaks, vec![]);
            let at = place.index(rows.len());
            let number = rows[at].number;
            match what {
                0 => rows[at].link.given = !rows[at].link.given,
                1 => drop(rows.remove(at)),
                2 => rows.insert(at, rows[at].clone()),
                3 => rows[at].hash.insert(0, '0'),
                _ => {
                    let other = (at + 1) % rows.len();
                    let swapped = rows[other].link.clone();
                    rows[other].link = std::mem::replace(&mut rows[at].link, swapped);
                }
            }
            let found = walk(&rows, &head, vec![], None);
            prop_assert!(!found.breaks.is_empty() || (what == 4 && length == 1));
            let near = |broken: &Break| match broken {
                Break::Changed { number: n, .. } | Break::PutIn { number: n, .. } => (*n - number).abs() <= 1 || what == 4,
                Break::Removed { first, last } => *first == number && *last == number,
                Break::End { number: n } => *n == length,
                Break::Anchor { .. } | Break::Early { .. } | Break::Unproven { .. } => false,
            };
            prop_assert!(found.breaks.iter().all(near), "{:?}", found.breaks);
        }
    }
}
