//! RTP: multicast, unicast, and speakers that were called. With a control address also the packets of Linksys.

use super::datagram::{Datagram, Visit};
use crate::audio::FRAME;
use crate::config::paging::{Codec, Packets};
use crate::rtp::linksys::{self, Command};
use crate::rtp::{Outgoing, payload};
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};

/// Each control packet goes out so often: they have no answer.
const TIMES: usize = 2;

/// One RTP stream.
#[derive(Debug)]
pub(crate) struct Stream {
    outgoing: Outgoing,
    codec: Codec,
    /// 20 ms each.
    frames: usize,
    control: Option<Control>,
    over: bool,
}

#[derive(Debug)]
struct Control {
    to: SocketAddr,
    group: SocketAddrV4,
    id: u32,
}

impl Stream {
    pub(crate) fn new(packets: Packets, seed: u64) -> Self {
        let kind = match packets.codec {
            Codec::Pcmu => payload::PCMU,
            Codec::Pcma => payload::PCMA,
        };
        let frames = usize::try_from(packets.packet_ms / 20).unwrap_or(1).clamp(1, 3);
        Self { outgoing: Outgoing::new(kind, seed), codec: packets.codec, frames, control: None, over: false }
    }

    /// Phones are told to listen, and to stop.
    pub(crate) fn controlled(mut self, to: SocketAddr, group: SocketAddrV4) -> Self {
        let id = self.outgoing.ssrc();
        self.control = Some(Control { to, group, id });
        self
    }

    /// Before the first packet.
    pub(crate) fn begin(&self, socket: &UdpSocket) {
        self.command(socket, Command::Start);
    }

    pub(crate) fn visit(&mut self, visit: &Visit<'_>) -> Option<Datagram> {
        if visit.second || self.over || !visit.sound.completes(self.frames) {
            return None;
        }
        let header = self.outgoing.header(self.frames as u32 * FRAME as u32);
        Some(Datagram::sound(&header.write(), self.codec, self.frames))
    }

    /// What would have left now does not; the next packet says that time went by.
    pub(crate) fn pass(&mut self, visit: &Visit<'_>) {
        if visit.sound.completes(self.frames) {
            self.skip(self.frames as u32);
        }
    }

    /// So many frames will never be sent: the clock stood still.
    pub(crate) const fn skip(&mut self, frames: u32) {
        self.outgoing.skip(frames * FRAME as u32);
    }

    pub(crate) fn finish(&mut self, socket: &UdpSocket) {
        if !self.over {
            self.over = true;
            self.command(socket, Command::Stop);
        }
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }

    fn command(&self, socket: &UdpSocket, command: Command) {
        if let Some(Control { to, group, id }) = &self.control {
            let packet = linksys::packet(command, *id, *group);
            (0..TIMES).for_each(|_| drop(socket.send_to(&packet, to)));
        }
    }
}
