//! Poly's group paging. The alerts that open its speakers take 0.93 s; what is said meanwhile waits and is played later,
//! so nothing is lost, and these phones are behind the other outputs of a page by that much.

use super::datagram::{Datagram, Visit};
use crate::audio::FRAME;
use crate::config::paging::Poly;
use crate::rtp::poly::{ALERTS, ENDS, Op, SPACING_MS, Sender};
use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};

/// An output of this kind is visited every 10 ms.
const VISIT_MS: u64 = 10;
/// Visits from one alert or end to the next.
const SPACING: u64 = SPACING_MS / VISIT_MS;
/// 2 s: more never waits, because sound comes in and goes out at one pace.
const MOST_WAITING: usize = 100;

/// One page on one channel.
#[derive(Debug)]
pub(crate) struct Group {
    sender: Sender,
    stage: Stage,
    visits: u64,
    waiting: VecDeque<[u8; FRAME]>,
    /// The frame before and this one.
    sound: Vec<u8>,
    samples: u32,
    finishing: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Alerts(u32),
    Sound,
    Ends(u32),
    Over,
}

impl Group {
    /// None for a channel that does not exist.
    pub(crate) fn new(poly: &Poly, serial: u32) -> Option<Self> {
        Some(Self {
            sender: Sender::new(poly.channel, serial, &poly.caller_id)?,
            stage: Stage::Alerts(0),
            visits: 0,
            waiting: VecDeque::new(),
            sound: Vec::with_capacity(2 * FRAME),
            samples: 0,
            finishing: false,
        })
    }

    pub(crate) fn visit(&mut self, visit: &Visit<'_>) -> Option<Datagram> {
        if !visit.second && !self.finishing && visit.sound.is_audible() && self.waiting.len() < MOST_WAITING {
            self.waiting.push_back(*visit.sound.mulaw());
        }
        let turn = self.visits.is_multiple_of(SPACING);
        self.visits += 1;
        match self.stage {
            Stage::Alerts(sent) if turn => {
                if sent < ALERTS {
                    self.stage = Stage::Alerts(sent + 1);
                    return Some(Datagram::bare(&self.sender.header(Op::Alert)));
                }
                self.stage = Stage::Sound;
                self.transmit(visit.second)
            }
            Stage::Sound => self.transmit(visit.second),
            Stage::Ends(sent) if turn => {
                self.stage = if sent + 1 < ENDS { Stage::Ends(sent + 1) } else { Stage::Over };
                Some(Datagram::bare(&self.sender.header(Op::End)))
            }
            Stage::Alerts(_) | Stage::Ends(_) | Stage::Over => None,
        }
    }

    fn transmit(&mut self, second: bool) -> Option<Datagram> {
        if second {
            return None;
        }
        let Some(frame) = self.waiting.pop_front() else {
            if self.finishing {
                (self.stage, self.visits) = (Stage::Ends(0), 0);
            }
            return None;
        };
        let old = self.sound.len().saturating_sub(FRAME);
        self.sound.drain(..old);
        self.sound.extend(frame);
        let header = self.sender.sound_header(self.samples);
        self.samples = self.samples.wrapping_add(FRAME as u32);
        Some(Datagram::own(&header))
    }

    /// The sound of the packet that was made last.
    pub(crate) fn sound(&self) -> &[u8] {
        &self.sound
    }

    pub(crate) const fn finish(&mut self) {
        self.finishing = true;
    }

    /// All ends at once: another page wants the channel.
    pub(crate) fn cut(&mut self, socket: &UdpSocket, to: SocketAddr) {
        if self.stage != Stage::Over {
            self.stage = Stage::Over;
            (0..ENDS).for_each(|_| drop(socket.send_to(&self.sender.header(Op::End), to)));
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }
}
