//! Whether a line is open at a moment, and which rule says so.

use super::{Hours, Override, Range};
use crate::base::Time;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Weekday};
use chrono_tz::Tz;
use std::fmt;

/// Whether a line is open, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether callers are let in.
    pub open: bool,
    /// What decided.
    pub rule: Rule,
    /// While it is closed: when it opens next, within 400 days.
    pub opens: Option<DateTime<Tz>>,
}

/// What decided whether a line is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The line has no hours: always open.
    Always,
    /// An operator said so.
    Override(Override),
    /// A dated exception: its day and name, and the range that holds the moment, if one does.
    Dated(NaiveDate, String, Option<Range>),
    /// The day of the week, and the range that holds the moment, if one does.
    Weekly(Weekday, Option<Range>),
}

impl Hours {
    /// Whether the line is open at `now`, in the zone of its place.
    #[must_use]
    pub fn standing(&self, zone: Tz, now: Time, overrides: &[Override]) -> Standing {
        let rule = match newest(overrides, now) {
            Some(said) => Rule::Override(said.clone()),
            None => self.rule(now.with_timezone(&zone).naive_local()),
        };
        let open = rule.opens();
        let opens = if open { None } else { self.opens(zone, now, overrides) };
        Standing { open, rule, opens }
    }

    /// What the file alone says of a moment of the wall clock.
    pub(super) fn rule(&self, local: NaiveDateTime) -> Rule {
        let today = local.date();
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or_default();
        let begun = self.ranges(today).iter().find(|range| range.today(minute)).map(|range| (today, *range));
        let night = || {
            let yesterday = today.pred_opt()?;
            self.ranges(yesterday).iter().find(|range| range.tomorrow(minute)).map(|range| (yesterday, *range))
        };
        let (day, range) = begun.or_else(night).map_or((today, None), |(day, range)| (day, Some(range)));
        match self.dated(day) {
            Some(dated) => Rule::Dated(day, dated.name.clone(), range),
            None => Rule::Weekly(day.weekday(), range),
        }
    }
}

impl Rule {
    /// Whether the line is open by this rule.
    #[must_use]
    pub const fn opens(&self) -> bool {
        match self {
            Self::Always => true,
            Self::Override(said) => said.open,
            Self::Dated(_, _, range) | Self::Weekly(_, range) => range.is_some(),
        }
    }
}

impl fmt::Display for Rule {
    /// The rule in a few words, for the timeline and for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |f: &mut fmt::Formatter<'_>, range: &Option<Range>| match range {
            Some(range) => write!(f, ", {range}"),
            None => f.write_str(", no range holds this time"),
        };
        match self {
            Self::Always => f.write_str("no hours: always open"),
            Self::Override(Override { id, until: Some(until), .. }) => {
                write!(f, "override {id} until {}", until.format("%Y-%m-%d %H:%M UTC"))
            }
            Self::Override(said) => write!(f, "override {}", said.id),
            Self::Dated(day, name, ranges) => {
                write!(f, "{day}")?;
                if !name.is_empty() {
                    write!(f, " ({name})")?;
                }
                range(f, ranges)
            }
            Self::Weekly(day, ranges) => {
                write!(f, "{day}")?;
                range(f, ranges)
            }
        }
    }
}

/// Of what was said, the last that counts.
pub(super) fn newest(overrides: &[Override], now: Time) -> Option<&Override> {
    overrides.iter().filter(|said| said.counts(now)).max_by_key(|said| (said.from, &said.id))
}
