//! A page that plays, as its owner sees it.

use super::clock::{Order, Orders};
use super::queue::Queue;
use crate::paging::outputs::{Running, Tally};
use crate::paging::{Draw, Frame, Played, Playing};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Frames that are played of what waits when a page ends: 200 ms.
const REST: usize = 10;

/// What a page's owner and the clock share.
pub(super) struct Shared {
    source: Mutex<Source>,
    seed: u64,
}

#[derive(Default)]
struct Source {
    queue: Queue,
    drawn: Option<Box<dyn Draw>>,
    rest: usize,
}

impl Shared {
    pub(super) fn new(seed: u64) -> Self {
        Self { source: Mutex::default(), seed }
    }

    fn source(&self) -> MutexGuard<'_, Source> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keep_newest(&self, frames: usize) {
        self.source().queue.keep_newest(frames);
    }

    pub(super) fn pull(&self, now: Instant) -> Option<Frame> {
        let mut source = self.source();
        match &mut source.drawn {
            Some(drawn) => drawn.draw(now),
            None => source.queue.pull(),
        }
    }

    /// One of the last frames.
    pub(super) fn last(&self, now: Instant) -> Option<Frame> {
        let mut source = self.source();
        source.rest += 1;
        if source.rest > REST {
            return None;
        }
        match &mut source.drawn {
            Some(drawn) => drawn.rest(now),
            None => source.queue.pull(),
        }
    }

    pub(super) fn end(&self) {
        self.source().queue.end();
    }

    /// What the numbers of a stream are made of.
    pub(super) const fn seed(&self, channel: usize) -> u64 {
        self.seed ^ (channel as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// A page that plays.
pub(super) struct Handle {
    pub(super) id: u64,
    pub(super) lead: Duration,
    pub(super) orders: Orders,
    pub(super) shared: Arc<Shared>,
    pub(super) tallies: Vec<Arc<Tally>>,
    pub(super) processes: Vec<(String, Running)>,
    /// Calls to speakers: hung up when the page is over.
    pub(super) calls: Vec<Box<dyn Send + Sync>>,
    /// Nothing more to close.
    pub(super) closed: bool,
}

impl Handle {
    fn played(&self) -> Played {
        Played { outputs: self.tallies.iter().map(|tally| tally.played()).collect() }
    }

    fn close(&mut self) {
        if !std::mem::replace(&mut self.closed, true) {
            self.calls.clear();
            let _ = self.orders.send(Order::Cut { page: self.id });
            // Another page may want the sound card right now.
            self.processes.iter().for_each(|(_, process)| process.end());
        }
    }
}

impl Playing for Handle {
    fn lead(&self) -> Duration {
        self.lead
    }

    fn push(&self, frame: &Frame) {
        self.shared.source().queue.push(frame);
    }

    fn draw_from(&self, source: Box<dyn Draw>) {
        self.shared.source().drawn = Some(source);
    }

    fn alive(&self) -> bool {
        self.tallies.iter().any(|tally| !tally.has_failed())
    }

    fn leave(&self, output: &str) {
        let _ = self.orders.send(Order::Leave { page: self.id, output: output.to_owned() });
        self.tallies.iter().filter(|tally| tally.name() == output).for_each(|tally| tally.retire());
        let theirs = self.processes.iter().filter(|(name, _)| name == output);
        theirs.for_each(|(_, process)| process.end());
    }

    fn drain(mut self: Box<Self>) -> Pin<Box<dyn Future<Output = Played> + Send>> {
        Box::pin(async move {
            let (done, over) = oneshot::channel();
            let _ = self.orders.send(Order::Drain { page: self.id, done });
            // A clock that is gone drains nothing.
            let _ = over.await;
            self.closed = true;
            self.calls.clear();
            self.played()
        })
    }

    fn cut(mut self: Box<Self>) -> Played {
        self.close();
        self.played()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
    }
}
