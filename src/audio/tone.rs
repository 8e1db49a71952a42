//! Tones: made, and found again. Sound that went through the house is proved by its tone.

use std::f64::consts::TAU;

/// A sine of `hz`, `ms` long, `level` of full scale (0 to 1), at `rate` samples a second.
#[must_use]
pub fn sine(hz: f64, ms: u32, level: f64, rate: u32) -> Vec<i16> {
    let count = u64::from(ms) * u64::from(rate) / 1000;
    let sample = |n: f64| ((TAU * hz * n / f64::from(rate)).sin() * level.clamp(0.0, 1.0) * f64::from(i16::MAX)) as i16;
    // Counted in u32: an hour at 192 kHz fits.
    (0..u32::try_from(count).unwrap_or(u32::MAX)).map(|n| sample(f64::from(n))).collect()
}

/// How much of the energy lies at `hz`: 1 for that tone alone, near 0 for silence and for anything else. Windows of at
/// least 20 ms tell tones 100 Hz apart.
#[must_use]
pub fn share(samples: &[i16], hz: f64, rate: u32) -> f64 {
    let energy: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    if energy < 1.0 {
        return 0.0;
    }
    let count = samples.len() as f64;
    (2.0 * goertzel(samples, hz, rate) / (count * energy)).min(1.0)
}

/// The level of the tone `hz`, as a share of full scale: what [`sine`] was given as `level`.
#[must_use]
pub fn level(samples: &[i16], hz: f64, rate: u32) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let count = samples.len() as f64;
    2.0 * goertzel(samples, hz, rate).sqrt() / (count * f64::from(i16::MAX))
}

/// The squared magnitude of one frequency.
fn goertzel(samples: &[i16], hz: f64, rate: u32) -> f64 {
    let factor = 2.0 * (TAU * hz / f64::from(rate)).cos();
    let (before, last) =
        samples.iter().fold((0.0, 0.0), |(older, old), sample| (old, f64::from(*sample) + factor * old - older));
    before * before + last * last - factor * before * last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_found_and_no_other() {
        for hz in [300.0, 440.0, 520.0, 620.0, 1_000.0, 3_400.0] {
            let tone = sine(hz, 200, 0.3, 8_000);
            assert_eq!(tone.len(), 1_600);
            assert!(share(&tone, hz, 8_000) > 0.98, "{hz}: {}", share(&tone, hz, 8_000));
            assert!(share(&tone, hz + 100.0, 8_000) < 0.05, "{hz}");
            assert!((level(&tone, hz, 8_000) - 0.3).abs() < 0.01, "{hz}: {}", level(&tone, hz, 8_000));
        }
    }

    #[test]
    fn silence_and_nothing_are_no_tone() {
        assert!(share(&[0; 800], 440.0, 8_000) < f64::EPSILON);
        assert!(share(&[], 440.0, 8_000) < f64::EPSILON);
        assert!(level(&[], 440.0, 8_000) < f64::EPSILON);
        let mut seed = 1u32;
        let noise: Vec<i16> = (0..8_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 17) as i16 - 16_384
            })
            .collect();
        assert!(share(&noise, 440.0, 8_000) < 0.02);
    }
}
