//! How the copies of recordings get on. No call needs them now, so they show in their own line only.

use super::probe::{Check, CheckStatus};
use crate::base::{Time, rfc3339_ms};
use crate::ledger::read::Counts;
use chrono::TimeDelta;

/// One failure is the network's; so many at once are the disk's or the carrier's.
const PILE: i64 = 20;
/// By then a copy has been tried half a dozen times.
const LATE: TimeDelta = TimeDelta::minutes(10);

/// From what the tables say.
pub(in crate::ops) fn copies(counts: &Counts, now: Time) -> Check {
    let (retried, oldest) = (counts.retried_recordings, counts.oldest_retried);
    let late = oldest.is_some_and(|found| now - found >= LATE);
    let status = if late || retried >= PILE { CheckStatus::Degraded } else { CheckStatus::Healthy };
    let detail = match oldest {
        Some(found) if retried > 0 => {
            format!(
                "{retried} recordings could not be copied yet and are tried again, the oldest of {}",
                rfc3339_ms(found)
            )
        }
        _ => "no copy has to be tried again".to_owned(),
    };
    Check { name: "recordings", status, detail, needed: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pile_or_an_old_one_is_told_and_keeps_nobody_from_calling() {
        let now = Time::UNIX_EPOCH + TimeDelta::hours(1);
        let of = |retried_recordings, minutes: i64| {
            let oldest_retried = (retried_recordings > 0).then(|| now - TimeDelta::minutes(minutes));
            let check = copies(&Counts { retried_recordings, oldest_retried, ..Counts::default() }, now);
            assert!(!check.needed);
            (check.status, check.detail)
        };
        assert_eq!(of(0, 0), (CheckStatus::Healthy, "no copy has to be tried again".to_owned()));
        assert_eq!(of(2, 1).0, CheckStatus::Healthy);
        assert_eq!((of(2, 10).0, of(20, 1).0), (CheckStatus::Degraded, CheckStatus::Degraded));
        assert!(of(2, 10).1.contains("2 recordings could not be copied yet") && of(2, 10).1.contains("00:50:00"));
    }
}
