//! Sound as other sides write it, to and from the telephone's mu-law.

use crate::audio::g711;
use crate::audio::pcm::Pcm16;
use crate::audio::resample::Resampler;
use bytes::Bytes;
use std::borrow::Cow;

/// The telephone's rate.
const HERE_HZ: u32 = 8_000;

/// How sound is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Mu-law at 8 kHz: nothing to do.
    Mulaw,
    /// Little-endian 16 bit samples at this rate.
    Pcm(u32),
}

impl Format {
    /// `mulaw/8000`, `pcm16/24000`: as `switchboard-agent/1` writes it.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "mulaw/8000" => Some(Self::Mulaw),
            "pcm16/8000" => Some(Self::Pcm(8_000)),
            "pcm16/16000" => Some(Self::Pcm(16_000)),
            "pcm16/24000" => Some(Self::Pcm(24_000)),
            _ => None,
        }
    }
}

/// From the telephone to the other side.
#[derive(Debug)]
pub(super) struct Outwards {
    resampler: Option<Resampler>,
    format: Format,
}

impl Outwards {
    pub(super) fn new(format: Format) -> Self {
        Self { resampler: resampler(format, |hz| Resampler::new(HERE_HZ, hz)), format }
    }

    pub(super) fn write<'m>(&mut self, mulaw: &'m [u8]) -> Cow<'m, [u8]> {
        if self.format == Format::Mulaw {
            return Cow::Borrowed(mulaw);
        }
        let samples: Vec<i16> = mulaw.iter().map(|byte| g711::decode(*byte)).collect();
        let mut out = Vec::with_capacity(samples.len() * 3);
        match &mut self.resampler {
            Some(resampler) => resampler.push(&samples, &mut out),
            None => out = samples,
        }
        Cow::Owned(out.iter().flat_map(|sample| sample.to_le_bytes()).collect())
    }
}

/// From the other side to the telephone. One for each utterance: pieces may break anywhere.
#[derive(Debug)]
pub(super) struct Inwards {
    bytes: Pcm16,
    resampler: Option<Resampler>,
    format: Format,
}

impl Inwards {
    pub(super) fn new(format: Format) -> Self {
        Self { bytes: Pcm16::default(), resampler: resampler(format, |hz| Resampler::new(hz, HERE_HZ)), format }
    }

    pub(super) fn read(&mut self, piece: Vec<u8>) -> Bytes {
        if self.format == Format::Mulaw {
            return Bytes::from(piece);
        }
        let mut samples = Vec::with_capacity(piece.len() / 2 + 1);
        self.bytes.push(&piece, &mut samples);
        let mut here = Vec::with_capacity(samples.len());
        match &mut self.resampler {
            Some(resampler) => resampler.push(&samples, &mut here),
            None => here = samples,
        }
        mulaw(&here)
    }

    /// The end of the utterance: what the filter still held. Ready for the next one.
    pub(super) fn finish(&mut self) -> Bytes {
        let done = std::mem::replace(self, Self::new(self.format));
        let mut tail = Vec::new();
        if let Some(resampler) = done.resampler {
            resampler.finish(&mut tail);
        }
        mulaw(&tail)
    }
}

fn resampler(format: Format, make: impl Fn(u32) -> Option<Resampler>) -> Option<Resampler> {
    match format {
        Format::Pcm(hz) if hz != HERE_HZ => make(hz),
        Format::Pcm(_) | Format::Mulaw => None,
    }
}

fn mulaw(samples: &[i16]) -> Bytes {
    samples.iter().map(|sample| g711::encode(*sample)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone;

    #[test]
    fn a_tone_goes_out_and_comes_back_at_every_format_in_odd_pieces() {
        let here: Vec<u8> = tone::sine(440.0, 400, 0.5, 8_000).iter().map(|sample| g711::encode(*sample)).collect();
        for name in ["mulaw/8000", "pcm16/8000", "pcm16/16000", "pcm16/24000"] {
            let format = Format::named(name).unwrap();
            let (mut outwards, mut inwards) = (Outwards::new(format), Inwards::new(format));
            let there: Vec<u8> = here.chunks(160).flat_map(|frame| outwards.write(frame).into_owned()).collect();
            let mut back: Vec<u8> = there.chunks(333).flat_map(|piece| inwards.read(piece.to_vec())).collect();
            back.extend(inwards.finish());
            let heard: Vec<i16> = back.iter().map(|byte| g711::decode(*byte)).collect();
            assert!((3_150..=3_200).contains(&heard.len()), "{name}: {}", heard.len());
            assert!(tone::share(&heard[400..2_800], 440.0, 8_000) > 0.98, "{name}");
        }
    }
}
