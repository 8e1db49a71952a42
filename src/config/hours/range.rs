//! A range of the wall clock.

use std::fmt;

/// Minutes of a day, and how it is written.
const DAY: u16 = 24 * 60;

/// From one time of the wall clock up to another, which is not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    from: u16,
    /// Over 1440: on the day after.
    to: u16,
}

impl Range {
    /// `09:00-17:30`, `22:00-06:00` (over midnight), `00:00-24:00`. `None`: it is no such range, or it is empty.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (minutes(from.trim())?, minutes(to.trim())?);
        if from == to || from == DAY {
            return None;
        }
        Some(Self { from, to: if to < from { to + DAY } else { to } })
    }

    /// The minute of its day at which it begins.
    #[must_use]
    pub const fn begins(self) -> u16 {
        self.from
    }

    /// The minute of its day at which it ends; from 1440 on, on the day after.
    #[must_use]
    pub const fn ends(self) -> u16 {
        self.to
    }

    /// Whether it holds a minute of the day on which it began.
    #[must_use]
    pub const fn today(self, minute: u16) -> bool {
        self.from <= minute && minute < self.to
    }

    /// Whether it holds a minute of the day after.
    #[must_use]
    pub const fn tomorrow(self, minute: u16) -> bool {
        minute + DAY < self.to
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = if self.to > DAY { self.to - DAY } else { self.to };
        write!(f, "{:02}:{:02}-{:02}:{:02}", self.from / 60, self.from % 60, to / 60, to % 60)
    }
}

/// `09:00` as 540; `24:00` is the end of the day.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?;
    let (hour, minute): (u16, u16) = (two(hour)?, two(minute)?);
    (minute < 60 && (hour < 24 || (hour == 24 && minute == 0))).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_written() {
        for text in ["09:00-17:30", "22:00-06:00", "00:00-24:00", "00:00-00:01", "23:59-24:00"] {
            assert_eq!(Range::parse(text).map(|range| range.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Range::parse("12:00-00:00"), Range::parse("12:00-24:00"), "two ways to say midnight");
        for odd in [
            "",
            "9-17",
            "09:00",
            "09:00-09:00",
            "9:00-17:00",
            "24:00-06:00",
            "08:60-09:00",
            "08:00-24:01",
            "+8:00-09:00",
        ] {
            assert_eq!(Range::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_night_goes_on_the_day_after() {
        let night = Range::parse("22:00-06:00").expect("a range");
        assert!(!night.today(21 * 60 + 59) && night.today(22 * 60) && night.today(24 * 60 - 1) && !night.today(0));
        assert!(night.tomorrow(0) && night.tomorrow(5 * 60 + 59) && !night.tomorrow(6 * 60));
    }
}
