//! Peaks and steps inside one frame.

use super::picture::db;
use crate::audio::FRAME;
use crate::audio::spectrum::Samples;
use crate::audio::sums::energy;

/// Pieces of 2.5 ms that are compared.
const PIECES: usize = 8;

/// Crest, range of the pieces' levels, second half over the first (all dB), and the share of zero crossings.
pub(super) fn shape(frame: &Samples) -> [f32; 4] {
    let mut levels = [0.0; PIECES];
    for (level, piece) in levels.iter_mut().zip(frame.chunks(FRAME / PIECES)) {
        *level = energy(piece);
    }
    let total = levels.iter().sum::<f32>() + 1e-9;
    let peak = frame.iter().fold(0.0, |peak: f32, sample| peak.max(sample * sample));
    let (loudest, quietest) = levels.iter().fold((0.0_f32, f32::MAX), |(a, b), l| (a.max(*l), b.min(*l)));
    let second: f32 = levels.iter().skip(PIECES / 2).sum();
    let crossings = frame.iter().zip(frame.iter().skip(1)).filter(|(a, b)| (**a < 0.0) != (**b < 0.0)).count();
    [
        db(peak * FRAME as f32 / total),
        db((loudest + 1e-9) / (quietest + 1e-9)),
        db((second + 1e-9) / (total - second + 1e-9)),
        crossings as f32 / FRAME as f32,
    ]
}
