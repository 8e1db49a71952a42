//! What is counted of a stream, in plain numbers: shared counters are touched once a second.

use std::time::Duration;

/// How an interruption ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interruption {
    /// The caller spoke; playback was cut.
    Speech,
    /// The caller pressed a key; playback was cut.
    Key,
    /// Playback paused on suspicion and went on.
    Resumed,
    /// The agent took back what it said.
    Agent,
}

impl Interruption {
    pub(super) const ALL: [(Self, &'static str); 4] =
        [(Self::Speech, "speech"), (Self::Key, "key"), (Self::Resumed, "resumed"), (Self::Agent, "agent")];
}

/// What may be wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    /// It cannot be understood.
    Malformed,
    /// It belongs to another stream.
    Elsewhere,
    /// Nothing that we know.
    Unknown,
}

impl Odd {
    pub(super) const ALL: [(Self, &'static str); 3] =
        [(Self::Malformed, "malformed"), (Self::Elsewhere, "elsewhere"), (Self::Unknown, "unknown")];
}

/// Counts since they were last taken.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    pub frames_in: u64,
    /// By [`Interruption`].
    pub interruptions: [u32; 4],
    /// By [`Odd`].
    pub odd: [u32; 3],
    /// Answers that were heard.
    pub answers: Vec<Duration>,
    /// "One moment" that was heard.
    pub fillers: Vec<Duration>,
}

/// The same, and totals.
#[derive(Debug, Default)]
pub(super) struct Counts {
    fresh: Fresh,
    pub total_frames_in: u64,
    pub total_interruptions: [u32; 4],
}

impl Counts {
    pub(super) const fn frame(&mut self) {
        self.fresh.frames_in += 1;
        self.total_frames_in += 1;
    }

    pub(super) fn interruption(&mut self, how: Interruption) {
        for counts in [&mut self.fresh.interruptions, &mut self.total_interruptions] {
            if let Some(count) = counts.get_mut(how as usize) {
                *count += 1;
            }
        }
    }

    pub(super) fn odd(&mut self, how: Odd) {
        if let Some(count) = self.fresh.odd.get_mut(how as usize) {
            *count += 1;
        }
    }

    pub(super) fn answer(&mut self, waited: Duration) {
        self.fresh.answers.push(waited);
    }

    pub(super) fn filler(&mut self, waited: Duration) {
        self.fresh.fillers.push(waited);
    }

    /// Playback that was cut by the caller.
    pub(super) const fn interrupts(&self) -> u32 {
        let [speech, key, ..] = self.total_interruptions;
        speech + key
    }

    /// What is new since the last time.
    pub(super) fn take(&mut self) -> Fresh {
        std::mem::take(&mut self.fresh)
    }
}
