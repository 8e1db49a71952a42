//! From the rate of a speech engine to the telephone's and back: a polyphase low-pass that keeps its state over the
//! borders of pieces.

use std::f64::consts::PI;

/// Rates are multiples of this; all that occur are. It bounds the table to 640 phases at 16 kHz.
const GRID_HZ: u32 = 25;
/// Passes up to 0.85 of the lower rate's half (3.4 kHz at 8 kHz) and stops from 1.15 on, which folds back above 0.85.
const TRANSITION: f64 = 0.3;
/// What the stop band is damped by, in dB.
const DAMPING: f64 = 70.0;
/// The Kaiser window's form for that damping.
const BETA: f64 = 0.1102 * (DAMPING - 8.7);

/// One direction of one sound.
#[derive(Clone, Debug)]
pub struct Resampler {
    /// Output advances by `down` where input advances by `up`.
    up: usize,
    down: usize,
    /// The filter by phases, each `width` long, newest sample's factor last.
    phases: Vec<f32>,
    width: usize,
    /// Input that is still needed; its first sample has this number.
    held: Vec<f32>,
    first: usize,
    /// Where the next output stands, in steps of the common rate; half a filter ahead of its middle.
    next: usize,
    /// Half a filter.
    ahead: usize,
    taken: usize,
    given: usize,
}

impl Resampler {
    /// None for rates outside 4 to 192 kHz, and odd ones (no multiple of 25 Hz).
    #[must_use]
    pub fn new(from_hz: u32, to_hz: u32) -> Option<Self> {
        let usual = |hz: u32| (4_000..=192_000).contains(&hz) && hz.is_multiple_of(GRID_HZ);
        if !usual(from_hz) || !usual(to_hz) {
            return None;
        }
        let common = gcd(from_hz, to_hz);
        let (up, down) = ((to_hz / common) as usize, (from_hz / common) as usize);
        let (phases, width) = filter(f64::from(from_hz), f64::from(to_hz), up);
        let ahead = if up == down { 0 } else { up * width / 2 };
        let held = vec![0.0; width - 1];
        // The silence before the first sample is held, and numbered from 0.
        let first = 0;
        Some(Self { up, down, phases, width, held, first, next: ahead, ahead, taken: 0, given: 0 })
    }

    /// Adds what this piece completes to `out`.
    pub fn push(&mut self, piece: &[i16], out: &mut Vec<i16>) {
        self.held.extend(piece.iter().map(|sample| f32::from(*sample)));
        self.taken += piece.len();
        self.give(usize::MAX, out);
    }

    /// The tail: what was still in the filter. All together `out` is as long as the input was, in time.
    pub fn finish(mut self, out: &mut Vec<i16>) {
        let whole = (self.taken * self.up).div_ceil(self.down);
        let silence = self.ahead.div_ceil(self.up) + 1;
        self.held.extend(std::iter::repeat_n(0.0, silence));
        self.give(whole, out);
    }

    /// Gives what the held input allows, up to `limit` samples altogether.
    fn give(&mut self, limit: usize, out: &mut Vec<i16>) {
        while self.given < limit {
            let (newest, phase) = (self.next / self.up, self.next % self.up);
            // `width - 1` samples of silence stand before the first one, so the window begins at its number.
            let from = newest - self.first;
            let (Some(window), Some(factors)) =
                (self.held.get(from..from + self.width), self.phases.get(phase * self.width..(phase + 1) * self.width))
            else {
                break;
            };
            out.push(dot(window, factors));
            self.given += 1;
            self.next += self.down;
        }
        let unneeded = (self.next / self.up - self.first).min(self.held.len());
        self.held.drain(..unneeded);
        self.first += unneeded;
    }
}
fn dot(window: &[f32], factors: &[f32]) -> i16 {
    window.iter().zip(factors).map(|(sample, factor)| sample * factor).sum::<f32>().round() as i16
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A windowed sinc at the common rate, cut into phases.
fn filter(from: f64, to: f64, up: usize) -> (Vec<f32>, usize) {
    if (from - to).abs() < 1.0 {
        return (vec![1.0], 1);
    }
    let lower = from.min(to);
    let common = from * up as f64;
    let taps = (DAMPING - 7.95) / (2.285 * PI * TRANSITION * lower / common);
    // Even, so that half of it is a whole number of input samples.
    let width = ((taps / up as f64).ceil() as usize).next_multiple_of(2);
    let length = up * width;
    let middle = (length / 2) as f64;
    let cutoff = lower / common;
    let tap = |n: usize| {
        let x = n as f64 - middle;
        let sinc = if x == 0.0 { 1.0 } else { (PI * cutoff * x).sin() / (PI * cutoff * x) };
        sinc * kaiser(x / middle) * cutoff * up as f64
    };
    let phase = |phase: usize| (0..width).rev().map(move |n| tap(phase + n * up) as f32);
    ((0..up).flat_map(phase).collect(), width)
}

fn kaiser(x: f64) -> f64 {
    bessel(BETA * (1.0 - x * x).max(0.0).sqrt()) / bessel(BETA)
}

/// The modified Bessel function of order zero.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    (1..40).map(f64::from).fold(1.0, |sum, n| {
        term *= (x / (2.0 * n)).powi(2);
        sum + term
    })
}

/// A whole sound at once; None as for [`Resampler::new`].
#[must_use]
pub fn resampled(samples: &[i16], from_hz: u32, to_hz: u32) -> Option<Vec<i16>> {
    let mut resampler = Resampler::new(from_hz, to_hz)?;
    let mut out = Vec::with_capacity(samples.len() * to_hz as usize / from_hz as usize + 1);
    resampler.push(samples, &mut out);
    resampler.finish(&mut out);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone;
    use proptest::prelude::*;

    const RATES: [u32; 8] = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

    #[test]
    fn a_tone_stays_what_it_was_at_every_rate() {
        for from in RATES {
            for to in [8_000, 24_000, 16_000] {
                let heard = resampled(&tone::sine(1_000.0, 200, 0.4, from), from, to).unwrap();
                assert_eq!(heard.len(), to as usize / 5, "{from} to {to}");
                let middle = &heard[heard.len() / 4..heard.len() * 3 / 4];
                assert!(tone::share(middle, 1_000.0, to) > 0.98, "{from} to {to}");
                assert!((tone::level(middle, 1_000.0, to) - 0.4).abs() < 0.005, "{from} to {to}");
            }
        }
    }

    #[test]
    fn the_telephone_band_passes_and_what_would_fold_into_it_does_not() {
        for from in [16_000, 22_050, 24_000, 44_100, 48_000] {
            let loud = |hz: f64| {
                let heard = resampled(&tone::sine(hz, 200, 0.5, from), from, 8_000).unwrap();
                let middle = &heard[400..1_200];
                (middle.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / 800.0).sqrt() / 32_767.0 * 2f64.sqrt()
                    / 0.5
            };
            for hz in [300.0, 1_000.0, 3_000.0, 3_400.0] {
                assert!((loud(hz) - 1.0).abs() < 0.02, "{from}: {hz} Hz {}", loud(hz));
            }
            for hz in [4_600.0, 5_000.0, 6_000.0, 7_500.0] {
                assert!(loud(hz) < 0.001, "{from}: {hz} Hz {}", loud(hz));
            }
        }
    }

    #[test]
    fn nothing_is_late_or_lost() {
        let mut click = vec![0i16; 2_400];
        click[1_200] = 20_000;
        let heard = resampled(&click, 24_000, 8_000).unwrap();
        let loudest = (0..heard.len()).max_by_key(|n| heard[*n].abs()).unwrap();
        assert_eq!((loudest, heard.len()), (400, 800));
        let tail = resampled(&tone::sine(500.0, 100, 0.5, 24_000), 24_000, 8_000).unwrap();
        assert!(tail[780..].iter().any(|s| s.abs() > 5_000), "the tail is flushed");
    }

    #[test]
    fn the_same_rate_changes_nothing_and_odd_rates_are_refused() {
        let noise: Vec<i16> = (0..500i32).map(|n| (n * 7_919 % 60_000 - 30_000) as i16).collect();
        assert_eq!(resampled(&noise, 8_000, 8_000).unwrap(), noise);
        for (from, to) in [(0, 8_000), (8_000, 0), (8_001, 8_000), (400_000, 8_000)] {
            assert!(Resampler::new(from, to).is_none());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn pieces_of_any_size_sound_the_same(size in 1usize..700, from in prop::sample::select(&RATES[..])) {
            let sound = tone::sine(700.0, 60, 0.6, from);
            let whole = resampled(&sound, from, 8_000).unwrap();
            let mut resampler = Resampler::new(from, 8_000).unwrap();
            let mut pieces = Vec::new();
            for piece in sound.chunks(size) {
                resampler.push(piece, &mut pieces);
            }
            resampler.finish(&mut pieces);
            prop_assert_eq!(pieces, whole);
        }
    }
}
