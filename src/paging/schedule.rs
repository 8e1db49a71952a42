//! Times of the day and the week: when pages may be made, and when bells ring.

use crate::base::Time;
use crate::config::paging::{Bell, Hours};
use chrono::{Datelike, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// Whether pages may be made at `now`. Without hours they always may.
pub(super) fn is_open(schedule: &[Hours], timezone: Tz, now: Time) -> bool {
    let local = now.with_timezone(&timezone);
    let (day, time) = (local.weekday(), local.time());
    schedule.is_empty()
        || schedule.iter().any(|hours| {
            if hours.from < hours.to {
                return hours.days.contains(&day) && hours.from <= time && time < hours.to;
            }
            // Over midnight: the evening of a day, or the morning after it.
            (hours.days.contains(&day) && hours.from <= time) || (hours.days.contains(&day.pred()) && time < hours.to)
        })
}

/// When a bell rings, behind `after` and not behind `until`. In the hour that a clock change takes away it stays silent, in
/// the one that comes twice it rings once.
pub(super) fn rings(bell: &Bell, timezone: Tz, after: Time, until: Time) -> Vec<Time> {
    let first = after.with_timezone(&timezone).date_naive();
    let last = until.with_timezone(&timezone).date_naive();
    let days = first.iter_days().take_while(|day| *day <= last);
    let days = days.filter(|day| bell.days.contains(&day.weekday()) && !bell.except.contains(day));
    let times = days.flat_map(|day| bell.at.iter().map(move |at| NaiveDateTime::new(day, *at)));
    let times = times.filter_map(|local| timezone.from_local_datetime(&local).earliest());
    times.map(|at| at.to_utc()).filter(|at| after < *at && *at <= until).collect()
}

/// How late a bell may still ring: after that it stays silent, because a bell at the wrong time is worse than none.
pub(super) const LATE: TimeDelta = TimeDelta::seconds(30);

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveTime, Weekday};

    fn at(text: &str) -> Time {
        text.parse().expect("a time")
    }

    fn clock(hour: u32, minute: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, minute, 0).expect("a time")
    }

    #[test]
    fn hours_are_those_of_the_place_and_may_go_over_midnight() {
        let day = Hours { days: vec![Weekday::Fri], from: clock(8, 0), to: clock(17, 0) };
        let night = Hours { days: vec![Weekday::Fri], from: clock(22, 0), to: clock(6, 0) };
        let zone = chrono_tz::America::Edmonton;
        // 2026-11-20 is a Friday; Edmonton is seven hours behind.
        for (hours, now, open) in [
            (&day, "2026-11-20T14:59:59Z", false),
            (&day, "2026-11-20T15:00:00Z", true),
            (&day, "2026-11-21T00:00:00Z", false),
            (&night, "2026-11-21T05:30:00Z", true),
            (&night, "2026-11-21T12:59:00Z", true),
            (&night, "2026-11-21T13:00:00Z", false),
            (&night, "2026-11-20T12:00:00Z", false),
        ] {
            assert_eq!(is_open(std::slice::from_ref(hours), zone, at(now)), open, "{now}");
        }
        assert!(is_open(&[], zone, at("2026-11-20T00:00:00Z")));
    }

    #[test]
    fn bells_ring_once_at_their_time_and_not_on_excepted_days() {
        let bell = Bell {
            zone: "701".to_owned(),
            announcement: None,
            at: vec![clock(2, 30), clock(8, 0)],
            days: vec![Weekday::Fri, Weekday::Sun],
            except: vec!["2026-11-27".parse().expect("a date")],
            priority: 3,
        };
        let zone = chrono_tz::America::Edmonton;
        let count = |after: &str, until: &str| rings(&bell, zone, at(after), at(until)).len();
        assert_eq!(count("2026-11-20T14:59:59Z", "2026-11-20T15:00:00Z"), 1);
        assert_eq!(count("2026-11-20T15:00:00Z", "2026-11-20T15:00:01Z"), 0);
        assert_eq!(count("2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z"), 0);
        // In March half past two on the Sunday does not exist; 2027-03-14.
        assert_eq!(count("2027-03-14T07:00:00Z", "2027-03-15T06:00:00Z"), 1);
    }
}
