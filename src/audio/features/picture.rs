//! The spectrum of a moment, coarse and in decibels.

use crate::audio::spectrum::{BINS, BLOCK, Samples, Spectrum, join};
use std::sync::LazyLock;

/// Bands, each about as wide as an ear's between 175 and 3600 Hz.
pub(super) const BANDS: usize = 18;
/// Borders of the bands, in bins of 25 Hz.
const BORDERS: [usize; BANDS + 1] = [7, 10, 13, 16, 20, 24, 28, 33, 38, 44, 51, 58, 66, 75, 85, 97, 110, 125, 144];
/// Bands taken together where less detail will do.
pub(super) const WIDE: usize = 6;

/// Leans towards the newest samples, so that an onset is seen at once.
static WINDOW: LazyLock<Box<[f32]>> = LazyLock::new(|| {
    let (rise, fall) = (BLOCK * 3 / 4, BLOCK / 4);
    let slope = |at: usize, of: usize| (at as f32 + 0.5) / of as f32 * std::f32::consts::FRAC_PI_2;
    let up = (0..rise).map(|n| slope(n, rise).sin().powi(2));
    let down = (0..fall).map(|n| slope(n, fall).cos().powi(2));
    up.chain(down).collect()
});

/// The windowed spectrum of this frame and the one before.
pub(super) fn look(last: &Samples, this: &Samples) -> Spectrum {
    let mut block = join(last, this);
    block.iter_mut().zip(WINDOW.iter()).for_each(|(sample, weight)| *sample *= weight);
    Spectrum::of(&mut block)
}

/// Mean power of each band, in decibels.
pub(super) fn bands_db(power: &[f32; BINS]) -> [f32; BANDS] {
    let mut bands = [0.0; BANDS];
    let borders = BORDERS.iter().zip(BORDERS.iter().skip(1));
    for (band, (from, to)) in bands.iter_mut().zip(borders) {
        let bins = power.get(*from..*to).unwrap_or_default();
        *band = db(bins.iter().sum::<f32>() / (bins.len() as f32 * SCALE));
    }
    bands
}

/// Makes a band of noise at full scale 0 dB, about.
const SCALE: f32 = 60.0;

/// Three neighbouring bands as one.
pub(super) fn widen(bands: &[f32; BANDS]) -> [f32; WIDE] {
    let mut wide = [0.0; WIDE];
    wide.iter_mut().zip(bands.chunks(BANDS / WIDE)).for_each(|(wide, three)| {
        *wide = three.iter().copied().fold(f32::MIN, f32::max);
    });
    wide
}

/// Decibels of a power, no less than -100.
pub(super) fn db(power: f32) -> f32 {
    DB_PER_OCTAVE * log2(power.max(1e-10))
}

const DB_PER_OCTAVE: f32 = 3.010_3;

/// Within 0.0001 of the logarithm; the same on every machine, and quick over many bins.
pub(super) fn log2(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = (bits >> 23).cast_signed() - 127;
    let m = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000);
    // Odd series of (m - 1) / (m + 1) around the middle of the octave.
    let t = (m - std::f32::consts::SQRT_2) / (m + std::f32::consts::SQRT_2);
    let t2 = t * t;
    exponent as f32 + 0.5 + t * (2.885_39 + t2 * (0.961_8 + t2 * 0.577))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_near() {
        for x in [1e-10_f32, 3e-5, 0.1, 0.999, 1.0, 1.0001, 1.5, 2.0, 7.7, 1e9] {
            assert!((log2(x) - x.log2()).abs() < 1e-4, "{x}: {} {}", log2(x), x.log2());
        }
    }

    #[test]
    fn a_tone_is_seen_in_its_band() {
        let mut frames = [[0.0; 160]; 2];
        for (n, sample) in frames.iter_mut().flatten().enumerate() {
            *sample = (n as f32 * 1000.0 / 8000.0 * std::f32::consts::TAU).sin();
        }
        let bands = bands_db(&look(&frames[0], &frames[1]).power());
        let loudest = bands.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(band, _)| band);
        assert_eq!(loudest, Some(8), "{bands:?}");
    }
}
