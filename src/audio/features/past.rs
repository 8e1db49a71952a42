//! Likeness to moments ago.

use super::picture::BANDS;
use crate::audio::spectrum::BINS;
use crate::audio::sums::dot;

/// Bins that are compared, 200 to 3400 Hz.
const FROM: usize = 8;
const WIDTH: usize = 128;
/// Moments that are kept.
const KEPT: usize = 7;
/// How many frames ago is looked at.
const AGO: [usize; 3] = [1, 3, 6];

/// Spectra of the last frames, and the mean one of the last half second.
#[derive(Debug, Clone)]
pub(super) struct Past {
    moments: [[f32; WIDTH]; KEPT],
    at: usize,
    mean: [f32; BANDS],
}

impl Past {
    pub(super) fn new() -> Self {
        Self { moments: [[0.0; WIDTH]; KEPT], at: 0, mean: [-75.0; BANDS] }
    }

    /// Likeness (0 to 1) of the spectrum to those of 1, 3 and 6 frames ago; then it becomes the newest.
    pub(super) fn likeness(&mut self, power: &[f32; BINS]) -> [f32; AGO.len()] {
        let now = unit(power);
        let mut likeness = [0.0; AGO.len()];
        for (likeness, ago) in likeness.iter_mut().zip(AGO) {
            let then = self.moments.get((self.at + KEPT - ago) % KEPT);
            *likeness = then.map_or(0.0, |then| dot(then, &now));
        }
        if let Some(newest) = self.moments.get_mut(self.at) {
            *newest = now;
        }
        self.at = (self.at + 1) % KEPT;
        likeness
    }

    /// Mean distance of the bands to their mean of the last half second, dB: upwards, and either way.
    pub(super) fn distance(&mut self, bands: &[f32; BANDS]) -> [f32; 2] {
        let (mut up, mut any) = (0.0, 0.0);
        for (mean, band) in self.mean.iter_mut().zip(bands) {
            let off = band - *mean;
            *mean += off / 25.0;
            up += off;
            any += off.abs();
        }
        [up / BANDS as f32, any / BANDS as f32]
    }
}

/// The magnitudes, brought to length one.
fn unit(power: &[f32; BINS]) -> [f32; WIDTH] {
    let mut unit = [0.0; WIDTH];
    let bins = power.iter().skip(FROM);
    unit.iter_mut().zip(bins).for_each(|(unit, power)| *unit = power.sqrt());
    let length = 1.0 / dot(&unit, &unit).max(1e-12).sqrt();
    unit.iter_mut().for_each(|unit| *unit *= length);
    unit
}
