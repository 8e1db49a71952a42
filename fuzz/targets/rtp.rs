//! Any datagrams: the first byte of each says how long it is and whom it comes from.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use switchboard::rtp::{Inbound, Sources, Terms, linksys, payload, poly};

fuzz_target!(|input: &[u8]| {
    let start = Instant::now();
    let named: SocketAddr = ([192, 0, 2, 7], 4000).into();
    let stranger: SocketAddr = ([198, 51, 100, 9], 4000).into();
    let sound: Vec<(u8, fn(u8) -> i16)> = vec![(payload::PCMU, i16::from)];
    let sources = Sources { named, allowed: Vec::new() };
    let mut leg = Inbound::new(Terms { sources, sound, keys: Some(101) }, start);
    let (mut rest, mut ms) = (input, 0);
    while let Some((first, after)) = rest.split_first() {
        let (datagram, next) = after.split_at(after.len().min(usize::from(first & 0x7F)));
        let _ = (poly::parse(datagram), linksys::parse(datagram));
        ms += u64::from(first & 0x1F);
        let now = start + Duration::from_millis(ms);
        leg.receive(if first & 0x80 == 0 { named } else { stranger }, datagram, now);
        leg.frame(now);
        assert_ne!(leg.source(), Some(stranger));
        rest = next;
    }
});
