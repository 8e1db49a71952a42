//! Sound that is there already: chimes of our own, and files.

use super::request::Refused;
use super::seam::{Frame, Source};
use crate::audio::resample::resampled;
use crate::audio::tone::sine;
use crate::audio::{FRAME, wav};
use crate::config::paging::{Announcement, Chime};
use std::sync::Arc;

/// Samples a second, of everything that is paged.
pub(super) const RATE: u32 = 8_000;
/// Loud enough to be heard over a hall, short of clipping.
const LEVEL: f64 = 0.4;

/// Samples of a page, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples {
    samples: Arc<[i16]>,
    at: usize,
}

impl Samples {
    /// Sound at 8 kHz.
    #[must_use]
    pub fn new(samples: impl Into<Arc<[i16]>>) -> Self {
        Self { samples: samples.into(), at: 0 }
    }

    /// A WAV file of any usual kind, as 8 kHz mono.
    ///
    /// # Errors
    /// [`Refused::Unplayable`].
    pub fn of_wav(file: &[u8]) -> Result<Self, Refused> {
        let sound =
            wav::read(file).map_err(|error| Refused::Unplayable(format!("not a WAV file that plays: {error}")))?;
        let mono = sound.mixed();
        let samples = resampled(&mono, sound.rate, RATE)
            .ok_or_else(|| Refused::Unplayable(format!("{} samples a second cannot be played", sound.rate)))?;
        if samples.is_empty() {
            return Err(Refused::Unplayable("the file holds no sound".to_owned()));
        }
        Ok(Self::new(samples))
    }

    /// How long it plays, in milliseconds.
    #[must_use]
    pub fn ms(&self) -> u64 {
        self.samples.len() as u64 * 1000 / u64::from(RATE)
    }

    /// All samples.
    #[must_use]
    pub fn all(&self) -> Arc<[i16]> {
        Arc::clone(&self.samples)
    }
}

impl Source for Samples {
    fn next(&mut self) -> Option<Frame> {
        let rest = self.samples.get(self.at..).filter(|rest| !rest.is_empty())?;
        let mut frame = [0; FRAME];
        for (to, from) in frame.iter_mut().zip(rest) {
            *to = *from;
        }
        self.at += FRAME;
        Some(frame)
    }
}

/// The samples of a chime; those of an announcement are read by whoever has files.
pub(super) fn chime(chime: &Chime) -> Arc<[i16]> {
    match chime {
        Chime::Off | Chime::Announcement(_) => Arc::new([]),
        Chime::Beep => struck(&[(880.0, 400)]),
        Chime::TwoTone => struck(&[(660.0, 500), (523.25, 700)]),
    }
}

/// Tones that fade like a struck bar.
fn struck(tones: &[(f64, u32)]) -> Arc<[i16]> {
    let mut samples = Vec::new();
    for (hz, ms) in tones {
        let tone = sine(*hz, *ms, LEVEL, RATE);
        let count = tone.len() as f64;
        let faded = tone.iter().enumerate().map(|(n, sample)| (f64::from(*sample) * (1.0 - n as f64 / count)) as i16);
        samples.extend(faded);
    }
    samples.into()
}

/// Reads an announcement from its file.
///
/// # Errors
/// [`Refused::Unplayable`], without the path: callers hear of it.
pub(super) fn announcement(announcement: &Announcement) -> Result<Samples, Refused> {
    let file = std::fs::read(&announcement.file).map_err(|error| {
        tracing::error!(announcement = announcement.name, file = announcement.file, %error, "an announcement cannot be read");
        Refused::Unplayable(format!("announcement {} cannot be read: {error}", announcement.name))
    })?;
    Samples::of_wav(&file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_becomes_frames_and_the_last_one_is_filled_with_silence() {
        let file = wav::pcm16(&wav::Sound { rate: 8_000, channels: 1, samples: vec![7; 250] });
        let mut source = Samples::of_wav(&file).expect("a file");
        assert_eq!(source.ms(), 31);
        assert_eq!(source.next(), Some([7; FRAME]));
        let last = source.next().expect("a second frame");
        assert_eq!((last[89], last[90]), (7, 0));
        assert_eq!(source.next(), None);
    }

    #[test]
    fn what_is_no_sound_is_refused() {
        for file in [&b"RIFF"[..], &wav::pcm16(&wav::Sound { rate: 8_000, channels: 1, samples: vec![] })] {
            assert!(matches!(Samples::of_wav(file), Err(Refused::Unplayable(_))));
        }
    }

    #[test]
    fn chimes_are_as_long_as_they_are_and_never_clip() {
        assert_eq!(chime(&Chime::Off).len(), 0);
        assert_eq!(chime(&Chime::Beep).len(), 3_200);
        assert_eq!(chime(&Chime::TwoTone).len(), 9_600);
        assert!(chime(&Chime::TwoTone).iter().all(|sample| sample.unsigned_abs() < 14_000));
    }
}
