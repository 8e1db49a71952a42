//! The receiving side of a leg: datagrams in, frames and keys out.

use super::jitter::{Jitter, Pulled};
use super::key::{Keys, TelephoneEvent};
use super::latch::{Latch, Learned, Sources};
use super::packet::Packet;
use super::sequence::{Seen, Sequence};
use super::{Samples, payload};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// One byte of an encoding as a sample.
pub type Decode = fn(u8) -> i16;

/// What was agreed with the other side.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Where the sound may come from.
    pub sources: Sources,
    /// Payload types of sound, with their decoders; one byte is one sample.
    pub sound: Vec<(u8, Decode)>,
    /// Payload type of telephone keys.
    pub keys: Option<u8>,
}

/// What a datagram brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing that anybody has to act upon.
    Nothing,
    /// A key was pressed.
    Key(char),
}

/// What came, for the row of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets of the source.
    pub packets: u64,
    /// Missing in its count.
    pub lost: u64,
    /// After their time.
    pub late: u64,
    /// From others than the source.
    pub refused: u64,
    /// Not RTP.
    pub malformed: u64,
    /// Of a payload type that was not agreed on.
    pub foreign: u64,
}

/// The receiving side of one leg.
#[derive(Debug)]
pub struct Inbound {
    terms: Terms,
    latch: Latch,
    sequence: Sequence,
    ssrc: Option<u32>,
    jitter: Jitter,
    keys: Keys,
    counts: Counts,
    /// Of streams before the present one.
    lost_before: u64,
    last: Instant,
}

impl Inbound {
    /// A leg that was agreed on `now`.
    #[must_use]
    pub fn new(terms: Terms, now: Instant) -> Self {
        Self {
            latch: Latch::new(terms.sources.clone(), now),
            terms,
            sequence: Sequence::default(),
            ssrc: None,
            jitter: Jitter::default(),
            keys: Keys::default(),
            counts: Counts::default(),
            lost_before: 0,
            last: now,
        }
    }

    /// A new offer was agreed on: the source is learned anew, unless it is the same.
    pub fn renew(&mut self, terms: Terms, now: Instant) {
        if terms.sources.named != self.terms.sources.named {
            self.latch = Latch::new(terms.sources.clone(), now);
        }
        self.terms = terms;
        self.last = now;
    }

    /// A datagram came.
    pub fn receive(&mut self, from: SocketAddr, bytes: &[u8], now: Instant) -> Heard {
        let Some(packet) = Packet::parse(bytes) else {
            self.counts.malformed += 1;
            return Heard::Nothing;
        };
        match self.latch.judge(from, packet.header, bytes, now) {
            Learned::Known => self.take(&packet, now),
            Learned::Waiting => Heard::Nothing,
            Learned::Refused(_) => {
                self.counts.refused += 1;
                Heard::Nothing
            }
            // At most one of four packets in a row is the first of a key.
            Learned::Source(kept) => kept.iter().fold(Heard::Nothing, |heard, (at, bytes)| {
                let taken = Packet::parse(bytes).map_or(Heard::Nothing, |packet| self.take(&packet, *at));
                if heard == Heard::Nothing { taken } else { heard }
            }),
        }
    }

    /// The frame that is due `now`: once every 20 ms.
    pub fn frame(&mut self, now: Instant) -> (Samples, Pulled) {
        self.jitter.pull(now)
    }

    /// How long the other side has sent nothing.
    #[must_use]
    pub fn silent_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.last)
    }

    /// Where the sound comes from, once that is known.
    #[must_use]
    pub fn source(&self) -> Option<SocketAddr> {
        self.latch.source()
    }

    /// Whether frames still wait to be played.
    #[must_use]
    pub const fn has_frames(&self) -> bool {
        self.jitter.waiting() >= super::FRAME as i64
    }

    /// What came so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let lost = self.lost_before + self.sequence.lost();
        Counts { lost, late: self.jitter.late(), ..self.counts }
    }

    fn take(&mut self, packet: &Packet<'_>, now: Instant) -> Heard {
        let header = packet.header;
        self.counts.packets += 1;
        self.last = self.last.max(now);
        if self.ssrc != Some(header.ssrc) {
            self.lost_before += self.sequence.lost();
            (self.sequence, self.keys, self.ssrc) = (Sequence::default(), Keys::default(), Some(header.ssrc));
        }
        if self.sequence.see(header.sequence) == Seen::Odd {
            return Heard::Nothing;
        }
        if self.terms.keys == Some(header.payload_type) {
            return self.key(packet);
        }
        let sound = self.terms.sound.iter().find(|(kind, _)| *kind == header.payload_type);
        match sound {
            Some((_, decode)) => {
                let samples: Vec<i16> = packet.payload.iter().map(|byte| decode(*byte)).collect();
                self.jitter.push(header.timestamp, &samples, now);
            }
            None if header.payload_type == payload::COMFORT_NOISE => self.jitter.rest(),
            None => self.counts.foreign += 1,
        }
        Heard::Nothing
    }

    fn key(&mut self, packet: &Packet<'_>) -> Heard {
        let Some(event) = TelephoneEvent::parse(packet.payload) else {
            self.counts.malformed += 1;
            return Heard::Nothing;
        };
        self.jitter.mute(packet.header.timestamp, event.duration);
        self.keys.press(packet.header.timestamp, event).map_or(Heard::Nothing, Heard::Key)
    }
}
