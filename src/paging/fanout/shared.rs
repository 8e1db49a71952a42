//! What a page's owner and the clock share: the frames that are said.

use super::queue::Queue;
use crate::paging::{Draw, Frame};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

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

    pub(super) fn push(&self, frame: &Frame) {
        self.source().queue.push(frame);
    }

    pub(super) fn draw_from(&self, source: Box<dyn Draw>) {
        self.source().drawn = Some(source);
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
