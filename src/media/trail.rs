//! What is on the line, and was a moment ago, for the ear: it must know what the caller hears to tell his voice from its echo.

use super::utterance::{FRAME, length};
use crate::twilio::stream::SILENCE;
use bytes::Bytes;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// One frame.
const STEP: Duration = Duration::from_millis(20);
/// Frames come unevenly, the line plays evenly: the pace is kept until it is this far off.
const SLACK: Duration = Duration::from_millis(80);
/// What was played is kept for as long as an ear looks back.
const KEPT: Duration = Duration::from_millis(400);

/// What was sent and was not played long ago.
#[derive(Debug, Default)]
pub(super) struct Trail {
    sent: VecDeque<(Instant, Bytes)>,
    /// The line's time of the last frame that was asked for, while something plays.
    at: Option<Instant>,
}

impl Trail {
    /// Sound that begins to play at `begin`.
    pub(super) fn push(&mut self, begin: Instant, sound: Bytes) {
        self.sent.push_back((begin, sound));
    }

    /// What has not been played by now never will be.
    pub(super) fn clear(&mut self, now: Instant) {
        self.at = None;
        self.sent.retain_mut(|(begin, sound)| {
            sound.truncate(bytes(now.saturating_duration_since(*begin)));
            !sound.is_empty()
        });
    }

    /// If something plays during the caller's next frame: what does, and what did so many frames before. To be asked for each
    /// of his frames.
    pub(super) fn beside(&mut self, now: Instant) -> Option<impl Fn(usize) -> [u8; FRAME]> {
        let even = self.at.map(|at| at + STEP).filter(|at| {
            let off = if *at > now { *at - now } else { now - *at };
            off <= SLACK
        });
        let at = even.unwrap_or(now);
        while self.sent.pop_front_if(|(begin, sound)| *begin + length(sound.len() as u64) + KEPT <= at).is_some() {}
        let plays = |(begin, sound): &(Instant, Bytes)| *begin < at + STEP && *begin + length(sound.len() as u64) > at;
        self.at = self.sent.iter().any(plays).then_some(at);
        self.at.map(|at| move |ago| self.frame(at, ago))
    }

    fn frame(&self, at: Instant, ago: usize) -> [u8; FRAME] {
        let mut frame = [SILENCE; FRAME];
        if let Some(at) = u32::try_from(ago).ok().and_then(|ago| at.checked_sub(STEP * ago)) {
            self.sent.iter().for_each(|(begin, sound)| lay(&mut frame, at, *begin, sound));
        }
        frame
    }
}

/// Lays the part of `sound` that plays between `at` and 20 ms later into the frame.
fn lay(frame: &mut [u8; FRAME], at: Instant, begin: Instant, sound: &[u8]) {
    let behind = bytes(begin.saturating_duration_since(at));
    let skip = bytes(at.saturating_duration_since(begin));
    if let (Some(to), Some(from)) = (frame.get_mut(behind..), sound.get(skip..)) {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
}

/// Sound of so much time, in bytes.
fn bytes(time: Duration) -> usize {
    usize::try_from(time.as_micros() / 125).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(trail: &mut Trail, now: Instant) -> Option<[u8; FRAME]> {
        trail.beside(now).map(|played| played(0))
    }

    #[test]
    fn a_frame_is_laid_together_from_what_plays_in_its_time() {
        let begin = Instant::now();
        let mut trail = Trail::default();
        trail.push(begin, Bytes::from_static(&[1; 240]));
        trail.push(begin + Duration::from_millis(30), Bytes::from_static(&[2; 80]));
        assert_eq!(played(&mut trail, begin), Some([1; FRAME]));
        let second = played(&mut trail, begin + Duration::from_millis(20)).unwrap();
        assert_eq!((&second[..80], &second[80..]), ([1; 80].as_slice(), [2; 80].as_slice()));
        assert_eq!(played(&mut trail, begin + Duration::from_millis(40)), None);
    }

    #[test]
    fn frames_that_come_unevenly_find_the_line_even() {
        let begin = Instant::now();
        let mut trail = Trail::default();
        let sound: Vec<u8> = (0..10_u8).flat_map(|n| [n; FRAME]).collect();
        trail.push(begin, Bytes::from(sound));
        for (n, late) in [0_u64, 15, 3, 25, 0, 7, 19, 2].into_iter().enumerate() {
            let now = begin + STEP * u32::try_from(n).unwrap() + Duration::from_millis(late);
            assert_eq!(played(&mut trail, now), Some([u8::try_from(n).unwrap(); FRAME]));
        }
        // After a stall the line is looked at where it is.
        assert_eq!(played(&mut trail, begin + STEP * 19), None);
    }

    #[test]
    fn what_played_400_ms_ago_is_still_known_and_what_was_cleared_never_played() {
        let begin = Instant::now();
        let mut trail = Trail::default();
        let sound: Vec<u8> = (0..5_u8).flat_map(|n| [n; FRAME]).collect();
        trail.push(begin, Bytes::from(sound));
        trail.clear(begin + STEP * 2);
        assert_eq!(played(&mut trail, begin + STEP * 2), None);
        trail.push(begin + STEP * 20, Bytes::from_static(&[9; 2 * FRAME]));
        let ago = trail.beside(begin + STEP * 20).unwrap();
        let heard: Vec<u8> = [0, 1, 17, 18, 19, 20, 21].map(|frames| ago(frames)[80]).into();
        assert_eq!(heard, [9, SILENCE, SILENCE, SILENCE, 1, 0, SILENCE]);
        drop(ago);
        let ago = trail.beside(begin + STEP * 21).unwrap();
        assert_eq!((ago(20)[0], ago(21)[0]), (1, 0), "a piece stays as long as its end");
    }
}
