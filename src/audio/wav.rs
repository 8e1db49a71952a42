//! WAV files: what people and speech engines hand us, read; what we record, written.

use super::g711;

/// Sound as samples: channels interleaved, 16 bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Samples a second of one channel.
    pub rate: u32,
    /// 1 or 2.
    pub channels: u16,
    /// Left, right, left, … where there are two.
    pub samples: Vec<i16>,
}

impl Sound {
    /// One channel.
    #[must_use]
    pub const fn mono(rate: u32, samples: Vec<i16>) -> Self {
        Self { rate, channels: 1, samples }
    }

    /// Two channels; the shorter one is followed by silence.
    #[must_use]
    pub fn stereo(rate: u32, left: &[i16], right: &[i16]) -> Self {
        let at = |side: &[i16], n: usize| side.get(n).copied().unwrap_or(0);
        let both = |n| [at(left, n), at(right, n)];
        Self { rate, channels: 2, samples: (0..left.len().max(right.len())).flat_map(both).collect() }
    }

    /// One channel of it, counted from 0.
    #[must_use]
    pub fn channel(&self, number: u16) -> Vec<i16> {
        self.samples.iter().skip(usize::from(number)).step_by(usize::from(self.channels.max(1))).copied().collect()
    }

    /// All channels as one.
    #[must_use]
    pub fn mixed(&self) -> Vec<i16> {
        let channels = usize::from(self.channels.max(1));
        let mean = |frame: &[i16]| {
            let sum: i32 = frame.iter().map(|sample| i32::from(*sample)).sum();
            i16::try_from(sum / i32::try_from(frame.len()).unwrap_or(1).max(1)).unwrap_or(0)
        };
        self.samples.chunks(channels).map(mean).collect()
    }
}

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// It does not begin as a WAV file does, or ends before its samples begin.
    #[error("it is no WAV file")]
    NoWav,
    /// Its header contradicts itself.
    #[error("its header makes no sense")]
    Odd,
    /// MP3 in WAV and the like.
    #[error("its samples are in an encoding that is not read here (format {0})")]
    Encoding(u16),
    /// More channels than two.
    #[error("it has {0} channels; one or two are read here")]
    Channels(u16),
}

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const ALAW: u16 = 6;
const MULAW: u16 = 7;
/// The real format stands in the extension.
const EXTENSIBLE: u16 = 0xFFFE;
/// Our own ceiling: more is a broken header.
const FASTEST: u32 = 192_000;

#[derive(Clone, Copy)]
struct Format {
    tag: u16,
    channels: u16,
    rate: u32,
    bits: u16,
}

/// Reads a whole file: PCM of 8 to 32 bits, float, mu-law or a-law, one or two channels, any rate up to 192 kHz. A length
/// that its writer did not know (0 or the largest) means up to the end, and a file that was cut is read as far as it goes.
///
/// # Errors
/// [`WavError`].
pub fn read(file: &[u8]) -> Result<Sound, WavError> {
    if file.get(..4) != Some(b"RIFF") || file.get(8..12) != Some(b"WAVE") {
        return Err(WavError::NoWav);
    }
    let (mut at, mut format) = (12usize, None);
    loop {
        let name = file.get(at..at + 4).ok_or(WavError::NoWav)?;
        let size = number(file, at + 4).ok_or(WavError::NoWav)?;
        let body = file.get(at + 8..).ok_or(WavError::NoWav)?;
        match name {
            b"fmt " => format = Some(described(body)?),
            b"data" => return sound(format.ok_or(WavError::Odd)?, promised(body, size)),
            _ => {}
        }
        let step = usize::try_from(size).ok().and_then(|size| size.checked_next_multiple_of(2)).ok_or(WavError::Odd)?;
        at = at.checked_add(8).and_then(|at| at.checked_add(step)).ok_or(WavError::Odd)?;
    }
}

/// As much of the samples as the header promises, or all there is where it could not know.
fn promised(body: &[u8], size: u32) -> &[u8] {
    if matches!(size, 0 | u32::MAX) { body } else { body.get(..size as usize).unwrap_or(body) }
}

fn described(body: &[u8]) -> Result<Format, WavError> {
    let half = |at| half(body, at).ok_or(WavError::Odd);
    let mut tag = half(0)?;
    if tag == EXTENSIBLE {
        tag = half(24)?;
    }
    let format = Format { tag, channels: half(2)?, rate: number(body, 4).ok_or(WavError::Odd)?, bits: half(14)? };
    match format {
        Format { channels: 0, .. } | Format { rate: 0, .. } => Err(WavError::Odd),
        Format { rate, .. } if rate > FASTEST => Err(WavError::Odd),
        Format { channels, .. } if channels > 2 => Err(WavError::Channels(channels)),
        _ => Ok(format),
    }
}
fn sound(format: Format, bytes: &[u8]) -> Result<Sound, WavError> {
    let scaled = |value: f64| (value * 32_768.0).round() as i16;
    let samples = match (format.tag, format.bits) {
        (PCM, 8) => bytes.iter().map(|byte| (i16::from(*byte) - 128) << 8).collect(),
        (PCM, 16) => each(bytes, i16::from_le_bytes),
        (PCM, 24) => each(bytes, |[_, low, high]: [u8; 3]| i16::from_le_bytes([low, high])),
        (PCM, 32) => each(bytes, |four| (i32::from_le_bytes(four) >> 16) as i16),
        (FLOAT, 32) => each(bytes, |four| scaled(f64::from(f32::from_le_bytes(four)))),
        (FLOAT, 64) => each(bytes, |eight| scaled(f64::from_le_bytes(eight))),
        (ALAW, 8) => bytes.iter().map(|byte| g711::alaw_decode(*byte)).collect(),
        (MULAW, 8) => bytes.iter().map(|byte| g711::decode(*byte)).collect(),
        (tag, _) => return Err(WavError::Encoding(tag)),
    };
    Ok(Sound { rate: format.rate, channels: format.channels, samples })
}

/// Every whole sample; what is left at a cut end is dropped.
fn each<const N: usize>(bytes: &[u8], sample: impl Fn([u8; N]) -> i16) -> Vec<i16> {
    bytes.chunks_exact(N).filter_map(|chunk| Some(sample(chunk.try_into().ok()?))).collect()
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// A file of 16 bit samples.
#[must_use]
pub fn pcm16(sound: &Sound) -> Vec<u8> {
    let samples: Vec<u8> = sound.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    file(Format { tag: PCM, channels: sound.channels, rate: sound.rate, bits: 16 }, &samples)
}

/// A file of mu-law samples, half the size.
#[must_use]
pub fn mulaw(sound: &Sound) -> Vec<u8> {
    let samples: Vec<u8> = sound.samples.iter().map(|sample| g711::encode(*sample)).collect();
    mulaw_bytes(sound.rate, sound.channels, &samples)
}

/// The same around samples that are mu-law already, as they came from the carrier.
#[must_use]
pub fn mulaw_bytes(rate: u32, channels: u16, samples: &[u8]) -> Vec<u8> {
    file(Format { tag: MULAW, channels, rate, bits: 8 }, samples)
}

fn file(format: Format, samples: &[u8]) -> Vec<u8> {
    let frame = format.channels * (format.bits / 8);
    // Anything but PCM says how long its (empty) extension is.
    let extension: &[u8] = if format.tag == PCM { &[] } else { &[0, 0] };
    let described = 16 + extension.len();
    let pad = samples.len() % 2;
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let mut file = Vec::with_capacity(46 + samples.len() + pad);
    file.extend(b"RIFF");
    file.extend(length(4 + 8 + described + 8 + samples.len() + pad));
    file.extend(b"WAVEfmt ");
    file.extend(length(described));
    file.extend(format.tag.to_le_bytes());
    file.extend(format.channels.to_le_bytes());
    file.extend(format.rate.to_le_bytes());
    file.extend((format.rate * u32::from(frame)).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(format.bits.to_le_bytes());
    file.extend(extension);
    file.extend(b"data");
    file.extend(length(samples.len()));
    file.extend(samples);
    file.extend(std::iter::repeat_n(0, pad));
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(tag: u16, bits: u16, samples: &[u8]) -> Vec<u8> {
        file(Format { tag, channels: 1, rate: 16_000, bits }, samples)
    }

    fn with_length(mut file: Vec<u8>, length: u32) -> Vec<u8> {
        file[4..8].copy_from_slice(&length.to_le_bytes());
        file[40..44].copy_from_slice(&length.to_le_bytes());
        file
    }

    #[test]
    fn every_encoding_is_read() {
        let half = |bytes: &[u8], tag, bits| read(&written(tag, bits, bytes)).unwrap().samples;
        assert_eq!(half(&[0, 128, 255], PCM, 8), [-32_768, 0, 32_512]);
        assert_eq!(half(&[0, 0x40, 0, 0xC0], PCM, 16), [16_384, -16_384]);
        assert_eq!(half(&[9, 0, 0x40], PCM, 24), [16_384]);
        assert_eq!(half(&[9, 9, 0, 0xC0], PCM, 32), [-16_384]);
        assert_eq!(half(&0.5f32.to_le_bytes(), FLOAT, 32), [16_384]);
        assert_eq!(half(&(-7.0f64).to_le_bytes(), FLOAT, 64), [-32_768], "too loud is clipped");
        assert_eq!(half(&[0xFF, 0x80], MULAW, 8), [0, 32_124]);
        assert_eq!(half(&[0xD5], ALAW, 8), [8]);
        assert_eq!(read(&written(0x55, 8, &[0])), Err(WavError::Encoding(0x55)));
    }

    #[test]
    fn two_channels_come_apart_and_together() {
        let both = Sound::stereo(8_000, &[100, 200, 300], &[-100, 0]);
        let again = read(&pcm16(&both)).unwrap();
        assert_eq!(again, both);
        assert_eq!((again.channel(0), again.channel(1)), (vec![100, 200, 300], vec![-100, 0, 0]));
        assert_eq!(again.mixed(), [0, 100, 150]);
    }

    #[test]
    fn a_length_that_was_not_known_means_up_to_the_end() {
        let sound = Sound::mono(22_050, (0..500).collect());
        for length in [0, u32::MAX] {
            assert_eq!(read(&with_length(pcm16(&sound), length)).unwrap(), sound);
        }
        let cut = &pcm16(&sound)[..44 + 301];
        assert_eq!(read(cut).unwrap().samples.len(), 150, "a cut file is read as far as it goes");
    }

    #[test]
    fn chunks_before_the_samples_and_the_extensible_format_are_understood() {
        let mut file = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x28\0\0\0\xFE\xFF\x01\0".to_vec();
        file.extend(8_000u32.to_le_bytes());
        file.extend(16_000u32.to_le_bytes());
        file.extend([2, 0, 16, 0, 22, 0, 16, 0, 4, 0, 0, 0, 1, 0]);
        file.extend([0; 14]);
        file.extend(b"data\x02\0\0\0\x01\x02ignored");
        assert_eq!(read(&file).unwrap(), Sound::mono(8_000, vec![0x0201]));
    }

    #[test]
    fn mulaw_files_keep_their_bytes() {
        let bytes: Vec<u8> = (0..=255).chain([7]).collect();
        let file = mulaw_bytes(8_000, 1, &bytes);
        assert_eq!(file.len() % 2, 0);
        assert_eq!(read(&file).unwrap().samples.len(), bytes.len());
        assert_eq!(mulaw(&Sound::mono(8_000, vec![0; 3])).len(), 46 + 4);
    }

    #[test]
    fn what_is_no_wav_is_told() {
        assert_eq!(read(b"<html>busy</html>"), Err(WavError::NoWav));
        assert_eq!(read(b"RIFF\0\0\0\0WAVE"), Err(WavError::NoWav));
        assert_eq!(read(b"RIFF\0\0\0\0WAVEdata\0\0\0\0"), Err(WavError::Odd));
        let six = file(Format { tag: PCM, channels: 6, rate: 48_000, bits: 16 }, &[0; 12]);
        assert_eq!(read(&six), Err(WavError::Channels(6)));
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_crash(bytes in proptest::collection::vec(any::<u8>(), 0..120), whole in any::<bool>()) {
            let mut file = b"RIFF\0\0\0\0WAVE".to_vec();
            if whole {
                file.extend(b"fmt \x10\0\0\0");
            }
            file.extend(bytes);
            let _ = read(&file);
        }

        #[test]
        fn what_was_written_is_read(samples in proptest::collection::vec(any::<i16>(), 0..400), rate in 1u32..192_000) {
            let sound = Sound::mono(rate, samples);
            prop_assert_eq!(read(&pcm16(&sound)).unwrap(), sound);
        }
    }
}
