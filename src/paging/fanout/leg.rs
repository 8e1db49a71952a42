//! A leg's own buffer, drawn from by the clock.

use crate::paging::{Draw, Frame};
use crate::rtp::{Inbound, Pulled};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

impl Draw for Arc<Mutex<Inbound>> {
    fn draw(&mut self, now: Instant) -> Option<Frame> {
        let (frame, what) = self.lock().unwrap_or_else(PoisonError::into_inner).frame(now);
        (what != Pulled::Silence).then_some(frame)
    }

    fn rest(&mut self, now: Instant) -> Option<Frame> {
        let mut leg = self.lock().unwrap_or_else(PoisonError::into_inner);
        leg.has_frames().then(|| leg.frame(now).0)
    }
}
