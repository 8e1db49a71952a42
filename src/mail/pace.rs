//! When a mail may go, and when it is tried again.

use crate::base::Time;
use crate::config::mail::Mailing;
use chrono::{TimeDelta, Timelike};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};

/// After the first failure.
const SHORTEST_S: i64 = 30;
/// After many.
const LONGEST_S: i64 = 3600;

/// How long a mail is tried.
pub(super) const PATIENCE: TimeDelta = TimeDelta::days(3);

/// When to try again what was tried `attempts` times. Doubles, with up to a quarter more, which follows from the mail, so that
/// many do not come back together.
pub(super) fn again(attempts: i64, id: &str, now: Time) -> Time {
    let doubled = SHORTEST_S << attempts.saturating_sub(1).clamp(0, 7);
    let millis = doubled.min(LONGEST_S) * 1000;
    let chance = Sha256::digest(format!("{id}/{attempts}")).first().copied().unwrap_or(0);
    now + TimeDelta::milliseconds(millis + millis / 4 * i64::from(chance) / 255)
}

/// The end of the quiet time that holds `now`; `None` while mails may go. Looked for minute by minute, so a night of daylight
/// saving needs no rule of its own.
pub(super) fn quiet_until(mailing: &Mailing, zone: Tz, now: Time) -> Option<Time> {
    let is_quiet = |at: Time| {
        let clock = at.with_timezone(&zone);
        let minute = u16::try_from(clock.hour() * 60 + clock.minute()).unwrap_or_default();
        mailing.quiet.iter().any(|range| range.today(minute) || range.tomorrow(minute))
    };
    if mailing.quiet.is_empty() || !is_quiet(now) {
        return None;
    }
    let into = TimeDelta::seconds(i64::from(now.second())) + TimeDelta::nanoseconds(i64::from(now.nanosecond()));
    // Two days of minutes: no wall clock repeats more.
    let minutes = (1..=2 * 24 * 60).map(|minute| now - into + TimeDelta::minutes(minute));
    minutes.into_iter().find(|at| !is_quiet(*at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::hours::Range;

    fn at(text: &str) -> Time {
        text.parse().expect("a time")
    }

    #[test]
    fn waits_double_up_to_an_hour_and_a_quarter() {
        let now = Time::UNIX_EPOCH;
        let mut longest = 0;
        for (attempts, least) in [(1, 30), (2, 60), (5, 480), (7, 1920), (8, 3600), (500, 3600)] {
            let waited = (again(attempts, "ml_1", now) - now).num_seconds();
            assert!((least..=least * 5 / 4).contains(&waited), "{attempts}: {waited}");
            longest = longest.max(waited);
        }
        assert!(longest < PATIENCE.num_seconds());
        assert_ne!(again(5, "ml_1", now), again(5, "ml_2", now));
    }

    #[test]
    fn quiet_times_are_the_lines_own_also_when_clocks_change() {
        let night = Range::parse("22:00-07:00").expect("a range");
        let mailing = Mailing { quiet: vec![night], ..Mailing::to(Vec::new()) };
        let zone = chrono_tz::America::Edmonton;
        let until = |now: &str| quiet_until(&mailing, zone, at(now));
        // UTC-7 in November.
        assert_eq!(until("2026-11-20T04:59:59Z"), None);
        assert_eq!(until("2026-11-20T05:00:00Z"), Some(at("2026-11-20T14:00:00Z")));
        assert_eq!(until("2026-11-20T13:59:59.5Z"), Some(at("2026-11-20T14:00:00Z")));
        assert_eq!(until("2026-11-20T14:00:00Z"), None);
        // The clock goes forward on 8 March 2026 and back on 1 November.
        assert_eq!(until("2026-03-08T05:30:00Z"), Some(at("2026-03-08T13:00:00Z")));
        assert_eq!(until("2026-11-01T04:30:00Z"), Some(at("2026-11-01T14:00:00Z")));
        let always = Mailing::to(Vec::new());
        assert_eq!(quiet_until(&always, zone, at("2026-11-20T05:00:00Z")), None);
    }
}
