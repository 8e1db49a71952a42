//! What engines send, as the telephone's mu-law: one rate, one channel, one loudness.

use super::error::SpeechError;
use crate::audio::pcm::Pcm16;
use crate::audio::{g711, loudness, resample, wav};
use crate::config::speech::Sound;
use bytes::Bytes;

const TELEPHONE_HZ: u32 = 8_000;
/// Ten minutes.
const LONGEST: usize = 600 * TELEPHONE_HZ as usize;

/// An engine's sound in the form that was asked for.
///
/// # Errors
/// [`SpeechError::Unreadable`].
pub(super) fn of_engine(bytes: &[u8], sound: Sound) -> Result<Bytes, SpeechError> {
    match sound {
        // Servers that know only one form send that one.
        _ if bytes.starts_with(b"RIFF") => of_wav(bytes),
        Sound::Wav => Err(unreadable("it is no WAV file")),
        Sound::Pcm { .. } if is_compressed(bytes) => Err(unreadable("it is compressed")),
        Sound::Pcm { rate } => {
            let mut samples = Vec::with_capacity(bytes.len() / 2);
            Pcm16::default().push(bytes, &mut samples);
            telephone(&samples, rate)
        }
    }
}

/// A program's sound: a WAV file, or mu-law as it is.
///
/// # Errors
/// [`SpeechError::Unreadable`].
pub(super) fn of_program(bytes: Vec<u8>) -> Result<Bytes, SpeechError> {
    if bytes.starts_with(b"RIFF") { of_wav(&bytes) } else { of_telephone(bytes.into()) }
}

/// Mu-law of 8 kHz already.
///
/// # Errors
/// [`SpeechError::Unreadable`].
pub(super) fn of_telephone(bytes: Bytes) -> Result<Bytes, SpeechError> {
    if bytes.is_empty() {
        return Err(unreadable("it is empty"));
    }
    if is_compressed(&bytes) || bytes.starts_with(b"RIFF") || bytes.starts_with(b"{") {
        return Err(unreadable("it is no mu-law"));
    }
    bounded(bytes)
}

fn of_wav(file: &[u8]) -> Result<Bytes, SpeechError> {
    let sound = wav::read(file).map_err(|error| unreadable(&error.to_string()))?;
    telephone(&sound.mixed(), sound.rate)
}

fn telephone(samples: &[i16], rate: u32) -> Result<Bytes, SpeechError> {
    if samples.is_empty() {
        return Err(unreadable("it is empty"));
    }
    let mut samples =
        resample::resampled(samples, rate, TELEPHONE_HZ).ok_or_else(|| unreadable("its rate is no usual one"))?;
    loudness::normalise(&mut samples);
    bounded(samples.iter().map(|sample| g711::encode(*sample)).collect())
}

fn bounded(sound: Bytes) -> Result<Bytes, SpeechError> {
    if sound.len() > LONGEST { Err(unreadable("it is longer than ten minutes")) } else { Ok(sound) }
}

/// MP3, Ogg, FLAC: what is sent where the wish was not heard.
fn is_compressed(bytes: &[u8]) -> bool {
    let magic: [&[u8]; 5] = [b"ID3", b"OggS", b"fLaC", &[0xFF, 0xFB], &[0xFF, 0xF3]];
    magic.iter().any(|magic| bytes.starts_with(magic))
}

fn unreadable(why: &str) -> SpeechError {
    SpeechError::Unreadable(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone;

    fn hears(sound: &Bytes, hz: f64) -> f64 {
        let samples: Vec<i16> = sound.iter().map(|byte| g711::decode(*byte)).collect();
        tone::share(&samples[800..samples.len() - 800], hz, TELEPHONE_HZ)
    }

    #[test]
    fn every_form_becomes_the_telephones() {
        let samples = tone::sine(500.0, 1_000, 0.05, 24_000);
        let file = wav::pcm16(&wav::Sound::mono(24_000, samples.clone()));
        let bare: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        for sound in [
            of_engine(&file, Sound::Wav),
            of_engine(&bare, Sound::Pcm { rate: 24_000 }),
            of_engine(&file, Sound::Pcm { rate: 24_000 }),
            of_program(file.clone()),
        ] {
            let sound = sound.unwrap();
            assert_eq!(sound.len(), 8_000);
            assert!(hears(&sound, 500.0) > 0.97);
            let samples: Vec<i16> = sound.iter().map(|byte| g711::decode(*byte)).collect();
            assert!((20.0 * loudness::active_rms(&samples).log10() + 16.0).abs() < 0.5);
        }
    }

    #[test]
    fn what_is_no_sound_is_refused() {
        assert!(of_engine(b"ID3\x04", Sound::Wav).is_err());
        assert!(of_engine(b"ID3\x04\0\0", Sound::Pcm { rate: 24_000 }).is_err());
        assert!(of_engine(b"", Sound::Pcm { rate: 24_000 }).is_err());
        assert!(of_telephone(Bytes::from_static(b"{\"detail\":1}")).is_err());
        assert!(of_program(Vec::new()).is_err());
        assert!(of_engine(&wav::pcm16(&wav::Sound::mono(24_001, vec![1; 50])), Sound::Wav).is_err());
    }
}
