//! When a line is open: hours of the week, dated exceptions, and what an operator says for a while.
//!
//! A range is what the wall clock of the line's zone shows, so "09:00-17:00" is that on both nights of daylight saving. A
//! range over midnight belongs to the day on which it begins. What an operator says goes before the dates, a date goes
//! before the days of the week.

mod next;
mod overruled;
mod range;
mod standing;

pub use overruled::Override;
pub use range::Range;
pub use standing::{Rule, Standing};

use super::action::Action;
use super::text::Text;
use chrono::{NaiveDate, Weekday};

/// The hours of a line, and what a caller meets outside of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours {
    /// Ranges of Monday to Sunday; none: closed on that day.
    pub week: [Vec<Range>; 7],
    /// Dated exceptions, in the order of the file: the first that fits a day is that day's.
    pub dates: Vec<Dated>,
    /// What a caller meets while the line is closed.
    pub closed: Closed,
}

/// What a caller meets while a line is closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// Said instead of the greeting; `{opens}` becomes the time at which the line opens next.
    pub greeting: Text,
    /// What follows.
    pub then: Action,
}

/// Days that differ from the week: a holiday, or a day with hours of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// First day.
    pub first: NaiveDate,
    /// Last day, included.
    pub last: NaiveDate,
    /// What it is called; may be empty.
    pub name: String,
    /// Ranges of these days; none: closed.
    pub open: Vec<Range>,
}

impl Hours {
    /// The hours of a line that has none: an operator can close it all the same, and its callers come to the mailbox.
    #[must_use]
    pub fn always() -> Self {
        let all_day = Range::parse("00:00-24:00").into_iter().collect::<Vec<_>>();
        let closed = Closed { greeting: Text::default(), then: Action::Voicemail };
        Self { week: std::array::from_fn(|_| all_day.clone()), dates: Vec::new(), closed }
    }

    /// The exception of a day, if it has one.
    #[must_use]
    pub fn dated(&self, day: NaiveDate) -> Option<&Dated> {
        self.dates.iter().find(|dated| dated.first <= day && day <= dated.last)
    }

    /// The ranges that begin on a day.
    fn ranges(&self, day: NaiveDate) -> &[Range] {
        self.dated(day).map_or_else(|| self.weekly(chrono::Datelike::weekday(&day)), |dated| &dated.open)
    }

    fn weekly(&self, day: Weekday) -> &[Range] {
        let index = usize::try_from(day.num_days_from_monday()).unwrap_or_default();
        self.week.get(index).map_or(&[], Vec::as_slice)
    }
}
