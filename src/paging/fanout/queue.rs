//! Frames that wait: whoever brings them keeps time a little differently than the clock that plays them.

use crate::paging::Frame;
use std::collections::VecDeque;

/// Frames that may wait: 200 ms. More, and the oldest is dropped.
const MOST: usize = 10;
/// Frames that are there before playing begins, or begins again.
const FIRST: usize = 2;

/// The frames of one page.
#[derive(Debug, Default)]
pub(super) struct Queue {
    frames: VecDeque<Frame>,
    flowing: bool,
    /// No more come: what is there is played to its end.
    ending: bool,
}

impl Queue {
    pub(super) fn push(&mut self, frame: &Frame) {
        if self.frames.len() == MOST {
            self.frames.pop_front();
        }
        self.frames.push_back(*frame);
    }

    /// The frame that is due; none while there are not enough.
    pub(super) fn pull(&mut self) -> Option<Frame> {
        self.flowing = self.ending || self.frames.len() >= FIRST || self.flowing && !self.frames.is_empty();
        if self.flowing { self.frames.pop_front() } else { None }
    }

    /// Nothing of what waited is to be played late.
    pub(super) fn keep_newest(&mut self, frames: usize) {
        let old = self.frames.len().saturating_sub(frames);
        self.frames.drain(..old);
    }

    pub(super) const fn end(&mut self) {
        self.ending = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::FRAME;

    #[test]
    fn it_waits_for_two_flows_to_the_last_and_drops_the_oldest() {
        let mut queue = Queue::default();
        let first = |frame: Option<Frame>| frame.map(|frame| frame[0]);
        queue.push(&[1; FRAME]);
        assert_eq!(queue.pull(), None);
        queue.push(&[2; FRAME]);
        assert_eq!([first(queue.pull()), first(queue.pull()), first(queue.pull())], [Some(1), Some(2), None]);
        (1..=12).for_each(|n| queue.push(&[n; FRAME]));
        assert_eq!(first(queue.pull()), Some(3));
        queue.keep_newest(2);
        assert_eq!([first(queue.pull()), first(queue.pull()), first(queue.pull())], [Some(11), Some(12), None]);
        queue.push(&[9; FRAME]);
        queue.end();
        assert_eq!(first(queue.pull()), Some(9));
    }
}
