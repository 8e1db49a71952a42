//! A frame, encoded once for all outputs.

use crate::audio::{FRAME, g711};
use crate::config::paging::Codec;
use crate::paging::Frame;

/// Frames in the longest packet: 60 ms.
const MOST: usize = 3;
const SILENCE: [u8; FRAME] = [g711::SILENCE; FRAME];

/// The last frames of a page, the newest at the end.
#[derive(Debug)]
pub(crate) struct Sound {
    pcm: Frame,
    mulaw: [u8; MOST * FRAME],
    alaw: Option<Box<[u8; MOST * FRAME]>>,
    /// Frames so far.
    count: u64,
    /// Not only the silence that opens speakers.
    audible: bool,
}

impl Sound {
    /// `alaw`: whether some output wants it.
    pub(crate) fn new(alaw: bool) -> Self {
        let quiet = g711::alaw_encode(0);
        Self {
            pcm: [0; FRAME],
            mulaw: [g711::SILENCE; MOST * FRAME],
            alaw: alaw.then(|| Box::new([quiet; MOST * FRAME])),
            count: 0,
            audible: false,
        }
    }

    /// The next frame.
    pub(crate) fn next(&mut self, frame: &Frame, audible: bool) {
        self.pcm = *frame;
        self.count += 1;
        self.audible = audible;
        shift(&mut self.mulaw, frame, g711::encode);
        if let Some(alaw) = &mut self.alaw {
            shift(alaw, frame, g711::alaw_encode);
        }
    }

    /// Someone who joined wants a-law from now on.
    pub(crate) fn want(&mut self, codec: Codec) {
        if codec == Codec::Pcma && self.alaw.is_none() {
            let quiet = g711::alaw_encode(0);
            self.alaw = Some(Box::new([quiet; MOST * FRAME]));
        }
    }

    pub(crate) const fn pcm(&self) -> &Frame {
        &self.pcm
    }

    /// The newest frame in mu-law.
    pub(crate) fn mulaw(&self) -> &[u8; FRAME] {
        self.mulaw.last_chunk().unwrap_or(&SILENCE)
    }

    /// The newest `frames` of them.
    pub(crate) fn encoded(&self, codec: Codec, frames: usize) -> &[u8] {
        let all = match (codec, &self.alaw) {
            (Codec::Pcma, Some(alaw)) => alaw.as_slice(),
            _ => &self.mulaw,
        };
        all.get(all.len().saturating_sub(frames * FRAME)..).unwrap_or_default()
    }

    /// Whether a packet of so many frames is whole now.
    pub(crate) const fn completes(&self, frames: usize) -> bool {
        self.count.is_multiple_of(frames as u64)
    }

    pub(crate) const fn is_audible(&self) -> bool {
        self.audible
    }
}

fn shift(bytes: &mut [u8; MOST * FRAME], frame: &Frame, encode: fn(i16) -> u8) {
    bytes.rotate_left(FRAME);
    let newest = bytes.iter_mut().skip((MOST - 1) * FRAME);
    newest.zip(frame).for_each(|(byte, sample)| *byte = encode(*sample));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_kept_for_longer_packets() {
        let mut sound = Sound::new(true);
        for level in [100, 1_000, 10_000] {
            sound.next(&[level; FRAME], true);
        }
        let levels = |codec, frames: usize, decode: fn(u8) -> i16| -> Vec<i16> {
            sound.encoded(codec, frames).chunks(FRAME).map(|frame| decode(frame[0]) / 100).collect()
        };
        assert_eq!(levels(Codec::Pcmu, 3, g711::decode), [1, 9, 98]);
        assert_eq!(levels(Codec::Pcma, 2, g711::alaw_decode), [10, 99]);
        assert!(sound.completes(3) && sound.completes(1) && !sound.completes(2));
        assert_eq!(sound.mulaw(), sound.encoded(Codec::Pcmu, 1));
    }
}
