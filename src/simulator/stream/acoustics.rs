//! What a telephone line adds to its caller: noise, and an echo of what he hears.

use super::{FRAME, FRAME_TIME, Frame, SILENT};
use crate::audio::g711;
use std::collections::VecDeque;
use std::time::Duration;

/// How a caller's line sounds. Usually it adds nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Acoustics {
    /// Level of the noise, dB of full scale.
    pub noise_dbfs: Option<f64>,
    /// Level of the echo, dB of what was heard.
    pub echo_db: Option<f64>,
    /// How long after it was heard; in whole frames, 400 ms at most.
    pub echo_after: Duration,
}

/// The line of one stream.
#[derive(Debug)]
pub(super) struct Room {
    noise: f64,
    echo: f64,
    /// Frames that were heard and have not come back yet.
    heard: VecDeque<Frame>,
    delay: usize,
    /// Chance, as a number that is never 0: the same noise in every run.
    state: u64,
}

impl Room {
    pub(super) fn new(acoustics: Acoustics) -> Self {
        let factor = |db: Option<f64>| db.map_or(0.0, |db| 10_f64.powf(db / 20.0));
        let delay = acoustics.echo_after.min(Duration::from_millis(400)).as_millis() / FRAME_TIME.as_millis();
        Self {
            // Evenly spread between two bounds, its power is a third of theirs.
            noise: factor(acoustics.noise_dbfs) * f64::from(i16::MAX) * 3_f64.sqrt(),
            echo: factor(acoustics.echo_db),
            heard: VecDeque::new(),
            delay: usize::try_from(delay).unwrap_or(0),
            state: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// A frame was heard.
    pub(super) fn hears(&mut self, frame: &[u8]) {
        if self.echo > 0.0 {
            let mut kept = SILENT;
            kept.iter_mut().zip(frame).for_each(|(to, from)| *to = *from);
            self.heard.push_back(kept);
            while self.heard.len() > self.delay + 1 {
                self.heard.pop_front();
            }
        }
    }

    /// What arrives at the other end of what was said.
    pub(super) fn carries(&mut self, said: Frame) -> Frame {
        let echo = if self.heard.len() > self.delay { self.heard.pop_front() } else { None };
        if echo.is_none() && self.noise <= 0.0 {
            return said;
        }
        let echo = echo.unwrap_or(SILENT);
        let mut carried = [0; FRAME];
        for (to, (said, echo)) in carried.iter_mut().zip(said.iter().zip(&echo)) {
            let sample = |byte: u8| f64::from(g711::decode(byte));
            let sum = sample(*said) + self.echo * sample(*echo) + self.noise * self.chance();
            *to = g711::encode(sum.clamp(-32_768.0, 32_767.0) as i16);
        }
        carried
    }

    /// Between -1 and 1.
    fn chance(&mut self) -> f64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        f64::from((self.state >> 40) as u32) / f64::from(1_u32 << 23) - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone;

    fn dbfs(frames: &[Frame]) -> f64 {
        let power = |byte: &u8| (f64::from(g711::decode(*byte)) / f64::from(i16::MAX)).powi(2);
        let sum: f64 = frames.iter().flatten().map(power).sum();
        10.0 * (sum / (frames.len() * FRAME) as f64).log10()
    }

    #[test]
    fn a_line_that_adds_nothing_changes_nothing() {
        let mut room = Room::new(Acoustics::default());
        room.hears(&[0; FRAME]);
        assert_eq!(room.carries([7; FRAME]), [7; FRAME]);
    }

    #[test]
    fn noise_has_the_level_that_was_asked_for() {
        let mut room = Room::new(Acoustics { noise_dbfs: Some(-45.0), ..Acoustics::default() });
        let frames: Vec<Frame> = (0..100).map(|_| room.carries(SILENT)).collect();
        assert!((dbfs(&frames) + 45.0).abs() < 0.5, "{}", dbfs(&frames));
    }

    #[test]
    fn an_echo_comes_back_later_and_weaker() {
        let echo_after = Duration::from_millis(100);
        let mut room = Room::new(Acoustics { echo_db: Some(-20.0), echo_after, ..Acoustics::default() });
        let tone: Vec<u8> = tone::sine(1_000.0, 200, 0.5, 8_000).into_iter().map(g711::encode).collect();
        let carried: Vec<Frame> = tone
            .chunks(FRAME)
            .map(|frame| {
                room.hears(frame);
                room.carries(SILENT)
            })
            .collect();
        assert!(carried[..5].iter().all(|frame| *frame == SILENT), "not before its time");
        let samples: Vec<i16> = carried[6..].iter().flatten().map(|byte| g711::decode(*byte)).collect();
        assert!((tone::level(&samples, 1_000.0, 8_000) - 0.05).abs() < 0.005);
    }
}
