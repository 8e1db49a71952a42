//! Sums over many numbers, several at a time: one after the other each addition would wait for the last.

/// Sums that run side by side; the compiler keeps them in registers.
const LANES: usize = 16;

/// What two rows have in common.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum::<f32>() + rest
}

/// The energy of samples.
pub(super) fn energy(samples: &[f32]) -> f32 {
    dot(samples, samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_out() {
        for length in [0_u16, 1, 15, 16, 17, 48, 160] {
            let row: Vec<f32> = (0..length).map(f32::from).collect();
            let wanted: f32 = row.iter().map(|x| x * x).sum();
            assert!((energy(&row) - wanted).abs() <= wanted * 1e-6, "{length}");
        }
    }
}
