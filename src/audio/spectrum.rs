//! Spectra of two frames (40 ms), 25 Hz a bin, as the echo canceller and the features want them.

use super::FRAME;
use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::sync::{Arc, LazyLock};

/// Samples behind a spectrum: the last frame and this one.
pub(super) const BLOCK: usize = 2 * FRAME;
/// Bins of a spectrum, from 0 Hz; the one at 4 kHz carries nothing on a telephone and is left out.
pub(super) const BINS: usize = FRAME;
/// Bins as the transform gives them.
const ALL_BINS: usize = BINS + 1;
/// The transforms need no more than this; a test holds it against what the library asks for.
const SCRATCH: usize = BLOCK;

/// Samples of one frame, full scale 1.
pub(super) type Samples = [f32; FRAME];
/// Samples of two frames.
pub(super) type Block = [f32; BLOCK];

struct Plans {
    forward: Arc<dyn RealToComplex<f32>>,
    back: Arc<dyn ComplexToReal<f32>>,
}

static PLANS: LazyLock<Plans> = LazyLock::new(|| {
    let mut planner = RealFftPlanner::new();
    Plans { forward: planner.plan_fft_forward(BLOCK), back: planner.plan_fft_inverse(BLOCK) }
});

/// Real and imaginary parts apart, so that the compiler computes several bins at once.
#[derive(Debug, Clone)]
pub(super) struct Spectrum {
    pub(super) re: [f32; BINS],
    pub(super) im: [f32; BINS],
}

impl Spectrum {
    pub(super) const ZERO: Self = Self { re: [0.0; BINS], im: [0.0; BINS] };

    /// The spectrum of a block; the block is used up.
    pub(super) fn of(block: &mut Block) -> Self {
        let mut bins = [Complex32::ZERO; ALL_BINS];
        let mut scratch = [Complex32::ZERO; SCRATCH];
        // Lengths are fixed and fit: it cannot fail, and a spectrum of silence is right if it did.
        let _ = PLANS.forward.process_with_scratch(block, &mut bins, &mut scratch);
        let mut spectrum = Self::ZERO;
        let parts = spectrum.re.iter_mut().zip(&mut spectrum.im);
        parts.zip(&bins).for_each(|((re, im), bin)| (*re, *im) = (bin.re, bin.im));
        spectrum
    }

    /// The block behind a spectrum.
    pub(super) fn block(&self) -> Block {
        let mut bins = [Complex32::ZERO; ALL_BINS];
        let mut scratch = [Complex32::ZERO; SCRATCH];
        bins.iter_mut().zip(self.re.iter().zip(&self.im)).for_each(|(bin, (re, im))| *bin = Complex32::new(*re, *im));
        if let Some(first) = bins.first_mut() {
            first.im = 0.0;
        }
        let mut block = [0.0; BLOCK];
        let _ = PLANS.back.process_with_scratch(&mut bins, &mut block, &mut scratch);
        block.iter_mut().for_each(|sample| *sample /= BLOCK as f32);
        block
    }

    /// Power of each bin.
    pub(super) fn power(&self) -> [f32; BINS] {
        let mut power = [0.0; BINS];
        let parts = self.re.iter().zip(&self.im);
        power.iter_mut().zip(parts).for_each(|(power, (re, im))| *power = re * re + im * im);
        power
    }
}

/// Two frames as one block.
pub(super) fn join(last: &Samples, this: &Samples) -> Block {
    let mut block = [0.0; BLOCK];
    block.iter_mut().zip(last.iter().chain(this)).for_each(|(to, from)| *to = *from);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scratch_is_large_enough() {
        assert!(PLANS.forward.get_scratch_len() <= SCRATCH && PLANS.back.get_scratch_len() <= SCRATCH);
    }

    #[test]
    fn a_block_comes_back_from_its_spectrum() {
        let mut block = [0.0; BLOCK];
        for (n, sample) in block.iter_mut().enumerate() {
            *sample = (n as f32 * 0.31).sin() - 0.2 * (n as f32 * 0.05).cos();
        }
        // What lies at 4 kHz is lost.
        let nyquist: f32 =
            block.iter().enumerate().map(|(n, s)| if n % 2 == 0 { *s } else { -*s }).sum::<f32>() / BLOCK as f32;
        let back = Spectrum::of(&mut block.clone()).block();
        for (n, (a, b)) in block.iter().zip(&back).enumerate() {
            let lost = if n % 2 == 0 { nyquist } else { -nyquist };
            assert!((a - b - lost).abs() < 1e-4, "{n}: {a} {b}");
        }
    }
}
