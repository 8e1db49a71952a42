//! What a loudspeaker heard: RTP streams, apart, judged packet by packet.

use super::listener::HeardPacket;
use crate::audio::{g711, wav};
use std::time::Duration;

/// One RTP stream, in the order in which its packets came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardStream {
    /// Its name.
    pub ssrc: u32,
    /// Packets of it.
    pub packets: usize,
    /// Of its first packet.
    pub first_sequence: u16,
    /// Of its first packet.
    pub first_timestamp: u32,
    /// 0 is mu-law, 8 is a-law.
    pub payload_type: u8,
    /// Payloads, one after the other.
    pub payload: Vec<u8>,
    /// What no sender may do: every finding, in words.
    pub findings: Vec<String>,
    /// From each packet to the next.
    pub gaps: Vec<Duration>,
}

impl HeardStream {
    /// What came out of the loudspeaker.
    #[must_use]
    pub fn samples(&self) -> Vec<i16> {
        let decode = if self.payload_type == 8 { g711::alaw_decode } else { g711::decode };
        self.payload.iter().map(|byte| decode(*byte)).collect()
    }

    /// The same as a file.
    #[must_use]
    pub fn wav(&self) -> Vec<u8> {
        wav::pcm16(&wav::Sound::mono(8_000, self.samples()))
    }
}

struct Read<'a> {
    kind: u8,
    marker: bool,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    payload: &'a [u8],
}

fn read(bytes: &[u8]) -> Option<Read<'_>> {
    let ([0x80, kind, s1, s0, t3, t2, t1, t0, i3, i2, i1, i0], payload) = bytes.split_first_chunk::<12>()? else {
        return None;
    };
    Some(Read {
        kind: kind & 0x7F,
        marker: kind & 0x80 != 0,
        sequence: u16::from_be_bytes([*s1, *s0]),
        timestamp: u32::from_be_bytes([*t3, *t2, *t1, *t0]),
        ssrc: u32::from_be_bytes([*i3, *i2, *i1, *i0]),
        payload,
    })
}

/// The streams of what was heard, in the order in which they began; what is no plain RTP is left out.
#[must_use]
pub fn heard_streams(packets: &[HeardPacket]) -> Vec<HeardStream> {
    let mut streams: Vec<Open> = Vec::new();
    for heard in packets {
        let Some(packet) = read(&heard.bytes) else { continue };
        match streams.iter_mut().find(|open| open.stream.ssrc == packet.ssrc) {
            Some(open) => open.next(&packet, heard),
            None => streams.push(Open::first(&packet, heard)),
        }
    }
    streams.into_iter().map(|open| open.stream).collect()
}

struct Open {
    stream: HeardStream,
    sequence: u16,
    timestamp: u32,
    last: std::time::Instant,
}

impl Open {
    fn first(packet: &Read<'_>, heard: &HeardPacket) -> Self {
        let unmarked = (!packet.marker).then(|| "its first packet has no marker".to_owned());
        let stream = HeardStream {
            ssrc: packet.ssrc,
            packets: 1,
            first_sequence: packet.sequence,
            first_timestamp: packet.timestamp,
            payload_type: packet.kind,
            payload: packet.payload.to_vec(),
            findings: unmarked.into_iter().collect(),
            gaps: Vec::new(),
        };
        let mut open = Self { stream, sequence: 0, timestamp: 0, last: heard.at };
        open.expect(packet);
        open
    }

    /// What the packet behind this one has to say.
    fn expect(&mut self, packet: &Read<'_>) {
        self.sequence = packet.sequence.wrapping_add(1);
        self.timestamp = packet.timestamp.wrapping_add(u32::try_from(packet.payload.len()).unwrap_or(0));
    }

    fn next(&mut self, packet: &Read<'_>, heard: &HeardPacket) {
        let nth = self.stream.packets;
        let mut find = |wrong: bool, what: &str| {
            if wrong {
                self.stream.findings.push(format!("packet {nth}: {what}"));
            }
        };
        find(packet.sequence != self.sequence, "a number is missing, or comes twice");
        // A marker says that time was left out.
        find(!packet.marker && packet.timestamp != self.timestamp, "time jumps");
        find(packet.marker && packet.timestamp == self.timestamp, "a marker without a gap");
        find(packet.kind != self.stream.payload_type, "another payload type");
        self.expect(packet);
        self.stream.packets += 1;
        self.stream.payload.extend(packet.payload);
        self.stream.gaps.push(heard.at.saturating_duration_since(self.last));
        self.last = heard.at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn heard(bytes: Vec<u8>) -> HeardPacket {
        HeardPacket { at: Instant::now(), from: ([127, 0, 0, 1], 9).into(), bytes }
    }

    fn packet(marker: bool, sequence: u16, timestamp: u32, ssrc: u8) -> HeardPacket {
        let [s1, s0] = sequence.to_be_bytes();
        let head = [0x80, if marker { 0x80 } else { 0 }, s1, s0];
        heard([&head[..], &timestamp.to_be_bytes(), &[0, 0, 0, ssrc], &[0xFF; 160]].concat())
    }

    #[test]
    fn streams_are_told_apart_and_faults_are_found() {
        let all = [
            packet(true, 65_535, 7, 1),
            packet(true, 5, 0, 2),
            packet(false, 0, 167, 1),
            packet(true, 1, 900, 1),
            packet(false, 7, 320, 2),
            heard(b"no packet".to_vec()),
        ];
        let streams = heard_streams(&all);
        let (one, two) = (&streams[0], &streams[1]);
        assert_eq!((one.packets, one.samples().len(), &one.findings), (3, 480, &Vec::new()));
        assert_eq!(two.findings, ["packet 1: a number is missing, or comes twice", "packet 1: time jumps"]);
    }
}
