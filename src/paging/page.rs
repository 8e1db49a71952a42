//! A page in the hand of whoever makes its sound. Dropped, it is over: outputs closed, locks released, row written.

use super::desk::Paging;
use super::live::{Live, Received, Signal};
use super::place::Place;
use super::request::{Reason, Refused, Request};
use super::seam::{Draw, Frame, PageId, Played};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A page that plays.
#[derive(Debug)]
pub struct Page {
    desk: Paging,
    live: Arc<Live>,
    /// What is written when it is dropped.
    reason: Reason,
}

impl Paging {
    /// Begins a page: its outputs are its own, contacts close, the chime plays. Whatever becomes of it is written down, also
    /// that it was refused.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn begin(&self, request: Request) -> Result<Page, Refused> {
        self.reserve(&request)?.begin()
    }

    /// Takes the outputs of a page, and opens none of them yet.
    ///
    /// # Errors
    /// [`Refused`].
    pub(super) fn reserve(&self, request: &Request) -> Result<Reserved, Refused> {
        Ok(Reserved { desk: self.clone(), place: Some(self.take_place(request)?) })
    }
}

/// A page that has its outputs, and has not begun. Dropped, it gives them back.
#[derive(Debug)]
pub(super) struct Reserved {
    desk: Paging,
    place: Option<Place>,
}

impl Reserved {
    /// Whether nothing is more urgent: such a page waits for nothing.
    pub(super) fn is_emergency(&self) -> bool {
        self.place.as_ref().is_some_and(Place::is_emergency)
    }

    /// Opens the outputs: contacts close, the chime plays.
    ///
    /// # Errors
    /// [`Refused`]: no output can be opened, a more urgent page took them meanwhile, or the process stops.
    pub(super) fn begin(mut self) -> Result<Page, Refused> {
        // It is only ever taken here and when it is dropped.
        let place = self.place.take().ok_or(Refused::Stopping)?;
        let live = self.desk.open_place(place)?;
        Ok(Page { desk: self.desk.clone(), live, reason: Reason::Hangup })
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            self.desk.give_back(place);
        }
    }
}

impl Page {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> &PageId {
        &self.live.facts.id
    }

    /// How urgent it is.
    #[must_use]
    pub fn priority(&self) -> u8 {
        self.live.facts.priority
    }

    /// From its beginning to the first word that is heard: the caller gets a beep then.
    #[must_use]
    pub fn lead(&self) -> Duration {
        self.live.lead()
    }

    /// What its caller has to know; ends with [`Signal::Ended`].
    #[must_use]
    pub fn signals(&self) -> watch::Receiver<Signal> {
        self.live.signals()
    }

    /// 20 ms of sound. Never blocks. Behind the end it does nothing.
    pub fn push(&self, frame: &Frame) {
        self.desk.push(&self.live, frame);
    }

    /// From now on the outputs' clock takes the frames from `source`, and none that are pushed: for a leg whose own buffer
    /// keeps time.
    pub fn draw_from(&self, source: impl Draw + 'static) {
        let drawn = Drawn { source, desk: self.desk.clone(), live: Arc::downgrade(&self.live) };
        self.live.draw_from(Box::new(drawn));
    }

    /// What was counted of the caller's packets, for the row.
    pub fn received(&self, received: Received) {
        self.live.set_received(received);
    }

    /// Plays out what is buffered, and ends. Another page that needs the outputs does not wait for that.
    pub async fn end(mut self, reason: Reason) {
        self.reason = reason;
        let Some(playing) = self.live.take() else { return };
        self.live.signal(Signal::Ended(reason));
        let last = Last { page: &self, played: Played::default() };
        last.drain(playing.drain()).await;
    }

    /// Ends at once.
    pub fn cut(mut self, reason: Reason) {
        self.reason = reason;
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.desk.cut(&self.live, self.reason);
    }
}

/// Frames that the outputs' clock takes, noted as they go by.
struct Drawn<D> {
    source: D,
    desk: Paging,
    live: Weak<Live>,
}

impl<D: Draw> Draw for Drawn<D> {
    fn draw(&mut self, now: Instant) -> Option<Frame> {
        let frame = self.source.draw(now)?;
        if let Some(live) = self.live.upgrade() {
            self.desk.drawn(&live);
        }
        Some(frame)
    }

    fn rest(&mut self, now: Instant) -> Option<Frame> {
        self.source.rest(now)
    }
}

/// The last sound plays; however that ends, the page is closed behind it.
struct Last<'p> {
    page: &'p Page,
    played: Played,
}

impl Last<'_> {
    async fn drain(mut self, draining: impl Future<Output = Played>) {
        if let Some(played) = self.page.live.cut.run_until_cancelled(draining).await {
            self.played = played;
        }
    }
}

impl Drop for Last<'_> {
    fn drop(&mut self) {
        let reason = if self.page.live.cut.is_cancelled() { Reason::Preempted } else { self.page.reason };
        self.page.desk.close(&self.page.live, std::mem::take(&mut self.played), reason);
    }
}
