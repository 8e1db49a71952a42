//! How the mail server answered last: for whoever asks how the house is.

use crate::base::Time;
use std::sync::{Arc, Mutex, PoisonError};

/// How mails get on in this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Handed over since the start.
    pub sent: u64,
    /// Refused for good, or given up, since the start.
    pub lost: u64,
    /// Since when, how often in a row, and where on the way the mail server fails.
    pub failing: Option<Failing>,
}

/// A mail server that does not take mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// The first failure in this row.
    pub since: Time,
    /// How many.
    pub times: i64,
    /// In words, without addresses or hosts.
    pub stage: &'static str,
    /// Nothing is tried before.
    pub resting_until: Time,
}

/// Cloning is cheap; clones see the same.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Mutex<Standing>>);

impl Watch {
    /// As it is now.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.change(|standing| standing.clone())
    }

    pub(super) fn is_resting(&self, now: Time) -> bool {
        self.change(|standing| standing.failing.as_ref().is_some_and(|failing| now < failing.resting_until))
    }

    pub(super) fn sent(&self) {
        self.change(|standing| {
            standing.sent += 1;
            standing.failing = None;
        });
    }

    pub(super) fn lost(&self, mails: u64) {
        self.change(|standing| standing.lost += mails);
    }

    /// The mail server itself answered, whatever it said of one mail.
    pub(super) fn answers(&self) {
        self.change(|standing| standing.failing = None);
    }

    /// It does not: everything waits, longer each time. Says until when.
    pub(super) fn fails(&self, stage: &'static str, now: Time, pause: impl FnOnce(i64) -> Time) -> Time {
        self.change(|standing| {
            let before = standing.failing.take();
            let times = before.as_ref().map_or(0, |failing| failing.times) + 1;
            let since = before.map_or(now, |failing| failing.since);
            let resting_until = pause(times);
            standing.failing = Some(Failing { since, times, stage, resting_until });
            resting_until
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Standing) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
