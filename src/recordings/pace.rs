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

/// When to try again; `None`: give up.
pub(super) fn next_try(
    hope: Hope,
    attempts: i64,
    (sid, found_at): (&str, Time),
    how: &Recordings,
    now: Time,
) -> Option<Time> {
    let patience = TimeDelta::days(i64::from(how.give_up_days));
    let (wait, patience) = match hope {
        Hope::None => return None,
        Hope::NotThere => (backoff(attempts, sid), patience.min(NOT_YET)),
        Hope::Later(asked) => {
            let asked = i64::try_from(asked.unwrap_or(0)).unwrap_or(LONGEST_S).min(LONGEST_S);
            (backoff(attempts, sid).max(TimeDelta::seconds(asked)), patience)
        }
    };
    (now - found_at < patience).then_some(now + wait)
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

    fn wait(hope: Hope, attempts: i64, age: TimeDelta) -> Option<i64> {
        let now = Time::UNIX_EPOCH + age;
        next_try(hope, attempts, ("RE1", Time::UNIX_EPOCH), &HOW, now).map(|next| (next - now).num_seconds())
    }

    #[test]
    fn waits_double_up_to_an_hour_and_a_quarter() {
        for (attempts, least) in [(1, 10), (2, 20), (4, 80), (9, 2560), (10, 3600), (100, 3600), (i64::MAX, 3600)] {
            let waited = wait(Hope::Later(None), attempts, TimeDelta::zero()).unwrap();
            assert!((least..=least * 5 / 4).contains(&waited), "{attempts}: {waited}");
        }
        assert_ne!(backoff(5, "RE1"), backoff(5, "RE2"));
    }

    #[test]
    fn the_carriers_word_counts_within_bounds() {
        assert_eq!(wait(Hope::Later(Some(300)), 1, TimeDelta::zero()), Some(300));
        assert_eq!(wait(Hope::Later(Some(u64::MAX)), 1, TimeDelta::zero()), Some(3600));
    }

    #[test]
    fn hope_ends() {
        assert_eq!(wait(Hope::None, 1, TimeDelta::zero()), None);
        assert!(wait(Hope::NotThere, 1, TimeDelta::hours(23)).is_some());
        assert_eq!(wait(Hope::NotThere, 1, TimeDelta::hours(24)), None);
        assert!(wait(Hope::Later(None), 50, TimeDelta::days(6)).is_some());
        assert_eq!(wait(Hope::Later(None), 50, TimeDelta::days(7)), None);
    }
}
