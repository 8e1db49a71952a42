//! When a copy that failed is tried again, and when it is given up.

use crate::base::Time;
use crate::config::recordings::Recordings;
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

/// After the first failure.
const SHORTEST_S: i64 = 10;
/// After many.
const LONGEST_S: i64 = 3600;
/// The carrier does not have it: for a while that may mean "not yet".
const NOT_YET: TimeDelta = TimeDelta::days(1);

/// What a failure means for the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hope {
    /// It may work later; the carrier may have said when, in seconds.
    Later(Option<u64>),
    /// The carrier does not have it.
    NotThere,
    /// It never will.
    None,
}

/// When to try again; `None`: give up. Patience is what was waited between tries, so a service that did not run for a week
/// does not give up at the first mishap after it.
pub(super) fn next_try(hope: Hope, attempts: i64, sid: &str, how: &Recordings, now: Time) -> Option<Time> {
    let patience = TimeDelta::days(i64::from(how.give_up_days));
    let (asked, patience) = match hope {
        Hope::None => return None,
        Hope::NotThere => (0, patience.min(NOT_YET)),
        Hope::Later(asked) => (i64::try_from(asked.unwrap_or(0)).unwrap_or(LONGEST_S).min(LONGEST_S), patience),
    };
    let wait = backoff(attempts, sid).max(TimeDelta::seconds(asked));
    (waited(attempts, sid) < patience).then_some(now + wait)
}

/// Between so many tries.
fn waited(attempts: i64, sid: &str) -> TimeDelta {
    // More than a year of them, the longest patience there is.
    (1..attempts.min(10_000)).map(|attempt| backoff(attempt, sid)).sum()
}

/// Doubles, with up to a quarter more, which follows from the recording, so that many do not come back together.
fn backoff(attempts: i64, sid: &str) -> TimeDelta {
    let doubled = SHORTEST_S << attempts.saturating_sub(1).clamp(0, 9);
    let millis = doubled.min(LONGEST_S) * 1000;
    let chance = Sha256::digest(format!("{sid}/{attempts}")).first().copied().unwrap_or(0);
    TimeDelta::milliseconds(millis + millis / 4 * i64::from(chance) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOW: Recordings = Recordings { copy: true, delete_at_carrier: false, give_up_days: 7 };

    fn wait(hope: Hope, attempts: i64) -> Option<i64> {
        let now = Time::UNIX_EPOCH;
        next_try(hope, attempts, "RE1", &HOW, now).map(|next| (next - now).num_seconds())
    }

    #[test]
    fn waits_double_up_to_an_hour_and_a_quarter() {
        for (attempts, least) in [(1, 10), (2, 20), (4, 80), (9, 2560), (10, 3600), (100, 3600)] {
            let waited = wait(Hope::Later(None), attempts).unwrap();
            assert!((least..=least * 5 / 4).contains(&waited), "{attempts}: {waited}");
        }
        assert_ne!(backoff(5, "RE1"), backoff(5, "RE2"));
    }

    #[test]
    fn the_carriers_word_counts_within_bounds() {
        assert_eq!(wait(Hope::Later(Some(300)), 1), Some(300));
        assert_eq!(wait(Hope::Later(Some(u64::MAX)), 1), Some(3600));
    }

    #[test]
    fn hope_ends() {
        assert_eq!(wait(Hope::None, 1), None);
        // About an hour each: a day of them, and a week.
        for (hope, still, over) in [(Hope::NotThere, 25, 40), (Hope::Later(None), 140, 180)] {
            assert!(wait(hope, still).is_some(), "{hope:?}");
            assert_eq!(wait(hope, over), None, "{hope:?}");
        }
        assert_eq!(wait(Hope::Later(None), i64::MAX), None);
    }
}
