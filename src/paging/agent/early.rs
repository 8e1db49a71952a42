//! Calls between their 100 and their 200. A caller who has just dialled the wrong zone can still give up: his outputs are
//! taken, and none of them is open.

use super::call::Early;
use super::core::{Core, Timer};
use crate::sip::Answer;
use std::time::{Duration, Instant};

/// How long the answer waits for a CANCEL. Emergencies do not wait.
const HOLD: Duration = Duration::from_millis(20);

impl Core {
    /// Answers at once, or behind the hold.
    pub(super) fn hold(&mut self, key: &str, early: Early, now: Instant) {
        let wait = if early.page.is_emergency() { Duration::ZERO } else { HOLD };
        self.early.insert(key.to_owned(), early);
        if wait.is_zero() {
            self.end_hold(key, now);
        } else {
            self.remind(Some(now + wait), Timer::Early(key.to_owned()));
        }
    }

    /// Nobody gave up: the page begins, and the call is answered.
    pub(super) fn end_hold(&mut self, key: &str, now: Instant) {
        let Some(Early { request, offer, interval, page }) = self.early.remove(key) else { return };
        if let Err(answer) = self.accept((&request, key), (offer, interval), page, now) {
            self.refuse(&request, key, &answer, now);
        }
    }

    /// Ends a call that was not answered yet: with 487 because its caller gave up, with 503 because we stop.
    pub(super) fn give_up(&mut self, key: &str, code: u16, now: Instant) {
        if let Some(Early { request, page, .. }) = self.early.remove(key) {
            // The outputs are free before the caller hears of it.
            drop(page);
            self.refuse(&request, key, &Answer::new(code), now);
        }
    }
}
