//! The path of an echo, as 20 ms pieces of its impulse response in the frequency domain.

#![expect(clippy::indexing_slicing, clippy::needless_range_loop, reason = "each k is a bin of several arrays at once")]

use crate::audio::spectrum::{BINS, Spectrum};

/// Pieces of 20 ms: the longest delay and reverberation that is learnt, 400 ms.
pub(in crate::audio) const PIECES: usize = 20;

/// What a telephone carries, 100 to 3600 Hz: nothing is learnt of the rest.
const FROM: usize = 4;
const WIDTH: usize = 140;
/// How unsure a bin is before anything was learnt: an echo 20 dB down, somewhere.
const UNSURE: f32 = 3e-3;
/// A path may change: no bin is ever surer than this.
const SUREST: f32 = 1e-6;
/// How much of a path is forgotten each frame: it may move.
const FORGETTING: f32 = 1e-2;

/// The bins of a telephone.
#[derive(Debug, Clone)]
struct Band {
    re: [f32; WIDTH],
    im: [f32; WIDTH],
}

/// A frame that was played, with the one before it.
#[derive(Debug, Clone)]
pub(super) struct Played {
    band: Band,
    /// Silence has no echo, and teaches nothing.
    audible: bool,
}

/// One piece of the path, and how unsure each bin of it is.
#[derive(Debug, Clone)]
struct Piece {
    gain: Band,
    unsure: [f32; WIDTH],
}

/// What is known of the way from what was played to what comes back.
#[derive(Debug)]
pub(super) struct Path {
    pieces: Vec<Piece>,
    /// Power of what could not be explained, slowly followed.
    unexplained: [f32; WIDTH],
    /// Power that the last echo may be wrong by.
    doubt: [f32; WIDTH],
    /// Whose turn it is to be cut to the length of a piece.
    turn: usize,
}

impl Band {
    const ZERO: Self = Self { re: [0.0; WIDTH], im: [0.0; WIDTH] };

    fn of(spectrum: &Spectrum) -> Self {
        let mut band = Self::ZERO;
        band.re.copy_from_slice(&spectrum.re[FROM..FROM + WIDTH]);
        band.im.copy_from_slice(&spectrum.im[FROM..FROM + WIDTH]);
        band
    }

    fn spectrum(&self) -> Spectrum {
        let mut spectrum = Spectrum::ZERO;
        spectrum.re[FROM..FROM + WIDTH].copy_from_slice(&self.re);
        spectrum.im[FROM..FROM + WIDTH].copy_from_slice(&self.im);
        spectrum
    }
}

impl Played {
    pub(super) const SILENCE: Self = Self { band: Band::ZERO, audible: false };

    pub(super) fn new(spectrum: &Spectrum, audible: bool) -> Self {
        Self { band: Band::of(spectrum), audible }
    }

    pub(super) const fn is_audible(&self) -> bool {
        self.audible
    }
}

impl Path {
    pub(super) fn unknown() -> Self {
        let piece = Piece { gain: Band::ZERO, unsure: [UNSURE; WIDTH] };
        Self { pieces: vec![piece; PIECES], unexplained: [0.0; WIDTH], doubt: [1e-9; WIDTH], turn: 0 }
    }

    /// As if nothing had been learnt.
    pub(super) fn forget(&mut self) {
        for piece in &mut self.pieces {
            piece.gain = Band::ZERO;
            piece.unsure = [UNSURE; WIDTH];
        }
        self.unexplained = [0.0; WIDTH];
        self.turn = 0;
    }

    /// The echo of what was played, the newest frame first.
    pub(super) fn echo<'a>(&mut self, played: impl Iterator<Item = &'a Played>) -> Spectrum {
        let mut echo = Band::ZERO;
        let mut doubt = [1e-9; WIDTH];
        for (piece, played) in self.pieces.iter().zip(played).filter(|(_, played)| played.audible) {
            piece.echo(&played.band, &mut echo, &mut doubt);
        }
        self.doubt = doubt;
        echo.spectrum()
    }

    /// Learns from what the echo did not explain.
    pub(super) fn learn<'a>(&mut self, played: impl Iterator<Item = &'a Played>, left: &Spectrum) {
        let left = Band::of(left);
        let caution = self.caution(&left);
        for (piece, played) in self.pieces.iter_mut().zip(played).filter(|(_, played)| played.audible) {
            piece.learn(&played.band, &left, &caution);
        }
        self.cut_one();
    }

    /// One over what is expected to be left in each bin: by what is unsure, and by what else is on the line.
    fn caution(&mut self, left: &Band) -> [f32; WIDTH] {
        let mut caution = [0.0; WIDTH];
        for k in 0..WIDTH {
            let power = left.re[k] * left.re[k] + left.im[k] * left.im[k];
            self.unexplained[k] += 0.3 * (power - self.unexplained[k]);
            caution[k] = 1.0 / (self.doubt[k] + 2.0 * self.unexplained[k]);
        }
        caution
    }

    /// Pieces are 20 ms long, and what learning adds is 40: one a frame is cut back.
    fn cut_one(&mut self) {
        let Some(piece) = self.pieces.get_mut(self.turn) else { return };
        let mut block = piece.gain.spectrum().block();
        block[BINS..].fill(0.0);
        piece.gain = Band::of(&Spectrum::of(&mut block));
        self.turn = (self.turn + 1) % PIECES;
    }
}

impl Piece {
    fn echo(&self, x: &Band, echo: &mut Band, doubt: &mut [f32; WIDTH]) {
        let (w, unsure) = (&self.gain, &self.unsure);
        for k in 0..WIDTH {
            let (xr, xi) = (x.re[k], x.im[k]);
            echo.re[k] += w.re[k] * xr - w.im[k] * xi;
            echo.im[k] += w.re[k] * xi + w.im[k] * xr;
            doubt[k] += unsure[k] * (xr * xr + xi * xi);
        }
    }

    fn learn(&mut self, x: &Band, left: &Band, caution: &[f32; WIDTH]) {
        let w = &mut self.gain;
        for k in 0..WIDTH {
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
