//! A page that plays, as the clock sees it.

use super::batch::Batch;
use super::shared::Shared;
use super::slots::PER_FRAME;
use super::stage::{Due, Stage};
use crate::config::paging::Packets;
use crate::paging::outputs::{Channel, Hold, Sound, Stream, Tally, Visit};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Frames that may have waited when speech begins; what came during settling and chime is not played late.
const FRESH: usize = 5;

/// A page that plays.
pub(super) struct Run {
    pub(super) id: u64,
    pub(super) channels: Vec<Channel>,
    pub(super) stage: Stage,
    pub(super) sound: Sound,
    pub(super) shared: Arc<Shared>,
    /// Let go behind the tail.
    pub(super) holds: Vec<(Arc<Tally>, Hold)>,
    pub(super) tail: Duration,
    /// Which channels each slot of a frame visits; the second visit of a frame is marked.
    pub(super) visits: Vec<Vec<(usize, bool)>>,
    /// The next slot to be visited, since the clock began.
    pub(super) next: u64,
    /// The frame that `sound` holds, since the clock began.
    pub(super) frame: Option<u64>,
    pub(super) draining: bool,
    pub(super) speaking: bool,
    /// No more frames; channels say goodbye.
    pub(super) finishing: bool,
}

/// What a visit has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Goes,
    Over,
}

impl Run {
    /// The visits of a frame, from the slot of each channel.
    pub(super) fn visits(channels: &[Channel], slots: &[u64]) -> Vec<Vec<(usize, bool)>> {
        let mut visits = vec![Vec::new(); PER_FRAME as usize];
        let mut add = |slot: u64, channel, second| {
            if let Some(of) = visits.get_mut((slot % PER_FRAME) as usize) {
                of.push((channel, second));
            }
        };
        for (at, (channel, slot)) in channels.iter().zip(slots).enumerate() {
            if channel.twice() {
                add(slot % (PER_FRAME / 2), at, false);
                add(slot % (PER_FRAME / 2) + PER_FRAME / 2, at, true);
            } else {
                add(*slot, at, false);
            }
        }
        // One frame is made even for a page whose outputs have all failed to open.
        visits
    }

    /// The next slot that has something to do, from this one on: the first of each frame, and those with channels.
    pub(super) fn due(&self) -> u64 {
        let mut slot = self.next;
        while !slot.is_multiple_of(PER_FRAME) && self.channels_at(slot).is_empty() {
            slot += 1;
        }
        slot
    }

    /// Whole frames by which it is late at `slot`.
    pub(super) fn behind(&self, slot: u64) -> u64 {
        slot.saturating_sub(self.due()) / PER_FRAME
    }

    fn channels_at(&self, slot: u64) -> &[(usize, bool)] {
        self.visits.get((slot % PER_FRAME) as usize).map_or(&[], Vec::as_slice)
    }

    /// Does what is due at `slot`, which is `at` on the clock; `skipped` frames were held up before it.
    pub(super) fn visit(&mut self, slot: u64, at: Instant, batch: &mut Batch, sent: impl FnMut(u64)) -> Progress {
        self.next = slot + 1;
        if slot.is_multiple_of(PER_FRAME) && self.frame != Some(slot / PER_FRAME) {
            self.frame = Some(slot / PER_FRAME);
            self.new_frame(at);
        }
        let visits = self.visits.get((slot % PER_FRAME) as usize).map_or(&[][..], Vec::as_slice);
        for (index, second) in visits {
            let visit = Visit { sound: &self.sound, second: *second };
            let made = self.channels.get_mut(*index).and_then(|channel| channel.visit(&visit));
            if let Some(datagram) = made {
                batch.add(*index, datagram);
            }
        }
        batch.send(&self.channels, &self.sound, sent);
        if self.finishing && slot.is_multiple_of(PER_FRAME) { self.goodbyes() } else { Progress::Goes }
    }

    /// The clock was held up: so many whole frames are left out.
    pub(super) fn skip(&mut self, frames: u64) {
        self.next += frames * PER_FRAME;
        let frames = u32::try_from(frames).unwrap_or(u32::MAX);
        self.channels.iter_mut().for_each(|channel| channel.skip(frames));
    }

    fn new_frame(&mut self, at: Instant) {
        if self.finishing {
            return;
        }
        if self.draining {
            self.stage.drain();
        }
        match self.stage.next() {
            Due::Silence => self.sound.next(&[0; _], false),
            Due::Chime(frame) => self.sound.next(&frame, true),
            Due::Speech => {
                if !std::mem::replace(&mut self.speaking, true) {
                    self.shared.keep_newest(FRESH);
                }
                self.sound.next(&self.shared.pull(at).unwrap_or([0; _]), true);
            }
            Due::Rest => match self.shared.last(at) {
                Some(frame) => self.sound.next(&frame, true),
                None => {
                    self.stage.drained();
                    self.new_frame(at);
                }
            },
            Due::Nothing => {
                self.finishing = true;
                self.channels.iter_mut().for_each(Channel::finish);
            }
        }
    }

    fn goodbyes(&mut self) -> Progress {
        let waiting = self.channels.iter_mut().filter_map(|channel| (!channel.is_over()).then_some(())).count();
        if waiting == 0 { Progress::Over } else { Progress::Goes }
    }

    pub(super) fn join(&mut self, channel: usize, to: SocketAddr, socket: Arc<UdpSocket>, packets: Packets) {
        self.sound.want(packets.codec);
        let seed = self.shared.seed(channel);
        if let Some(channel) = self.channels.get_mut(channel) {
            channel.answered(Stream::new(packets, seed), socket, to);
        }
    }

    /// One output goes to another page.
    pub(super) fn leave(&mut self, output: &str) {
        let theirs = self.channels.iter_mut().find(|channel| channel.tally().name() == output);
        theirs.into_iter().for_each(Channel::leave);
        self.holds.retain(|(tally, _)| tally.name() != output);
    }

    /// Lets go of the contacts; what they complained about is told with their outputs.
    pub(super) fn release(&mut self) -> Vec<Hold> {
        let told = |(tally, hold): (Arc<Tally>, Hold)| {
            hold.fault().into_iter().for_each(|fault| tally.remark(format!("contact: {fault}")));
            hold
        };
        self.holds.drain(..).map(told).collect()
    }

    pub(super) fn cut(&mut self) {
        drop(self.release());
        self.channels.iter_mut().for_each(Channel::cut);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_left_out_only_when_a_whole_one_was_missed() {
        let mut run = Run {
            id: 0,
            channels: Vec::new(),
            stage: Stage::new(Duration::ZERO, Arc::default()),
            sound: Sound::new(false),
            shared: Arc::new(Shared::new(0)),
            holds: Vec::new(),
            tail: Duration::ZERO,
            visits: Run::visits(&[], &[]),
            next: 41,
            frame: Some(2),
            draining: false,
            speaking: false,
            finishing: false,
        };
        assert_eq!(run.due(), 60, "one slot a frame");
        assert_eq!([60, 61, 79, 80, 99, 100].map(|slot| run.behind(slot)), [0, 0, 0, 1, 1, 2]);
        run.skip(2);
        assert_eq!((run.due(), run.behind(100)), (100, 0));
    }
}
