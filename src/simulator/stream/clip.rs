//! What a caller says into a stream: mu-law, from the first voiced frame to the last.

use super::{FRAME, Frame, SILENT};
use crate::audio::{g711, resample, wav};
use std::sync::{Arc, LazyLock};

/// The telephone's own rate.
const RATE: u32 = 8000;
/// Mean square of a frame that can just be heard: 48 dB under full scale.
const AUDIBLE: u64 = 130 * 130;
/// A voiced frame has at least a thousandth of the power of the loudest one: 30 dB less.
const QUIETEST: u64 = 1000;

static BUILT_IN: LazyLock<Vec<Clip>> = LazyLock::new(|| {
    let voices: [(&[u8], _); 3] = [
        (include_bytes!("voices/wait.ulaw"), "Wait, I have a question."),
        (include_bytes!("voices/no.ulaw"), "No, I would like to speak to a person, please."),
        (include_bytes!("voices/hold.ulaw"), "Hold on a second. Can you say that again?"),
    ];
    let clip = |(bytes, words)| Some(Clip { words: Some(words), ..Clip::mulaw(bytes).ok()? });
    voices.into_iter().filter_map(clip).collect()
});

/// A few words, spoken. Cheap to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    frames: Arc<[Frame]>,
    /// What is said, where it is known.
    words: Option<&'static str>,
}

/// Why nothing can be said with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClipError {
    /// It cannot be read.
    #[error(transparent)]
    Wav(#[from] wav::WavError),
    /// No telephone's rate can be made of it.
    #[error("{0} samples a second cannot be brought to 8000")]
    Rate(u32),
    /// Nobody speaks in it.
    #[error("nothing can be heard in it")]
    Silent,
}

impl Clip {
    /// Reads a WAV file of any usual rate, one channel or two.
    ///
    /// # Errors
    /// [`ClipError`].
    pub fn wav(file: &[u8]) -> Result<Self, ClipError> {
        let sound = wav::read(file)?;
        let samples = resample::resampled(&sound.mixed(), sound.rate, RATE).ok_or(ClipError::Rate(sound.rate))?;
        let bytes: Vec<u8> = samples.iter().map(|sample| g711::encode(*sample)).collect();
        Self::mulaw(&bytes)
    }

    /// Mu-law as it goes over the wire. Silence before and after the voice is left out, so that latencies count from
    /// the voice.
    ///
    /// # Errors
    /// [`ClipError::Silent`].
    pub fn mulaw(bytes: &[u8]) -> Result<Self, ClipError> {
        let frames: Vec<Frame> = bytes.chunks(FRAME).map(frame).collect();
        let levels: Vec<u64> = frames.iter().map(|frame| power(frame)).collect();
        let loudest = levels.iter().copied().max().unwrap_or(0);
        let voiced = |level: &u64| *level >= AUDIBLE.max(loudest / QUIETEST);
        let first = levels.iter().position(voiced).ok_or(ClipError::Silent)?;
        let last = levels.iter().rposition(voiced).ok_or(ClipError::Silent)?;
        let frames = frames.get(first..=last).ok_or(ClipError::Silent)?;
        Ok(Self { frames: frames.into(), words: None })
    }

    /// The callers that are compiled in: three voices, short interruptions. `scripts/caller-voices` makes them.
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        BUILT_IN.clone()
    }

    pub(super) fn frame(&self, number: usize) -> Option<&Frame> {
        self.frames.get(number)
    }

    /// The same voice over and over.
    pub(super) fn looped(&self, number: usize) -> Frame {
        number.checked_rem(self.frames.len()).and_then(|number| self.frame(number)).copied().unwrap_or(SILENT)
    }

    pub(super) fn is_last(&self, number: usize) -> bool {
        number + 1 >= self.frames.len()
    }

    /// What is said, where it is known.
    pub(super) const fn words(&self) -> Option<&'static str> {
        self.words
    }
}

/// Twenty milliseconds; what is missing is silence.
fn frame(bytes: &[u8]) -> Frame {
    let mut frame = SILENT;
    frame.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    frame
}

/// Mean square of the samples.
fn power(frame: &[u8]) -> u64 {
    let square = |byte: &u8| u64::from(g711::decode(*byte).unsigned_abs()).pow(2);
    frame.iter().map(square).sum::<u64>() / (frame.len().max(1) as u64)
}

/// Whether a person would hear it.
pub(super) fn is_audible(frame: &[u8]) -> bool {
    // Most frames are plain silence, and need no arithmetic.
    frame.iter().any(|byte| byte | 0x80 != 0xff) && power(frame) >= AUDIBLE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone;

    #[test]
    fn a_file_of_any_rate_becomes_frames_of_the_telephone() {
        for (rate, channels) in [(8_000, 1), (16_000, 1), (44_100, 2)] {
            let tone = tone::sine(440.0, 400, 0.3, rate);
            let quiet = vec![0; rate as usize / 5];
            let side = [quiet.clone(), tone, quiet].concat();
            let sound =
                if channels == 1 { wav::Sound::mono(rate, side) } else { wav::Sound::stereo(rate, &side, &side) };
            let clip = Clip::wav(&wav::pcm16(&sound)).unwrap();
            assert!((20..=22).contains(&clip.frames.len()), "{rate}: {}", clip.frames.len());
            let heard: Vec<i16> = clip.frames.iter().flatten().map(|byte| g711::decode(*byte)).collect();
            assert!(tone::share(&heard, 440.0, RATE) > 0.9, "{rate}");
        }
    }

    #[test]
    fn silence_and_strangers_are_refused() {
        assert_eq!(Clip::mulaw(&[0xff; 8000]), Err(ClipError::Silent));
        assert_eq!(Clip::wav(b"ID3"), Err(ClipError::Wav(wav::WavError::NoWav)));
    }

    #[test]
    fn the_callers_that_are_compiled_in_speak() {
        let clips = Clip::built_in();
        assert_eq!(clips.len(), 3);
        for clip in clips {
            let seconds = clip.frames.len() / 50;
            assert!((1..=4).contains(&seconds) && clip.words().is_some(), "{seconds}");
            assert!(is_audible(clip.frame(0).unwrap()) && clip.frame(clip.frames.len()).is_none());
        }
    }
}
