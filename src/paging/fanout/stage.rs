//! What is played when: silence that opens speakers, the chime, speech, silence that closes them.

use crate::audio::FRAME;
use crate::paging::Frame;
use std::sync::Arc;
use std::time::Duration;

/// Silence before the first sound, so that speakers open: 100 ms.
const OPENING: u32 = 5;
/// Silence behind the last: 100 ms.
const CLOSING: u32 = 5;
const FRAME_MS: u128 = 20;

/// Where a page stands.
#[derive(Debug)]
pub(super) struct Stage {
    now: Now,
    chime: Arc<[i16]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Now {
    Opening(u32),
    /// Samples of it that were played.
    Chime(usize),
    Speech,
    Draining,
    Closing(u32),
    Over,
}

/// What is to be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// That opens or closes speakers.
    Silence,
    Chime(Box<Frame>),
    /// Whatever the page's owner has; silence if he has nothing.
    Speech,
    /// The last frames of his; when he has none, [`Stage::drained`].
    Rest,
    /// Nothing more.
    Nothing,
}

impl Stage {
    pub(super) fn new(settle: Duration, chime: Arc<[i16]>) -> Self {
        Self { now: Now::Opening(opening(settle)), chime }
    }

    /// What the next frame is.
    pub(super) fn next(&mut self) -> Due {
        match self.now {
            Now::Opening(left) => {
                self.now = if left > 1 { Now::Opening(left - 1) } else { self.after_opening() };
                Due::Silence
            }
            Now::Chime(played) => {
                let rest = self.chime.get(played..).unwrap_or_default();
                let mut frame = [0; FRAME];
                frame.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                self.now = if rest.len() > FRAME { Now::Chime(played + FRAME) } else { Now::Speech };
                Due::Chime(Box::new(frame))
            }
            Now::Speech => Due::Speech,
            Now::Draining => Due::Rest,
            Now::Closing(left) => {
                self.now = if left > 1 { Now::Closing(left - 1) } else { Now::Over };
                Due::Silence
            }
            Now::Over => Due::Nothing,
        }
    }

    /// The owner has no more to say. A chime that plays is played to its end, and so is the silence before it: who only
    /// wanted the chime is heard.
    pub(super) fn drain(&mut self) {
        if self.now == Now::Speech {
            self.now = Now::Draining;
        }
    }

    pub(super) fn drained(&mut self) {
        self.now = Now::Closing(CLOSING);
    }

    fn after_opening(&self) -> Now {
        if self.chime.is_empty() { Now::Speech } else { Now::Chime(0) }
    }
}

/// Frames of silence that open a page.
fn opening(settle: Duration) -> u32 {
    u32::try_from(settle.as_millis().div_ceil(FRAME_MS)).unwrap_or(u32::MAX).max(OPENING)
}

/// From the opening to the first frame of speech.
pub(super) fn lead(settle: Duration, chime: &[i16]) -> Duration {
    let frames = opening(settle) + u32::try_from(chime.len().div_ceil(FRAME)).unwrap_or(0);
    Duration::from_millis(20) * frames
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_runs_through_its_stages() {
        let chime: Arc<[i16]> = vec![7; FRAME + 40].into();
        assert_eq!(lead(Duration::ZERO, &chime), Duration::from_millis(140));
        assert_eq!(lead(Duration::from_millis(130), &[]), Duration::from_millis(140));
        let mut stage = Stage::new(Duration::ZERO, chime);
        assert!((0..5).all(|_| stage.next() == Due::Silence));
        assert_eq!(stage.next(), Due::Chime(Box::new([7; FRAME])));
        assert!(matches!(stage.next(), Due::Chime(frame) if frame[39..41] == [7, 0]));
        assert_eq!((stage.next(), stage.next()), (Due::Speech, Due::Speech));
        stage.drain();
        assert_eq!(stage.next(), Due::Rest);
        stage.drained();
        assert!((0..5).all(|_| stage.next() == Due::Silence));
        assert_eq!(stage.next(), Due::Nothing);
    }
}
