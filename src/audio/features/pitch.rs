//! Whether a frame is voiced, and how high.

use crate::audio::spectrum::{BINS, Spectrum};

/// Periods of a voice in samples: 400 Hz to 75 Hz.
const SHORTEST: usize = 20;
const LONGEST: usize = 107;

/// Follows the pitch from frame to frame.
#[derive(Debug, Clone, Default)]
pub(super) struct Pitch {
    last: f32,
}

impl Pitch {
    /// How periodic (0 to 1), the period's logarithm (0 to 1 over the range of voices), and how far that has jumped.
    pub(super) fn of(&mut self, power: &[f32; BINS]) -> [f32; 3] {
        // The power spectrum's transform is the autocorrelation. Weak bins count more than their power says, so that
        // one strong formant is not taken for a voice.
        let mut flattened = Spectrum::ZERO;
        let voice = flattened.re.iter_mut().zip(power).skip(4).take(100);
        voice.for_each(|(to, power)| *to = power.sqrt());
        let block = flattened.block();
        let energy = block.first().copied().unwrap_or_default().max(1e-12);
        let lags = block.iter().enumerate().take(LONGEST + 1).skip(SHORTEST);
        let (lag, peak) = lags.fold((SHORTEST, 0.0), |best, (lag, r)| if *r > best.1 { (lag, *r) } else { best });
        let height = (lag as f32 / SHORTEST as f32).ln() / (LONGEST as f32 / SHORTEST as f32).ln();
        let jump = (height - self.last).abs();
        self.last = height;
        [peak / energy, height, jump]
    }
}
