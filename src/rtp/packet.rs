//! One RTP packet. By hand: twelve fixed bytes are written two million times a minute, without a builder between.

/// What stands before the payload, without the optional parts: we send none and skip those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Seven bits: what the payload is.
    pub payload_type: u8,
    /// First packet after a silence.
    pub marker: bool,
    /// Counts packets, and wraps.
    pub sequence: u16,
    /// Counts samples, and wraps.
    pub timestamp: u32,
    /// Who sends, at random.
    pub ssrc: u32,
}

impl Header {
    /// Bytes of a header without optional parts.
    pub const LEN: usize = 12;

    /// As it goes on the wire.
    #[must_use]
    pub const fn write(&self) -> [u8; Self::LEN] {
        let [s1, s0] = self.sequence.to_be_bytes();
        let [t3, t2, t1, t0] = self.timestamp.to_be_bytes();
        let [i3, i2, i1, i0] = self.ssrc.to_be_bytes();
        let kind = (self.payload_type & 0x7F) | if self.marker { 0x80 } else { 0 };
        [0x80, kind, s1, s0, t3, t2, t1, t0, i3, i2, i1, i0]
    }
}

/// A packet as it came: header and payload; contributors, extension and padding are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Its header.
    pub header: Header,
    /// Its sound, or event.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// None for what is not RTP version 2, or contradicts itself.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let ([first, kind, s1, s0, t3, t2, t1, t0, i3, i2, i1, i0], rest) =
            bytes.split_first_chunk::<{ Header::LEN }>()?;
        if first >> 6 != 2 {
            return None;
        }
        let header = Header {
            payload_type: kind & 0x7F,
            marker: kind & 0x80 != 0,
            sequence: u16::from_be_bytes([*s1, *s0]),
            timestamp: u32::from_be_bytes([*t3, *t2, *t1, *t0]),
            ssrc: u32::from_be_bytes([*i3, *i2, *i1, *i0]),
        };
        let rest = rest.get(4 * usize::from(first & 0x0F)..)?;
        let rest = if first & 0x10 == 0 { rest } else { after_extension(rest)? };
        let payload = if first & 0x20 == 0 { rest } else { before_padding(rest)? };
        Some(Self { header, payload })
    }
}

fn after_extension(bytes: &[u8]) -> Option<&[u8]> {
    let ([_, _, high, low], rest) = bytes.split_first_chunk::<4>()?;
    rest.get(4 * usize::from(u16::from_be_bytes([*high, *low]))..)
}

/// The last byte counts the padding, itself included.
fn before_padding(bytes: &[u8]) -> Option<&[u8]> {
    let padding = usize::from(*bytes.last()?);
    if padding == 0 { None } else { bytes.get(..bytes.len().checked_sub(padding)?) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn optional_parts_are_skipped() {
        let plain = Header { payload_type: 8, marker: true, sequence: 0xFFFF, timestamp: 7, ssrc: 0xDEAD_BEEF };
        let [_, fixed @ ..] = plain.write();
        // Two contributors, an extension of one word, three bytes of padding.
        let mut bytes = vec![0x80 | 0x20 | 0x10 | 2];
        bytes.extend(fixed);
        bytes.extend([1; 8]);
        bytes.extend([0xBE, 0xDE, 0, 1, 9, 9, 9, 9]);
        bytes.extend(*b"sound\0\0\x03");
        assert_eq!(Packet::parse(&bytes), Some(Packet { header: plain, payload: b"sound" }));
    }

    #[test]
    fn what_contradicts_itself_is_no_packet() {
        let good = Header { payload_type: 0, marker: false, sequence: 1, timestamp: 2, ssrc: 3 }.write();
        let with = |first: u8, rest: &[u8]| {
            let mut bytes = good.to_vec();
            bytes[0] = first;
            bytes.extend(rest);
            Packet::parse(&bytes).is_some()
        };
        assert!(with(0x80, &[]) && with(0x80, &[1, 2]));
        assert!(!with(0x00, &[1; 40]) && !with(0x40, &[1; 40]) && !with(0xC0, &[1; 40]), "other versions");
        assert!(!with(0x8F, &[0; 59]), "fewer contributors than announced");
        assert!(!with(0x90, &[0, 0, 0, 2, 1, 1, 1, 1]), "extension longer than the packet");
        assert!(!with(0xA0, &[]) && !with(0xA0, &[0]) && !with(0xA0, &[1, 9]), "padding of nothing, zero, too much");
        assert!(Packet::parse(&good[..11]).is_none());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(kind in 0u8..128, marker: bool, sequence: u16, timestamp: u32, ssrc: u32,
            payload in proptest::collection::vec(any::<u8>(), 0..400)) {
            let header = Header { payload_type: kind, marker, sequence, timestamp, ssrc };
            let bytes = [&header.write()[..], &payload].concat();
            prop_assert_eq!(Packet::parse(&bytes), Some(Packet { header, payload: &payload }));
        }
    }
}
