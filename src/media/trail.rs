//! What is on the line just now, for the ear: it must know what the caller hears to tell his voice from its echo.

use super::utterance::{FRAME, length};
use crate::twilio::stream::SILENCE;
use bytes::Bytes;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// One frame.
const STEP: Duration = Duration::from_millis(20);
/// Frames come unevenly, the line plays evenly: the pace is kept until it is this far off.
const SLACK: Duration = Duration::from_millis(80);

/// What was sent and has not been played for long.
#[derive(Debug, Default)]
pub(super) struct Trail {
    sent: VecDeque<(Instant, Bytes)>,
    /// The line's time of the last frame that was asked for.
    at: Option<Instant>,
}

impl Trail {
    /// Sound that begins to play at `begin`.
    pub(super) fn push(&mut self, begin: Instant, sound: Bytes) {
        self.sent.push_back((begin, sound));
    }

    pub(super) fn clear(&mut self) {
        self.sent.clear();
    }

    /// What plays during the caller's next frame. To be asked for each of them.
    pub(super) fn beside(&mut self, now: Instant) -> Option<[u8; FRAME]> {
        if self.sent.is_empty() {
            self.at = None;
            return None;
        }
        let even = self.at.map(|at| at + STEP).filter(|at| {
            let off = if *at > now { *at - now } else { now - *at };
            off <= SLACK
        });
        let at = even.unwrap_or(now);
        self.at = Some(at);
        while self.sent.pop_front_if(|(begin, sound)| *begin + length(sound.len() as u64) <= at).is_some() {}
        let mut frame = [SILENCE; FRAME];
        let mut plays = false;
        for (begin, sound) in &self.sent {
            plays |= lay(&mut frame, at, *begin, sound);
        }
        plays.then_some(frame)
    }
}

/// Lays the part of `sound` that plays between `at` and 20 ms later into the frame.
fn lay(frame: &mut [u8; FRAME], at: Instant, begin: Instant, sound: &[u8]) -> bool {
    let bytes = |time: Duration| usize::try_from(time.as_micros() / 125).unwrap_or(usize::MAX);
    let behind = bytes(begin.saturating_duration_since(at));
    let skip = bytes(at.saturating_duration_since(begin));
    let (Some(to), Some(from)) = (frame.get_mut(behind..), sound.get(skip..)) else { return false };
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    !to.is_empty() && !from.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_laid_together_from_what_plays_in_its_time() {
        let begin = Instant::now();
        let mut trail = Trail::default();
        trail.push(begin, Bytes::from_static(&[1; 240]));
        trail.push(begin + Duration::from_millis(30), Bytes::from_static(&[2; 80]));
        assert_eq!(trail.beside(begin), Some([1; FRAME]));
        let second = trail.beside(begin + Duration::from_millis(20)).unwrap();
        assert_eq!((&second[..80], &second[80..]), ([1; 80].as_slice(), [2; 80].as_slice()));
        assert_eq!(trail.beside(begin + Duration::from_millis(40)), None);
    }

    #[test]
    fn frames_that_come_unevenly_find_the_line_even() {
        let begin = Instant::now();
        let mut trail = Trail::default();
        let sound: Vec<u8> = (0..10_u8).flat_map(|n| [n; FRAME]).collect();
        trail.push(begin, Bytes::from(sound));
        for (n, late) in [0_u64, 15, 3, 25, 0, 7, 19, 2].into_iter().enumerate() {
            let now = begin + STEP * u32::try_from(n).unwrap() + Duration::from_millis(late);
            assert_eq!(trail.beside(now), Some([u8::try_from(n).unwrap(); FRAME]));
        }
        // After a stall the line is looked at where it is.
        assert_eq!(trail.beside(begin + STEP * 19), None);
    }
}
