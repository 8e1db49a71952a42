//! Audio nobody has to speak: a tone in a WAV file, so that a recording can be heard, and found again by its pitch.

/// Samples a second, as on the telephone.
const RATE: u32 = 8000;
/// The A above middle C.
const PITCH_HZ: f32 = 440.0;
/// A quarter of full scale: audible, not painful.
const LEVEL: f32 = 8000.0;
/// Longer recordings are cut: ten minutes are ten megabytes.
const LONGEST_S: u64 = 600;

/// `seconds` of tone, half a second on and half a second off, 16 bit. Of two channels the second has the octave above,
/// so that the sides of a conversation can be told apart.
pub(in crate::simulator) fn wav(seconds: u64, channels: u8) -> Vec<u8> {
    let samples = u32::try_from(seconds.min(LONGEST_S)).unwrap_or(0) * RATE;
    let mut file = header(samples * 2 * u32::from(channels), channels);
    for n in 0..samples {
        for channel in 1..=channels {
            file.extend_from_slice(&sample(n, PITCH_HZ * f32::from(channel)).to_le_bytes());
        }
    }
    file
}

fn sample(n: u32, pitch_hz: f32) -> i16 {
    let audible = (n / (RATE / 2)).is_multiple_of(2);
    // The phase starts anew each second: a whole number of waves.
    let phase = f32::from(u16::try_from(n % RATE).unwrap_or(0)) * pitch_hz / 8000.0;
    let level = if audible { (phase * std::f32::consts::TAU).sin() * LEVEL } else { 0.0 };
    #[expect(clippy::cast_possible_truncation, reason = "at most a quarter of an i16's range")]
    let level = level as i16;
    level
}

/// The 44 bytes of RIFF before the samples.
fn header(data: u32, channels: u8) -> Vec<u8> {
    let channels = u16::from(channels);
    let mut head = Vec::with_capacity(44 + data as usize);
    head.extend_from_slice(b"RIFF");
    head.extend_from_slice(&(data + 36).to_le_bytes());
    head.extend_from_slice(b"WAVEfmt ");
    head.extend_from_slice(&16u32.to_le_bytes());
    head.extend_from_slice(&1u16.to_le_bytes());
    head.extend_from_slice(&channels.to_le_bytes());
    head.extend_from_slice(&RATE.to_le_bytes());
    head.extend_from_slice(&(RATE * 2 * u32::from(channels)).to_le_bytes());
    head.extend_from_slice(&(2 * channels).to_le_bytes());
    head.extend_from_slice(&16u16.to_le_bytes());
    head.extend_from_slice(b"data");
    head.extend_from_slice(&data.to_le_bytes());
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wav_is_as_long_as_it_says_and_can_be_heard() {
        assert_eq!(wav(1, 2).len(), 44 + 2 * 2 * 8000);
        let file = wav(2, 1);
        assert_eq!(file.len(), 44 + 2 * 2 * 8000);
        assert_eq!(&file[40..44], &32_000u32.to_le_bytes());
        let loudest = file[44..].chunks(2).map(|b| i16::from_le_bytes([b[0], b[1]]).unsigned_abs()).max();
        assert!(loudest > Some(7000));
        // 440 waves a second cross zero upwards 440 times; half a second of it is audible.
        let half: Vec<_> = file[44..44 + 8000].chunks(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
        let rises = half.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((218..=221).contains(&rises), "{rises}");
    }
}
