//! The caller's sound, cut into frames: payloads have any length, an ear wants 20 ms.

use super::utterance::FRAME;
use crate::twilio::stream::SILENCE;

/// Lost frames that are made up for with silence: one second. After a longer gap there is nothing to line up with.
const MOST_LOST: u64 = 50;
/// Milliseconds of a frame.
const FRAME_MS: u64 = 20;

/// What is left of the last payload, and when the next one should begin.
#[derive(Debug)]
pub(super) struct Framer {
    held: [u8; FRAME],
    length: usize,
    /// Where the next payload should begin, in the carrier's milliseconds.
    next_ms: Option<u64>,
}

impl Default for Framer {
    fn default() -> Self {
        Self { held: [SILENCE; FRAME], length: 0, next_ms: None }
    }
}

impl Framer {
    /// Milliseconds that were lost before a payload of the carrier's time `at_ms`: they never came, and will not.
    pub(super) fn lost(&mut self, at_ms: Option<u64>) -> u64 {
        let (Some(at), Some(next)) = (at_ms, self.next_ms) else {
            self.next_ms = at_ms;
            return 0;
        };
        self.next_ms = Some(at);
        // Half a frame may be the carrier's rounding.
        at.checked_sub(next).filter(|gap| *gap > FRAME_MS / 2).unwrap_or(0)
    }

    /// Frames of silence that stand for lost ones.
    pub(super) fn made_up(lost_ms: u64) -> u64 {
        (lost_ms / FRAME_MS).min(MOST_LOST)
    }

    /// Takes sound and hands on whole frames.
    pub(super) fn push(&mut self, mut sound: &[u8], mut take: impl FnMut(&[u8; FRAME])) {
        if let Some(next) = &mut self.next_ms {
            *next += sound.len() as u64 / 8;
        }
        if self.length == 0 {
            while let Some((frame, rest)) = sound.split_first_chunk() {
                take(frame);
                sound = rest;
            }
        }
        while !sound.is_empty() {
            let room = self.held.get_mut(self.length..).unwrap_or_default();
            let taken = room.len().min(sound.len());
            room.iter_mut().zip(sound).for_each(|(to, from)| *to = *from);
            sound = sound.get(taken..).unwrap_or_default();
            self.length += taken;
            if self.length >= FRAME {
                take(&self.held);
                self.length = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_whole_however_the_sound_comes() {
        let sound: Vec<u8> = (0..4000_u32).map(|n| (n % 253) as u8).collect();
        for piece in [1, 7, 159, 160, 161, 480, 4000] {
            let (mut framer, mut heard) = (Framer::default(), Vec::new());
            for piece in sound.chunks(piece) {
                framer.push(piece, |frame| heard.extend_from_slice(frame));
            }
            assert_eq!(heard, sound, "{piece}");
        }
    }

    #[test]
    fn gaps_are_noticed() {
        let mut framer = Framer::default();
        let lost: Vec<u64> = [40, 60, 80, 140, 160, 100, 120]
            .into_iter()
            .map(|at| {
                let lost = framer.lost(Some(at));
                framer.push(&[SILENCE; 160], |_| {});
                lost
            })
            .collect();
        assert_eq!(lost, [0, 0, 0, 40, 0, 0, 0]);
        assert_eq!((Framer::made_up(40), Framer::made_up(60_000)), (2, 50));
    }
}
