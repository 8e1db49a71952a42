//! What fills a hole, and how two frames become one.

use super::{FRAME, Samples};

/// How loud the last frame is repeated, in 256ths: twice, then silence.
const REPEATS: [i32; 3] = [160, 80, 0];

/// The `n`th frame (from 0) in place of one that did not come: the last one again, fading.
pub(super) fn fill(last: &Samples, n: usize) -> Samples {
    let loud = |at: usize| REPEATS.get(at).copied().unwrap_or(0);
    let (from, to) = (if n == 0 { 256 } else { loud(n - 1) }, loud(n));
    let mut frame = *last;
    for (at, sample) in (0..).zip(&mut frame) {
        *sample = scaled(*sample, from + (to - from) * at / FRAME as i32);
    }
    frame
}

/// Two frames in the time of one: the first goes over into the second.
pub(super) fn merge(first: &Samples, second: &Samples) -> Samples {
    let mut frame = *first;
    for ((at, sample), other) in (0..).zip(&mut frame).zip(second) {
        let share = 256 * at / FRAME as i32;
        *sample = scaled(*sample, 256 - share).saturating_add(scaled(*other, share));
    }
    frame
}

/// Whether nobody notices when it is played twice, or left out.
pub(super) fn is_quiet(frame: &Samples) -> bool {
    const LOUDEST: u16 = 500;
    frame.iter().all(|sample| sample.unsigned_abs() < LOUDEST)
}

const fn scaled(sample: i16, by: i32) -> i16 {
    (sample as i32 * by / 256) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_faded_out() {
        let last = [10_000; FRAME];
        let frames: Vec<Samples> = (0..4).map(|n| fill(&last, n)).collect();
        assert_eq!(frames[0][0], 10_000);
        let all: Vec<i16> = frames.concat();
        assert!(all.is_sorted_by(|a, b| a >= b), "it only gets quieter");
        assert_eq!(frames[3], [0; FRAME]);
    }

    #[test]
    fn one_sound_merged_with_itself_stays() {
        let frame = merge(&[9_999; FRAME], &[9_999; FRAME]);
        assert!(frame.iter().all(|sample| (9_990..=9_999).contains(sample)));
        assert!(is_quiet(&[-499; FRAME]) && !is_quiet(&frame));
        assert!(!is_quiet(&[i16::MIN; FRAME]));
    }
}
