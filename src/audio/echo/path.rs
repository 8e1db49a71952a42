//! The path of an echo, as 20 ms pieces of its impulse response in the frequency domain.

#![expect(clippy::indexing_slicing, clippy::needless_range_loop, reason = "each k is a bin of several arrays at once")]

use crate::audio::spectrum::{BINS, Spectrum};

/// Pieces of 20 ms: the longest delay and reverberation that is learnt, 400 ms.
pub(in crate::audio) const PIECES: usize = 20;

/// How unsure a bin is before anything was learnt: an echo 20 dB down, somewhere.
const UNSURE: f32 = 3e-3;
/// A path may change: no bin is ever surer than this.
const SUREST: f32 = 1e-6;
/// How much of a path is forgotten each frame: it may move.
const FORGETTING: f32 = 1e-2;

/// A frame that was played, with the one before it.
#[derive(Debug, Clone)]
pub(super) struct Played {
    pub(super) spectrum: Spectrum,
    /// Silence has no echo, and teaches nothing.
    pub(super) audible: bool,
}

/// One piece of the path, and how unsure each bin of it is.
#[derive(Debug, Clone)]
struct Piece {
    gain: Spectrum,
    unsure: [f32; BINS],
}

/// What is known of the way from what was played to what comes back.
#[derive(Debug)]
pub(super) struct Path {
    pieces: Vec<Piece>,
    /// Power of what could not be explained, slowly followed.
    unexplained: [f32; BINS],
    /// Power that the last echo may be wrong by.
    doubt: [f32; BINS],
    /// Whose turn it is to be cut to the length of a piece.
    turn: usize,
}

impl Path {
    pub(super) fn unknown() -> Self {
        let piece = Piece { gain: Spectrum::ZERO, unsure: [UNSURE; BINS] };
        Self { pieces: vec![piece; PIECES], unexplained: [0.0; BINS], doubt: [1e-9; BINS], turn: 0 }
    }

    /// As if nothing had been learnt.
    pub(super) fn forget(&mut self) {
        for piece in &mut self.pieces {
            piece.gain = Spectrum::ZERO;
            piece.unsure = [UNSURE; BINS];
        }
        self.unexplained = [0.0; BINS];
        self.turn = 0;
    }

    /// The echo of what was played, the newest frame first.
    pub(super) fn echo<'a>(&mut self, played: impl Iterator<Item = &'a Played>) -> Spectrum {
        let mut echo = Spectrum::ZERO;
        let mut doubt = [1e-9; BINS];
        for (piece, played) in self.pieces.iter().zip(played).filter(|(_, played)| played.audible) {
            piece.echo(&played.spectrum, &mut echo, &mut doubt);
        }
        self.doubt = doubt;
        echo
    }

    /// Learns from what the echo did not explain.
    pub(super) fn learn<'a>(&mut self, played: impl Iterator<Item = &'a Played>, left: &Spectrum) {
        let caution = self.caution(left);
        for (piece, played) in self.pieces.iter_mut().zip(played).filter(|(_, played)| played.audible) {
            piece.learn(&played.spectrum, left, &caution);
        }
        self.cut_one();
    }

    /// One over what is expected to be left in each bin: by what is unsure, and by what else is on the line.
    fn caution(&mut self, left: &Spectrum) -> [f32; BINS] {
        let mut caution = left.power();
        for k in 0..BINS {
            self.unexplained[k] += 0.3 * (caution[k] - self.unexplained[k]);
            caution[k] = 1.0 / (self.doubt[k] + 2.0 * self.unexplained[k]);
        }
        caution
    }

    /// Pieces are 20 ms long, and what learning adds is 40: one a frame is cut back.
    fn cut_one(&mut self) {
        let Some(piece) = self.pieces.get_mut(self.turn) else { return };
        let mut block = piece.gain.block();
        block[BINS..].fill(0.0);
        piece.gain = Spectrum::of(&mut block);
        self.turn = (self.turn + 1) % PIECES;
    }
}

impl Piece {
    fn echo(&self, x: &Spectrum, echo: &mut Spectrum, doubt: &mut [f32; BINS]) {
        let (w, unsure) = (&self.gain, &self.unsure);
        for k in 0..BINS {
            let (xr, xi) = (x.re[k], x.im[k]);
            echo.re[k] += w.re[k] * xr - w.im[k] * xi;
            echo.im[k] += w.re[k] * xi + w.im[k] * xr;
            doubt[k] += unsure[k] * (xr * xr + xi * xi);
        }
    }

    fn learn(&mut self, x: &Spectrum, left: &Spectrum, caution: &[f32; BINS]) {
        let w = &mut self.gain;
        for k in 0..BINS {
            let (xr, xi, er, ei) = (x.re[k], x.im[k], left.re[k], left.im[k]);
            let step = self.unsure[k] * caution[k];
            w.re[k] += step * (xr * er + xi * ei);
            w.im[k] += step * (xr * ei - xi * er);
            let learnt = 1.0 - 0.5 * step * (xr * xr + xi * xi);
            let size = w.re[k] * w.re[k] + w.im[k] * w.im[k];
            self.unsure[k] = (1.0 - FORGETTING) * learnt * self.unsure[k] + FORGETTING * size + SUREST;
        }
    }
}
