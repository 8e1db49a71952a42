//! Many packets in one call: `sendmmsg` where there is one.

use crate::paging::outputs::{Channel, Datagram, Sound, Way};
use std::io::{self, IoSlice};
use std::sync::Arc;

/// Packets that are to leave in this slot, with the channels that made them.
#[derive(Debug, Default)]
pub(super) struct Batch {
    due: Vec<(usize, Datagram)>,
}

/// Packets in one call.
const MOST: usize = 64;

struct Packet<'a> {
    channel: &'a Channel,
    way: &'a Way,
    parts: [IoSlice<'a>; 2],
}

impl Batch {
    pub(super) fn add(&mut self, channel: usize, datagram: Datagram) {
        self.due.push((channel, datagram));
    }

    /// Sends everything; `after` hears behind each call how many packets left.
    pub(super) fn send(&mut self, channels: &[Channel], sound: &Sound, mut after: impl FnMut(u64)) {
        let packets: Vec<Packet<'_>> = self.due.iter().filter_map(|due| made(due, channels, sound)).collect();
        let same = |a: &Packet<'_>, b: &Packet<'_>| Arc::ptr_eq(&a.way.socket, &b.way.socket);
        for call in packets.chunk_by(same).flat_map(|run| run.chunks(MOST)) {
            after(sent(call));
        }
        drop(packets);
        self.due.clear();
    }
}

fn made<'a>((index, datagram): &'a (usize, Datagram), channels: &'a [Channel], sound: &'a Sound) -> Option<Packet<'a>> {
    let channel = channels.get(*index)?;
    let parts = [IoSlice::new(datagram.header()), IoSlice::new(channel.sound(datagram, sound))];
    Some(Packet { channel, way: channel.way()?, parts })
}

/// Sends packets of one socket. One that the system refuses does not keep back those behind it.
fn sent(mut packets: &[Packet<'_>]) -> u64 {
    let mut count = 0;
    while !packets.is_empty() {
        let left = match call(packets) {
            Ok(left) => left.clamp(1, packets.len()),
            Err(why) => {
                // No room: there is none for the others either.
                let missed = if why.kind() == io::ErrorKind::WouldBlock { packets.len() } else { 1 };
                packets.iter().take(missed).for_each(|packet| packet.channel.tally().missed(&why));
                packets = packets.get(missed..).unwrap_or_default();
                continue;
            }
        };
        packets.iter().take(left).for_each(|packet| packet.channel.tally().sent());
        packets = packets.get(left..).unwrap_or_default();
        count += left as u64;
    }
    count
}

#[cfg(target_os = "linux")]
fn call(packets: &[Packet<'_>]) -> io::Result<usize> {
    use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, sendmmsg};
    let Some(first) = packets.first() else { return Ok(0) };
    let mut controls: Vec<SendAncillaryBuffer<'_, '_, '_>> =
        packets.iter().map(|_| SendAncillaryBuffer::default()).collect();
    let message = |(packet, control)| {
        let Packet { way, parts, .. }: &Packet<'_> = packet;
        MMsgHdr::new_with_addr(&way.raw, parts, control)
    };
    let mut messages: Vec<MMsgHdr<'_>> = packets.iter().zip(&mut controls).map(message).collect();
    Ok(sendmmsg(&first.way.socket, &mut messages, SendFlags::DONTWAIT)?)
}

#[cfg(not(target_os = "linux"))]
fn call(packets: &[Packet<'_>]) -> io::Result<usize> {
    let Some(first) = packets.first() else { return Ok(0) };
    let bytes: Vec<u8> = first.parts.iter().flat_map(|part| part.iter().copied()).collect();
    first.way.socket.send_to(&bytes, first.way.to).map(|_| 1)
}
