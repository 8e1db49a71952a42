//! Takes the echo out, frame by frame.

use super::path::{PIECES, Path, Played};
use crate::audio::FRAME;
use crate::audio::spectrum::{Samples, Spectrum, join};

const SILENCE: Played = Played { spectrum: Spectrum::ZERO, audible: false };
/// Energy of two frames at -75 dB below full scale.
const INAUDIBLE: f32 = 1e-5;

/// A caller's frame in two parts, which add up to it.
#[derive(Debug, Clone)]
pub(in crate::audio) struct Split {
    /// What is left without the echo; never louder than the frame was.
    pub(in crate::audio) rest: Samples,
    /// The echo, as far as it is known.
    pub(in crate::audio) echo: Samples,
}

/// What was played, and where its echo comes back.
#[derive(Debug)]
pub(in crate::audio) struct Canceller {
    path: Path,
    /// Spectra of what was played; `newest` is where the last one lies, older ones behind it.
    played: Vec<Played>,
    newest: usize,
    last_played: Samples,
}

impl Canceller {
    pub(in crate::audio) fn new() -> Self {
        Self { path: Path::unknown(), played: vec![SILENCE; PIECES], newest: 0, last_played: [0.0; FRAME] }
    }

    /// As new, in the same memory.
    pub(in crate::audio) fn forget(&mut self) {
        self.path.forget();
        self.played.fill(SILENCE);
        self.last_played = [0.0; FRAME];
    }

    /// Takes note of a frame that was played.
    pub(in crate::audio) fn play(&mut self, frame: &Samples) {
        self.newest = (self.newest + PIECES - 1) % PIECES;
        if let Some(newest) = self.played.get_mut(self.newest) {
            let audible = energy(&self.last_played) + energy(frame) > INAUDIBLE;
            *newest = Played { spectrum: Spectrum::of(&mut join(&self.last_played, frame)), audible };
        }
        self.last_played = *frame;
    }

    /// What was played last, in 25 Hz bins.
    pub(in crate::audio) fn newest(&self) -> Option<&Spectrum> {
        self.played.get(self.newest).map(|played| &played.spectrum)
    }

    /// Splits a frame of the caller, and learns from it.
    pub(in crate::audio) fn split(&mut self, caller: &Samples) -> Split {
        let (newer, older) = self.played.split_at(self.newest);
        let played = older.iter().chain(newer);
        let block = self.path.echo(played.clone()).block();
        let mut split = Split { rest: *caller, echo: [0.0; FRAME] };
        for ((rest, echo), said) in split.rest.iter_mut().zip(&mut split.echo).zip(block.iter().skip(FRAME)) {
            (*rest, *echo) = (*rest - said, *said);
        }
        let left = Spectrum::of(&mut join(&[0.0; FRAME], &split.rest));
        self.path.learn(played, &left);
        // A guess that makes things louder is no guess.
        if energy(&split.rest) > energy(caller) {
            split = Split { rest: *caller, echo: [0.0; FRAME] };
        }
        split
    }
}

fn energy(samples: &Samples) -> f32 {
    samples.iter().map(|sample| sample * sample).sum()
}
