//! Admission: so many new calls are decided and stored at the same time; others wait for a place, and not for long.
//!
//! A processor that begins everything at once finishes nothing in time, so this is where a crowd waits, whatever there is
//! too little of: processor, database or disk. Steps of running calls never come here. When tasks wait long for the
//! processor there are fewer places, so that steps do not wait behind new calls.
//!
//! A short crowd is waited out. Once somebody has waited for [`PATIENCE`], or there has been a queue for [`STANDING`], the
//! door is shut: who finds no place is turned away at once, until half of the places are free again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// New calls that are decided and stored at the same time: four full batches of a lane.
const PLACES: usize = 256;
/// The same when the processor is overloaded: they still keep a batch half full.
const FEWEST: usize = 32;
/// A task that waits so long for the processor waits behind too many others.
const LATE: Duration = Duration::from_millis(50);
/// A task that waits no longer than this leaves room for more.
const SOON: Duration = Duration::from_millis(25);
/// Places more, each time that it is found so.
const MORE: usize = 8;
/// New calls that may wait for a place. Beyond, they are turned away: nobody could serve them in time.
const QUEUE: usize = 4096;
/// How long a caller waits for a place: with the 250 ms of the database, well under what is noticed as silence.
const PATIENCE: Duration = Duration::from_millis(150);
/// A queue that has not been empty for so long is no burst: more calls come than can be served.
const STANDING: Duration = Duration::from_millis(500);

/// Where new calls come in. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Door {
    hall: Arc<Mutex<Hall<oneshot::Sender<Place>>>>,
    patience: Duration,
}

/// The right to be decided and stored. Dropped, it goes to whoever waits first.
#[derive(Debug)]
pub struct Place(Option<Door>);

impl Default for Door {
    fn default() -> Self {
        Self::with(PLACES, PATIENCE)
    }
}

impl Door {
    /// A door to so many places, where callers wait no longer than `patience`.
    #[must_use]
    pub fn with(places: usize, patience: Duration) -> Self {
        Self { hall: Arc::new(Mutex::new(Hall::new(places, patience))), patience }
    }

    /// A place, at once or after a short wait. `None`: too many are before this one.
    pub async fn enter(&self) -> Option<Place> {
        let (call, called) = oneshot::channel();
        match self.hall().arrive(Instant::now(), call) {
            Arrival::Enter => return Some(Place(Some(self.clone()))),
            Arrival::TurnAway => return None,
            Arrival::Wait => {}
        }
        if let Ok(Ok(place)) = tokio::time::timeout(self.patience, called).await {
            return Some(place);
        }
        self.hall().shut();
        None
    }

    /// So long a task waited for the processor just now. Told again and again, see `app/front.rs`.
    pub fn feel(&self, lag: Duration) {
        let called = self.hall().feel(lag);
        for next in called {
            let _ = next.send(Place(Some(self.clone())));
        }
    }

    /// Whether a crowd has stood here too long, and who finds no place is turned away at once.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        self.hall().shut
    }

    fn hall(&self) -> MutexGuard<'_, Hall<oneshot::Sender<Place>>> {
        self.hall.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(self) {
        let mut place = Place(Some(self.clone()));
        loop {
            let Some(next) = self.hall().leave() else {
                place.0 = None;
                return;
            };
            match next.send(place) {
                Ok(()) => return,
                // Who was next waits no longer.
                Err(unclaimed) => place = unclaimed,
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(door) = self.0.take() {
            door.leave();
        }
    }
}

/// What a new call meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    Enter,
    Wait,
    TurnAway,
}

/// The rule, without clock and without waiting. `W` is who waits.
#[derive(Debug)]
struct Hall<W> {
    /// Between [`FEWEST`] and `most`, as the processor gets on.
    places: usize,
    most: usize,
    patience: Duration,
    taken: usize,
    waiting: VecDeque<(Instant, W)>,
    /// Since when there has been somebody waiting.
    queue_since: Option<Instant>,
    lag: Duration,
    shut: bool,
}

impl<W> Hall<W> {
    fn new(places: usize, patience: Duration) -> Self {
        let (waiting, lag) = (VecDeque::new(), Duration::ZERO);
        Self { places, most: places, patience, taken: 0, waiting, queue_since: None, lag, shut: false }
    }

    fn arrive(&mut self, now: Instant, who: W) -> Arrival {
        if self.taken < self.places {
            self.taken += 1;
            return Arrival::Enter;
        }
        let reached =
            |since: Option<Instant>, limit| since.is_some_and(|since| now.saturating_duration_since(since) >= limit);
        let first = self.waiting.front().map(|(since, _)| *since);
        if reached(first, self.patience) || reached(self.queue_since, STANDING) || self.waiting.len() >= QUEUE {
            self.shut();
        }
        if self.shut {
            return Arrival::TurnAway;
        }
        self.queue_since.get_or_insert(now);
        self.waiting.push_back((now, who));
        Arrival::Wait
    }

    /// A place is free: who gets it. Nobody: it stays free.
    fn leave(&mut self) -> Option<W> {
        if self.taken <= self.places
            && let Some(next) = self.next()
        {
            return Some(next);
        }
        self.taken = self.taken.saturating_sub(1);
        if self.taken <= self.places / 2 {
            self.shut = false;
        }
        None
    }

    fn next(&mut self) -> Option<W> {
        let next = self.waiting.pop_front();
        if self.waiting.is_empty() {
            self.queue_since = None;
        }
        next.map(|(_, next)| next)
    }

    /// A task waited so long for the processor: more places or fewer. Who gets those that are new. One late task says
    /// little; two in a row do.
    fn feel(&mut self, lag: Duration) -> Vec<W> {
        let (before, fewest) = (std::mem::replace(&mut self.lag, lag), FEWEST.min(self.most));
        if lag.min(before) >= LATE {
            self.places = (self.places * 3 / 4).max(fewest);
        } else if lag <= SOON {
            self.places = (self.places + MORE).min(self.most);
        }
        let mut called = Vec::new();
        while self.taken < self.places
            && let Some(next) = self.next()
        {
            self.taken += 1;
            called.push(next);
        }
        called
    }

    /// Somebody has waited too long.
    const fn shut(&mut self) {
        self.shut = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::pin::pin;

    const SHORT: Duration = Duration::from_millis(100);

    fn crowd(hall: &mut Hall<u32>, at: Instant, who: std::ops::Range<u32>) -> Vec<Arrival> {
        who.map(|who| hall.arrive(at, who)).collect()
    }

    #[test]
    fn a_short_crowd_waits_and_is_served_in_the_order_it_came() {
        let (mut hall, now) = (Hall::new(2, SHORT), Instant::now());
        assert_eq!(crowd(&mut hall, now, 0..2), [Arrival::Enter; 2]);
        assert_eq!(crowd(&mut hall, now + SHORT / 2, 2..5), [Arrival::Wait; 3]);
        assert_eq!([(); 5].map(|()| hall.leave()), [Some(2), Some(3), Some(4), None, None]);
        assert_eq!(hall.arrive(now + SHORT, 5), Arrival::Enter);
    }

    #[test]
    fn a_crowd_that_stands_shuts_the_door_until_half_of_the_places_are_free() {
        let (mut hall, now) = (Hall::new(4, SHORT), Instant::now());
        crowd(&mut hall, now, 0..5);
        assert_eq!(hall.arrive(now + SHORT, 5), Arrival::TurnAway);
        assert_eq!(hall.leave(), Some(4), "who waits already is served");
        assert_eq!(hall.leave(), None);
        assert_eq!(hall.arrive(now + SHORT, 6), Arrival::Enter, "a free place is nobody's wait");
        assert_eq!(hall.arrive(now + SHORT, 7), Arrival::TurnAway, "but there is no queue");
        assert!(hall.leave().or(hall.leave()).is_none());
        assert!(!hall.shut);
        crowd(&mut hall, now + SHORT, 8..10);
        assert_eq!(hall.arrive(now + SHORT, 10), Arrival::Wait);
    }

    #[test]
    fn a_queue_that_does_not_end_shuts_the_door_though_nobody_waits_long() {
        let (mut hall, start) = (Hall::new(1, SHORT), Instant::now());
        crowd(&mut hall, start, 0..2);
        for (ms, who) in (0..500).step_by(10).zip(2..) {
            assert_eq!(hall.arrive(start + Duration::from_millis(ms), who), Arrival::Wait);
            assert!(hall.leave().is_some());
        }
        assert_eq!(hall.arrive(start + STANDING, 99), Arrival::TurnAway);
    }

    #[test]
    fn an_overloaded_processor_leaves_fewer_places_and_gives_them_back() {
        let (mut hall, now) = (Hall::new(PLACES, PATIENCE), Instant::now());
        crowd(&mut hall, now, 0..256);
        assert!(hall.feel(LATE * 2).is_empty() && hall.places == 256, "one late task says little");
        (0..20).for_each(|_| drop(hall.feel(LATE)));
        assert_eq!(hall.places, FEWEST);
        assert_eq!(hall.arrive(now, 256), Arrival::Wait);
        assert!((0..224).all(|_| hall.leave().is_none()), "places that are no more are not given on");
        assert_eq!(hall.leave(), Some(256));
        crowd(&mut hall, now, 257..300);
        hall.feel((LATE + SOON) / 2);
        assert_eq!(hall.feel(SOON), (257..265).collect::<Vec<_>>());
        (0..40).for_each(|_| drop(hall.feel(SOON)));
        assert_eq!((hall.places, hall.taken, hall.waiting.len()), (PLACES, 75, 0));
    }

    #[test]
    fn the_queue_is_bounded() {
        let (mut hall, now) = (Hall::new(1, SHORT), Instant::now());
        assert!((0..=4096).all(|who| hall.arrive(now, who) != Arrival::TurnAway));
        assert_eq!(hall.arrive(now, 4097), Arrival::TurnAway);
    }

    #[tokio::test]
    async fn a_place_goes_to_who_waits_first_and_past_those_who_left() {
        let door = Door::with(1, Duration::from_secs(600));
        let first = door.enter().await.expect("a place");
        let (mut second, mut third) = (Box::pin(door.enter()), pin!(door.enter()));
        assert!((&mut second).now_or_never().is_none());
        assert!((&mut third).now_or_never().is_none());
        drop(second);
        drop(first);
        assert!(third.await.is_some());
        assert!(door.enter().now_or_never().is_some(), "it came back");
    }

    #[tokio::test]
    async fn who_waits_too_long_is_turned_away_and_a_place_that_came_too_late_is_not_lost() {
        let door = Door::with(1, Duration::ZERO);
        let first = door.enter().await.expect("a place");
        assert!(door.enter().await.is_none());
        assert!(door.is_shut());
        drop(first);
        assert!(!door.is_shut());
        assert!(door.enter().await.is_some());
    }
}
