//! The packets that open and close a group page on Linksys and Cisco SPA phones: four words, network order. Each is
//! sent twice, to a port of its own; the sound is plain RTP.

use std::net::{Ipv4Addr, SocketAddrV4};

/// What the phones are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Listen to the group from now on.
    Start,
    /// Listen no more.
    Stop,
}

const START: u32 = 6;
const STOP: u32 = 7;

/// Bytes of a packet. One of the senders in the field sends eight for a stop; all sixteen are understood everywhere.
pub const LEN: usize = 16;

/// A packet for the group whose sound goes to `group`; `id` tells pages apart (others take the seconds of the day).
#[must_use]
pub const fn packet(command: Command, id: u32, group: SocketAddrV4) -> [u8; LEN] {
    let word = match command {
        Command::Start => START,
        Command::Stop => STOP,
    };
    let ([a, b, c, d], [e, f, g, h]) = (id.to_be_bytes(), word.to_be_bytes());
    let ([i, j, k, l], [m, n, o, p]) = (group.ip().octets(), (group.port() as u32).to_be_bytes());
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// What a packet says; a stop may end after its command. None for anything else.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<(Command, u32, Option<SocketAddrV4>)> {
    let (id, rest) = word(bytes)?;
    let (command, rest) = word(rest)?;
    let group = || {
        let (address, rest) = word(rest)?;
        let (port, rest) = word(rest)?;
        rest.is_empty().then(|| Some(SocketAddrV4::new(Ipv4Addr::from(address), u16::try_from(port).ok()?)))?
    };
    match command {
        START => Some((Command::Start, id, Some(group()?))),
        STOP if rest.is_empty() => Some((Command::Stop, id, None)),
        STOP => Some((Command::Stop, id, Some(group()?))),
        _ => None,
    }
}

fn word(bytes: &[u8]) -> Option<(u32, &[u8])> {
    bytes.split_first_chunk::<4>().map(|(word, rest)| (u32::from_be_bytes(*word), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bytes_are_those_of_the_field() {
        let group = SocketAddrV4::new(Ipv4Addr::new(224, 168, 168, 168), 34_567);
        let bytes = packet(Command::Start, 0x0102_0304, group);
        assert_eq!(bytes, [1, 2, 3, 4, 0, 0, 0, 6, 224, 168, 168, 168, 0, 0, 0x87, 0x07]);
        assert_eq!(parse(&[0, 0, 0, 9, 0, 0, 0, 7]), Some((Command::Stop, 9, None)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(id: u32, address: u32, port: u16, start: bool) {
            let group = SocketAddrV4::new(Ipv4Addr::from(address), port);
            let command = if start { Command::Start } else { Command::Stop };
            prop_assert_eq!(parse(&packet(command, id, group)), Some((command, id, Some(group))));
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..32)) {
            let _ = parse(&bytes);
        }
    }
}
