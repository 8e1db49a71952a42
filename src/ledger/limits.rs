//! Limits count calls, never webhooks: what a call that comes in must pass.
//!
//! Each limit is a bucket (GCRA): `burst` calls at once, then one every `every_us`. `judge.rs` asks the buckets.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Which limit it is; named wherever it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Rule {
    /// Calls of one caller to one line.
    Caller,
    /// Calls to one line.
    Line,
    /// Calls to one account (sub-account) of the carrier's.
    Account,
    /// Calls that agree in the fields which the line's configuration names.
    Custom,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 4] = [Self::Caller, Self::Line, Self::Account, Self::Custom];

    /// The word in tables, metrics and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Line => "line",
            Self::Account => "account",
            Self::Custom => "custom",
        }
    }
}

/// One limit that a call asks for leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// Which one.
    pub rule: Rule,
    /// The bucket: whoever shares the key shares the limit.
    pub key: String,
    /// Calls at once.
    pub burst: u32,
    /// Microseconds for each call after that. At least 1.
    pub every_us: i64,
}

/// Why a call ended that a limit refused begins with these words.
pub(super) const OVER: &str = "over the limit by ";

/// Refusals by one rule and key are told of when they begin, and summed up after this long.
pub(super) const WINDOW_US: i64 = 60_000_000;

/// A bucket as the database left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub granted: i64,
    /// When everything that was let in will have been paid for, in microseconds.
    pub tat: i64,
    /// Since when refusals are summed up.
    pub since: Option<i64>,
}

impl Wish {
    /// When a bucket that refuses now lets the next call in.
    pub(super) fn again_at(&self, tat: i64) -> i64 {
        tat - self.tolerance_us()
    }

    /// How far in the future `tat` may lie for one more call to be let in.
    fn tolerance_us(&self) -> i64 {
        self.every_us.saturating_mul(i64::from(self.burst.max(1)) - 1)
    }

    /// What a bucket gives that nobody has used yet.
    pub(super) fn fresh(&self, wanted: i64, now_us: i64) -> (i64, i64) {
        let granted = wanted.min(i64::from(self.burst));
        (granted, now_us.saturating_add(granted.saturating_mul(self.every_us)))
    }
}

/// Buckets known to refuse until some instant, so that a flood of one caller asks the database once in a while only.
/// What another instance grants or refuses meanwhile changes nothing: a bucket never fills faster than its rate.
#[derive(Debug, Default)]
pub(super) struct Denied(Mutex<HashMap<String, Denial>>);

/// Until when, and since when refusals are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Denial {
    pub until_us: i64,
    pub since_us: i64,
}

/// More buckets are not remembered; the database knows them all.
const MOST_DENIED: usize = 10_000;

impl Denied {
    pub(super) fn at(&self, key: &str, now_us: i64) -> Option<Denial> {
        self.lock().get(key).copied().filter(|denial| now_us < denial.until_us)
    }

    pub(super) fn learn(&self, news: Vec<(String, Denial)>, now_us: i64) {
        let mut known = self.lock();
        for (key, denial) in news {
            if known.len() >= MOST_DENIED {
                known.retain(|_, denial| now_us < denial.until_us);
            }
            if known.len() < MOST_DENIED {
                known.insert(key, denial);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Denial>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_ends_when_the_bucket_has_room_again() {
        let wish =
            Wish { rule: Rule::Caller, key: "caller/main/+14035550111".to_owned(), burst: 10, every_us: 6_000_000 };
        let (granted, tat) = wish.fresh(12, 0);
        assert_eq!((granted, tat, wish.again_at(tat)), (10, 60_000_000, 6_000_000));
        let denied = Denied::default();
        let denial = Denial { until_us: wish.again_at(tat), since_us: 0 };
        denied.learn(vec![(wish.key.clone(), denial)], 0);
        assert_eq!(denied.at(&wish.key, 5_999_999), Some(denial));
        assert_eq!(denied.at(&wish.key, 6_000_000), None);
        assert_eq!(denied.at("caller/main/+14035550112", 0), None);
    }

    #[test]
    fn what_is_over_makes_room_for_news() {
        let denied = Denied::default();
        let news = |range: std::ops::Range<usize>, until_us| {
            range.map(|n| (n.to_string(), Denial { until_us, since_us: 0 })).collect()
        };
        denied.learn(news(0..MOST_DENIED + 5, 10), 0);
        assert_eq!(denied.lock().len(), MOST_DENIED);
        denied.learn(news(MOST_DENIED..MOST_DENIED + 1, 30), 20);
        assert_eq!(denied.lock().len(), 1);
    }
}
