//! How loud a frame is, and how loud it is when nobody speaks.

use super::{Frame, g711};

/// The level of a frame of digital silence, dB below full scale; no frame is quieter.
pub const SILENCE_DB: f32 = -96.0;

const FULL_SCALE: f32 = 32_768.0;

/// The square of each byte's sample.
#[expect(clippy::indexing_slicing, reason = "computed when it is compiled: it would not compile")]
static SQUARES: [u32; 256] = {
    let (mut squares, mut byte) = ([0; 256], 0);
    while byte < 256 {
        let sample = g711::decode(byte as u8).unsigned_abs() as u32;
        squares[byte] = sample * sample;
        byte += 1;
    }
    squares
};

/// Mean level of a frame in dB below full scale (a full square wave is 0).
#[must_use]
pub fn level_db(frame: &Frame) -> f32 {
    let energy: u64 = frame.iter().map(|byte| u64::from(SQUARES.get(usize::from(*byte)).copied().unwrap_or(0))).sum();
    db(energy as f32 / (frame.len() as f32 * FULL_SCALE * FULL_SCALE))
}

fn db(power: f32) -> f32 {
    (10.0 * power.max(1e-12).log10()).max(SILENCE_DB)
}

/// The level of the line when nobody speaks: falls at once, rises slowly.
#[derive(Debug, Clone, Copy)]
pub(super) struct Floor {
    db: f32,
}

impl Floor {
    /// dB a frame: a step of 12 dB in the noise is learnt in about two seconds.
    const RISE: f32 = 0.12;
    /// Below this a line counts as quiet, and its floor is not followed further down.
    const QUIET_DB: f32 = -60.0;

    pub(super) fn new() -> Self {
        Self { db: Self::QUIET_DB }
    }

    pub(super) fn follow(&mut self, level_db: f32) {
        let fall = self.db + (level_db - self.db) * 0.5;
        let risen = self.db + Self::RISE.min(level_db - self.db);
        self.db = if level_db < self.db { fall } else { risen }.max(Self::QUIET_DB);
    }

    pub(super) fn db(self) -> f32 {
        self.db
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_wave_has_its_own_level() {
        let byte = g711::encode(3_277);
        assert!((level_db(&[byte; 160]) + 20.0).abs() < 0.2);
        assert_eq!(level_db(&[g711::SILENCE; 160]), SILENCE_DB);
    }

    #[test]
    fn the_floor_falls_at_once_and_rises_slowly() {
        let mut floor = Floor::new();
        for _ in 0..50 {
            floor.follow(-40.0);
        }
        assert!((-55.0..-53.0).contains(&floor.db()), "{}", floor.db());
        for _ in 0..10 {
            floor.follow(-90.0);
        }
        assert!(floor.db() < -59.9);
    }
}
