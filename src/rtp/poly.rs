//! Poly's push-to-talk and group paging: UDP packets of its own to a multicast group, not RTP.
//!
//! Alerts come first and open the speakers, then sound, each packet with the one before it once more, then ends. All
//! three kinds begin with the same twenty bytes.

use std::ops::RangeInclusive;

/// Alerts before the sound.
pub const ALERTS: u32 = 31;
/// Ends after it.
pub const ENDS: u32 = 12;
/// From one alert or end to the next, ms: receivers need the time to open.
pub const SPACING_MS: u64 = 30;
/// Bytes that all packets begin with.
pub const HEADER: usize = 20;
/// Bytes between that and the sound.
pub const SOUND_HEADER: usize = 6;

const NAME: usize = 13;
const ALERT: u8 = 0x0F;
const TRANSMIT: u8 = 0x10;
const END: u8 = 0xFF;

/// Which kind of packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// A page is about to begin.
    Alert,
    /// Sound.
    Transmit,
    /// It is over.
    End,
}

impl Op {
    const fn byte(self) -> u8 {
        match self {
            Self::Alert => ALERT,
            Self::Transmit => TRANSMIT,
            Self::End => END,
        }
    }
}

/// Channels: 1 to 25 are push-to-talk, 26 to 50 the paging groups 1 to 25.
pub const CHANNELS: RangeInclusive<u8> = 1..=50;

/// Who pages whom: what all packets of a page share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    channel: u8,
    serial: u32,
    name: [u8; NAME],
}

impl Sender {
    /// None for a channel that does not exist. `serial` is usually made of the network card's address: of two senders
    /// on a channel the lower one keeps talking. Of `name`, thirteen ASCII characters are shown.
    #[must_use]
    pub fn new(channel: u8, serial: u32, name: &str) -> Option<Self> {
        let mut shown = [0; NAME];
        let letters = name.bytes().filter(|byte| matches!(byte, 0x20..=0x7E));
        shown.iter_mut().zip(letters).for_each(|(to, from)| *to = from);
        CHANNELS.contains(&channel).then_some(Self { channel, serial, name: shown })
    }

    /// The twenty bytes; alone they are an alert or an end.
    #[must_use]
    pub fn header(&self, op: Op) -> [u8; HEADER] {
        let [a, b, c, d] = self.serial.to_be_bytes();
        let mut bytes = [0; HEADER];
        let fixed = [op.byte(), self.channel, a, b, c, d, NAME as u8];
        bytes.iter_mut().zip(fixed.iter().chain(&self.name)).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// What stands before the sound of a packet: the twenty bytes, mu-law, and how many samples went before it.
    #[must_use]
    pub fn sound_header(&self, samples: u32) -> [u8; HEADER + SOUND_HEADER] {
        let mut bytes = [0; HEADER + SOUND_HEADER];
        let [a, b, c, d] = samples.to_be_bytes();
        let all = self.header(Op::Transmit).into_iter().chain([0, 0, a, b, c, d]);
        bytes.iter_mut().zip(all).for_each(|(to, from)| *to = from);
        bytes
    }
}

/// A packet, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received<'a> {
    /// Its kind.
    pub op: Op,
    /// Who pages whom.
    pub sender: Sender,
    /// Samples sent before this packet, and its sound (the frame before and this one, the first only its own).
    pub sound: Option<(u32, &'a [u8])>,
}

/// None for anything else, and for sound that is not mu-law.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<Received<'_>> {
    let ([op, channel, a, b, c, d, length], rest) = bytes.split_first_chunk::<7>()?;
    let (name, rest) = rest.split_first_chunk::<NAME>()?;
    if usize::from(*length) != NAME || !CHANNELS.contains(channel) {
        return None;
    }
    let sender = Sender { channel: *channel, serial: u32::from_be_bytes([*a, *b, *c, *d]), name: *name };
    let (op, sound) = match *op {
        ALERT if rest.is_empty() => (Op::Alert, None),
        END if rest.is_empty() => (Op::End, None),
        TRANSMIT => (Op::Transmit, Some(sound(rest)?)),
        _ => return None,
    };
    Some(Received { op, sender, sound })
}

fn sound(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let ([codec, _flags, a, b, c, d], sound) = bytes.split_first_chunk::<SOUND_HEADER>()?;
    (*codec == 0).then(|| (u32::from_be_bytes([*a, *b, *c, *d]), sound))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bytes_are_those_of_the_advisory() {
        let sender = Sender::new(26, 0x0004_F2AB, "Reception").expect("a channel");
        let alert = [&[0x0F, 0x1A, 0x00, 0x04, 0xF2, 0xAB, 13][..], b"Reception\0\0\0\0"].concat();
        assert_eq!(sender.header(Op::Alert)[..], alert);
        assert_eq!(sender.sound_header(320)[20..], [0, 0, 0, 0, 1, 0x40]);
        assert!(Sender::new(0, 1, "").is_none() && Sender::new(51, 1, "").is_none());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(channel in 1u8..=50, serial: u32, name: String, count: u32, sound: Vec<u8>) {
            let sender = Sender::new(channel, serial, &name).expect("a channel");
            for op in [Op::Alert, Op::End] {
                let bytes = sender.header(op);
                prop_assert_eq!(parse(&bytes), Some(Received { op, sender: sender.clone(), sound: None }));
            }
            let bytes = [&sender.sound_header(count)[..], &sound].concat();
            prop_assert_eq!(parse(&bytes), Some(Received { op: Op::Transmit, sender, sound: Some((count, &sound)) }));
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&bytes);
        }
    }
}
