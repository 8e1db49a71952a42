//! Takes the echo out, frame by frame.

use super::path::{PIECES, Path, Played};
use crate::audio::FRAME;
use crate::audio::spectrum::{Samples, Spectrum, join};
use crate::audio::sums::energy;

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
    /// Energy of the caller's frames with their echo, and of what was left of them, over the last second.
    taken: f32,
    left: f32,
    /// Frames that were split.
    frames: u16,
    /// Of those, how many could have held an echo.
    taught: u16,
}

impl Canceller {
    /// Of what came, so much at most is left where an echo was taken out; what speech looks like an echo is less.
    const LEFT: f32 = 0.95;
    /// Frames until that is believed: the first sounds of a voice may look like an echo by chance.
    const SEEN: u16 = 50;
    /// Where this much is left, there was no echo to take out.
    const ALL: f32 = 0.98;
    /// Frames with something to learn from until an echo would have been found.
    const SEARCHED: u16 = 150;

    pub(in crate::audio) fn new() -> Self {
        Self {
            path: Path::unknown(),
            played: vec![Played::SILENCE; PIECES],
            newest: 0,
            last_played: [0.0; FRAME],
            taken: 0.0,
            left: 0.0,
            frames: 0,
            taught: 0,
        }
    }

    /// As new, in the same memory.
    pub(in crate::audio) fn forget(&mut self) {
        self.path.forget();
        self.played.fill(Played::SILENCE);
        self.last_played = [0.0; FRAME];
        (self.taken, self.left, self.frames, self.taught) = (0.0, 0.0, 0, 0);
    }

    /// Whether this line has an echo, whose path is worth remembering.
    pub(in crate::audio) fn knows_an_echo(&self) -> bool {
        self.frames >= Self::SEEN && self.left < Self::LEFT * self.taken
    }

    /// Whether this line has none, as far as can be told after a while.
    pub(in crate::audio) fn found_no_echo(&self) -> bool {
        self.taught >= Self::SEARCHED && self.left >= Self::ALL * self.taken
    }

    /// Takes note of a frame that was played; its spectrum, with the frame before it.
    pub(in crate::audio) fn play(&mut self, frame: &Samples) -> Spectrum {
        let audible = energy(&self.last_played) + energy(frame) > INAUDIBLE;
        let spectrum = Spectrum::of(&mut join(&self.last_played, frame));
        self.newest = (self.newest + PIECES - 1) % PIECES;
        if let Some(newest) = self.played.get_mut(self.newest) {
            *newest = Played::new(&spectrum, audible);
        }
        self.last_played = *frame;
        spectrum
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
        let (taken, mut left) = (energy(caller), energy(&split.rest));
        if left > taken {
            split = Split { rest: *caller, echo: [0.0; FRAME] };
            left = taken;
        }
        self.frames = self.frames.saturating_add(1);
        let teaches = self.played.iter().any(Played::is_audible);
        self.taught = self.taught.saturating_add(u16::from(teaches));
        self.taken += 0.02 * (taken - self.taken);
        self.left += 0.02 * (left - self.left);
        split
    }
}
