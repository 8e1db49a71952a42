//! When a closed line opens.

use super::standing::newest;
use super::{Hours, Override, Range};
use crate::base::Time;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// Days that are looked ahead: a year and a holiday.
const AHEAD: u64 = 400;

impl Hours {
    /// The first moment behind `now` at which the line is open.
    pub(super) fn opens(&self, zone: Tz, now: Time, overrides: &[Override]) -> Option<DateTime<Tz>> {
        self.turns((zone, now), overrides, true)
    }

    /// The first moment behind `now` at which the line is closed, within 400 days.
    #[must_use]
    pub fn closes(&self, zone: Tz, now: Time, overrides: &[Override]) -> Option<DateTime<Tz>> {
        self.turns((zone, now), overrides, false)
    }

    /// When the line, open or closed at `now` by its hours alone, opens the next time after it has been closed.
    #[must_use]
    pub fn next_opening(&self, zone: Tz, now: Time) -> Option<DateTime<Tz>> {
        let closed = if self.standing(zone, now, &[]).open { self.closes(zone, now, &[])?.to_utc() } else { now };
        self.opens(zone, closed, &[])
    }

    /// When the line, open or closed at `now` by its hours alone, closes the next time after it has been open.
    #[must_use]
    pub fn next_closing(&self, zone: Tz, now: Time) -> Option<DateTime<Tz>> {
        let open = if self.standing(zone, now, &[]).open { now } else { self.opens(zone, now, &[])?.to_utc() };
        self.closes(zone, open, &[])
    }

    /// The first moment behind `now` at which the line is open, or closed, as it is `wanted`.
    fn turns(&self, (zone, now): (Tz, Time), overrides: &[Override], wanted: bool) -> Option<DateTime<Tz>> {
        let open = |at: Time| match newest(overrides, at) {
            Some(said) => said.open == wanted,
            None => self.rule(at.with_timezone(&zone).naive_local()).opens() == wanted,
        };
        // What an operator said begins and ends at any moment; what the file says, with a range.
        let said = overrides.iter().flat_map(|said| [Some(said.from), said.until]).flatten();
        let said = said.filter(|at| now < *at && open(*at)).min();
        let today = now.with_timezone(&zone).date_naive();
        let days = (0..AHEAD).filter_map(|ahead| today.checked_add_days(Days::new(ahead)));
        let written =
            days.filter_map(|day| self.moments(zone, day).into_iter().filter(|at| now < *at && open(*at)).min());
        // The days come in their order, so the first that has one is the first of all.
        let first = [said, written.into_iter().next()].into_iter().flatten().min();
        first.map(|at| at.with_timezone(&zone))
    }

    /// Moments of a day at which the line may open or close.
    fn moments(&self, zone: Tz, day: NaiveDate) -> Vec<Time> {
        if steady(zone, day) {
            let begin = self.ranges(day).iter().map(|range| Range::begins(*range));
            let end = self.ranges(day).iter().map(|range| Range::ends(*range));
            let night = day.pred_opt().map(|day| self.ranges(day)).unwrap_or_default();
            let night = night.iter().filter_map(|range| Range::ends(*range).checked_sub(DAY));
            let minutes = begin.chain(end).chain(night).filter(|minute| *minute < DAY).map(u32::from);
            return minutes.chain([0]).filter_map(|minute| instant(zone, day, minute)).collect();
        }
        // The clock is changed on this day: times are left out, or come twice.
        let midnight = NaiveDateTime::new(day, NaiveTime::MIN).and_utc() - TimeDelta::hours(15);
        let minutes = (0..=54 * 60).map(|minute| midnight + TimeDelta::minutes(minute));
        minutes.filter(|at| at.with_timezone(&zone).date_naive() == day).collect()
    }
}

/// Whether a day has one offset from its beginning to its end.
fn steady(zone: Tz, day: NaiveDate) -> bool {
    let ends = [day.and_time(NaiveTime::MIN), day.and_time(NaiveTime::MIN) + TimeDelta::days(1)];
    let [begins, ends] = ends.map(|local| zone.from_local_datetime(&local).single());
    matches!((begins, ends), (Some(begins), Some(ends)) if ends.to_utc() - begins.to_utc() == TimeDelta::days(1))
}

fn instant(zone: Tz, day: NaiveDate, minute: u32) -> Option<Time> {
    let time = NaiveTime::from_hms_opt(minute / 60, minute % 60, 0)?;
    zone.from_local_datetime(&day.and_time(time)).single().map(|at| at.to_utc())
}
