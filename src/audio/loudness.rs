//! Voices from different engines, brought to one loudness.

/// What the voiced parts of a prompt measure, as a share of full scale: -16 dBFS.
const TARGET: f64 = 0.158_489;
/// Frames this far (in amplitude, 30 dB) below the loudest one are pauses.
const PAUSE: f64 = 0.031_6;
/// Nothing is made louder than this (30 dB): a whisper of noise stays one.
const MOST: f64 = 31.6;
/// From here on (-3 dBFS) peaks are bent instead of cut.
const KNEE: f64 = 0.707_9;
/// 20 ms at 8 kHz; at other rates a little more or less, which does not matter here.
const FRAME: usize = 160;

/// Loudness of the parts that are not pauses, as a share of full scale (RMS); 0 for silence.
#[must_use]
pub fn active_rms(samples: &[i16]) -> f64 {
    let powers: Vec<f64> = samples.chunks(FRAME).map(power).collect();
    let loudest = powers.iter().copied().fold(0.0, f64::max);
    let active: Vec<f64> = powers.into_iter().filter(|power| *power > loudest * PAUSE * PAUSE).collect();
    if active.is_empty() {
        return 0.0;
    }
    let count = active.len() as f64;
    (active.iter().sum::<f64>() / count).sqrt()
}

/// Loudness of all of it, as a share of full scale.
#[must_use]
pub fn rms(samples: &[i16]) -> f64 {
    power(samples).sqrt()
}

fn power(frame: &[i16]) -> f64 {
    let count = frame.len().max(1) as f64;
    frame.iter().map(|sample| (f64::from(*sample) / 32_768.0).powi(2)).sum::<f64>() / count
}

/// Brings the voiced parts to -16 dBFS; peaks are bent, not cut. Silence stays silence.
pub fn normalise(samples: &mut [i16]) {
    let loud = active_rms(samples);
    if loud <= 0.0 {
        return;
    }
    let gain = (TARGET / loud).min(MOST);
    for sample in samples {
        *sample = bent(f64::from(*sample) / 32_768.0 * gain);
    }
}
fn bent(value: f64) -> i16 {
    let size = value.abs();
    let bent = if size <= KNEE { size } else { KNEE + (1.0 - KNEE) * ((size - KNEE) / (1.0 - KNEE)).tanh() };
    (bent.copysign(value) * 32_767.0) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone;

    fn decibel(samples: &[i16]) -> f64 {
        20.0 * active_rms(samples).log10()
    }

    #[test]
    fn loud_and_quiet_voices_meet() {
        for level in [0.01, 0.05, 0.2, 0.9] {
            let mut sound = tone::sine(440.0, 400, level, 8_000);
            sound.extend([0; 8_000]);
            normalise(&mut sound);
            assert!((decibel(&sound) + 16.0).abs() < 0.2, "{level}: {}", decibel(&sound));
        }
    }

    #[test]
    fn silence_stays_silence_and_noise_is_not_raised_without_end() {
        let mut silence = [0i16; 800];
        normalise(&mut silence);
        assert_eq!(silence, [0; 800]);
        let mut hum = [3i16, -3].repeat(400);
        normalise(&mut hum);
        assert!(hum.iter().all(|s| s.abs() < 100));
    }

    #[test]
    fn peaks_are_bent_and_keep_their_order() {
        let (soft, loud) = (bent(0.9), bent(1.8));
        assert!(soft < loud && loud < i16::MAX, "{soft} {loud}");
        assert_eq!(bent(-1.8), -loud);
    }
}
