//! All features, one frame at a time.

use super::floors::Floors;
use super::loudness::Loudness;
use super::past::Past;
use super::picture::{BANDS, bands_db, db, log2, look, widen};
use super::pitch::Pitch;
use super::prompt::Prompt;
use super::shape::shape;
use super::{FEATURES, Features};
use crate::audio::FRAME;
use crate::audio::echo::Split;
use crate::audio::spectrum::{BINS, Samples, Spectrum};
use crate::audio::sums::energy;

/// dB: quieter counts as no more.
const LOWEST: f32 = -75.0;

/// What is remembered from frame to frame.
#[derive(Debug, Clone)]
pub(in crate::audio) struct Sense {
    last: Split,
    /// Bands and level of the echo, dB.
    echo: ([f32; BANDS], f32),
    floors: Floors,
    loudness: Loudness,
    past: Past,
    pitch: Pitch,
    prompt: Prompt,
    /// Frames since it began to listen.
    frames: f32,
}

impl Sense {
    pub(in crate::audio) fn new() -> Self {
        Self {
            last: Split { rest: [0.0; FRAME], echo: [0.0; FRAME] },
            echo: ([LOWEST; BANDS], LOWEST),
            floors: Floors::new(),
            loudness: Loudness::new(),
            past: Past::new(),
            pitch: Pitch::default(),
            prompt: Prompt::new(),
            frames: 0.0,
        }
    }

    /// Takes note of a frame that was played.
    pub(in crate::audio) fn play(&mut self, played: &Spectrum) {
        self.prompt.play(&bands_db(&played.power()));
    }

    /// The numbers of one frame.
    pub(in crate::audio) fn feel(&mut self, split: &Split) -> Features {
        let echo = bands_db(&look(&self.last.echo, &split.echo).power());
        self.echo = (echo, db(energy(&split.echo) / FRAME as f32).max(LOWEST));
        self.describe(split)
    }

    /// The same of a frame without an echo worth a search; what is left of one is taken to be as loud as before.
    pub(in crate::audio) fn feel_alone(&mut self, rest: &Samples) -> Features {
        self.describe(&Split { rest: *rest, echo: [0.0; FRAME] })
    }

    fn describe(&mut self, split: &Split) -> Features {
        let mut writer = Writer { features: [0.0; FEATURES], at: 0 };
        let power = look(&self.last.rest, &split.rest).power();
        let bands = bands_db(&power);
        writer.put(self.floors.over(&bands), 0.1);
        let level = db(energy(&split.rest) / FRAME as f32);
        writer.put(bands.map(|band| (band - level).clamp(-40.0, 40.0)), 0.1);
        self.against_prompt(&mut writer, split, &bands, level);
        writer.put(spread(&power), 1.0);
        writer.put(self.past.likeness(&power), 2.0);
        writer.put(self.past.distance(&bands), 0.1);
        writer.put(self.pitch.of(&power), 2.0);
        writer.put(shape(&split.rest), 0.1);
        self.frames += 1.0;
        writer.put([log2(self.frames)], 0.2);
        writer.put(self.loudness.compare(level), 0.1);
        self.last = split.clone();
        writer.features
    }

    fn against_prompt(&self, writer: &mut Writer, split: &Split, bands: &[f32; BANDS], level: f32) {
        let (echo, echo_level) = &self.echo;
        let mut raw: Samples = split.rest;
        raw.iter_mut().zip(&split.echo).for_each(|(raw, echo)| *raw += echo);
        let raw = energy(&raw);
        let loudest = self.prompt.loudest();
        let total = loudest.iter().copied().fold(-75.0, f32::max);
        writer.put([level + 50.0, db(raw / FRAME as f32) - level, (level - echo_level).min(40.0), level - total], 0.07);
        let wide = widen(bands);
        let mut over = widen(echo);
        over.iter_mut().zip(&wide).for_each(|(echo, rest)| *echo = (rest - echo.max(-75.0)).clamp(-20.0, 40.0));
        writer.put(over, 0.07);
        over.iter_mut().zip(wide.iter().zip(&loudest)).for_each(|(to, (rest, played))| *to = rest - played);
        writer.put(over, 0.07);
        writer.put([total + 40.0], 0.05);
    }
}

/// Flatness, how few bins hold the power, and the centre of gravity.
fn spread(power: &[f32; BINS]) -> [f32; 3] {
    // Side by side in lanes, as in `sums`.
    let (mut sums, mut squares, mut moments, mut logs) = ([0.0; 8], [0.0; 8], [0.0; 8], [0.0; 8]);
    let mut place = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0_f32];
    for bins in power.get(8..136).unwrap_or_default().chunks_exact(8) {
        let lanes = sums.iter_mut().zip(&mut squares).zip(moments.iter_mut().zip(&mut logs));
        for ((((sum, square), (moment, log)), at), power) in lanes.zip(&mut place).zip(bins) {
            *sum += power;
            *square += power * power;
            *moment += power * *at;
            *log += log2(power + 1e-9);
            *at += 8.0;
        }
    }
    let all = |lanes: [f32; 8]| lanes.iter().sum::<f32>();
    let (sum, squares) = (all(sums) + 1e-9, all(squares) + 1e-18);
    let (moment, logs) = (all(moments), all(logs));
    [(logs / 128.0 - log2(sum / 128.0)) * 0.3, log2(squares / (sum * sum)) * 0.3, moment / sum / 32.0]
}

/// Puts numbers behind each other.
struct Writer {
    features: Features,
    at: usize,
}

impl Writer {
    fn put<const N: usize>(&mut self, numbers: [f32; N], scale: f32) {
        let places = self.features.iter_mut().skip(self.at);
        places.zip(numbers).for_each(|(to, number)| *to = number * scale);
        self.at += N;
    }
}
