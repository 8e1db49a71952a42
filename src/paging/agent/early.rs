//! Calls between their 100 and their 200. A caller who has just dialled the wrong zone can still give up: his outputs are
//! taken, and none of them is open.

use super::call::{Cancelled, Early};
use super::core::{Core, Timer};
use crate::sip::{Answer, Request};
use std::time::{Duration, Instant};

/// How long the answer waits for a CANCEL. Emergencies do not wait.
const HOLD: Duration = Duration::from_millis(20);

/// Between the end of a call that its caller gave up and the answer to his CANCEL. Both carry the same branch, so the end goes
/// first; and on a stream both would come in one piece, over which a reader of single messages stumbles.
const APART: Duration = Duration::from_millis(5);

impl Core {
    /// What it gives up may have been answered before; then it comes too late, and a BYE follows.
    pub(super) fn cancel(&mut self, request: &Request, key: &str, now: Instant) {
        let invite = request.transaction_of_invite();
        let Some(tag) = self.servers.get(&invite).map(|open| open.tag.clone()) else {
            return self.answer(request, key, &Answer::new(481), now);
        };
        let tag = tag.unwrap_or_else(|| self.names.tag_of(&request.echo.grain()));
        if !self.early.contains_key(&invite) {
            return drop(self.answer_with(request, key, (&Answer::new(200), &tag), now));
        }
        self.give_up(&invite, 487, now);
        self.cancelled.insert(key.to_owned(), Cancelled { request: Box::new(request.clone()), tag });
        self.remind(Some(now + APART), Timer::Cancelled(key.to_owned()));
    }

    /// The call has ended; now its CANCEL is answered.
    pub(super) fn end_cancel(&mut self, key: &str, now: Instant) {
        if let Some(Cancelled { request, tag }) = self.cancelled.remove(key) {
            self.answer_with(&request, key, (&Answer::new(200), &tag), now);
        }
    }

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
