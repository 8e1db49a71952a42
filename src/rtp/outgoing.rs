//! The numbers of a stream that we send: at random for each page and output, because some speakers drop a stream that
//! goes back in time under its old name.

use super::packet::Header;

/// One stream, from its first packet to its last.
#[derive(Clone, Debug)]
pub struct Outgoing {
    next: Header,
}

impl Outgoing {
    /// A stream of `payload_type`; `seed` is drawn at random by the caller, anew for each stream.
    #[must_use]
    pub const fn new(payload_type: u8, seed: u64) -> Self {
        let (ssrc, numbers) = ((mixed(seed) >> 32) as u32, mixed(seed ^ 0x5851_F42D_4C95_7F2D));
        let (sequence, timestamp) = ((numbers >> 48) as u16, numbers as u32);
        Self { next: Header { payload_type, marker: true, sequence, timestamp, ssrc } }
    }

    /// Who sends, as receivers see it.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.next.ssrc
    }

    /// The header of a packet of so many samples. The first one, and the first after a gap, is marked.
    pub const fn header(&mut self, samples: u32) -> Header {
        let header = self.next;
        self.next.marker = false;
        self.next.sequence = header.sequence.wrapping_add(1);
        self.next.timestamp = header.timestamp.wrapping_add(samples);
        header
    }

    /// So many samples are not sent: the receiver's clock goes on, its count of packets does not.
    pub const fn skip(&mut self, samples: u32) {
        self.next.timestamp = self.next.timestamp.wrapping_add(samples);
        self.next.marker = true;
    }
}

/// Neighbouring seeds give unrelated numbers (the finisher of SplitMix64).
const fn mixed(seed: u64) -> u64 {
    let a = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    c ^ (c >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_wrap_and_mark_gaps() {
        let mut stream = Outgoing::new(0, 1);
        stream.next.sequence = 0xFFFF;
        stream.next.timestamp = 0xFFFF_FFFF;
        let (first, second) = (stream.header(160), stream.header(160));
        assert!(first.marker && !second.marker);
        assert_eq!((second.sequence, second.timestamp), (0, 159));
        stream.skip(320);
        let after = stream.header(160);
        assert_eq!((after.marker, after.sequence, after.timestamp), (true, 1, 639));
    }

    #[test]
    fn neighbours_do_not_look_alike() {
        let mut seen: Vec<u32> = (0..10_000).map(|seed| Outgoing::new(0, seed).ssrc()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 10_000);
    }
}
