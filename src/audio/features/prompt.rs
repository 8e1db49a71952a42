//! What is left of a frame, against what was played and the echo that was expected.

use super::picture::{BANDS, WIDE, widen};
use crate::audio::echo::PIECES;

/// How loud the prompt was of late, band by band.
#[derive(Debug, Clone)]
pub(super) struct Prompt {
    played: [[f32; WIDE]; PIECES],
    at: usize,
}

impl Prompt {
    pub(super) fn new() -> Self {
        Self { played: [[QUIET; WIDE]; PIECES], at: 0 }
    }

    pub(super) fn play(&mut self, bands: &[f32; BANDS]) {
        if let Some(newest) = self.played.get_mut(self.at) {
            *newest = widen(bands);
        }
        self.at = (self.at + 1) % PIECES;
    }

    /// The loudest of each band within the reach of the canceller.
    pub(super) fn loudest(&self) -> [f32; WIDE] {
        let mut loudest = [QUIET; WIDE];
        for played in &self.played {
            loudest.iter_mut().zip(played).for_each(|(loudest, played)| *loudest = loudest.max(*played));
        }
        loudest
    }
}

const QUIET: f32 = -75.0;
