//! Any description: what is agreed to is an address that sound can come from, and our answer can be read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::net::IpAddr;
use switchboard::sip::sdp::{Offer, Ours, Speaks};

fuzz_target!(|text: &[u8]| {
    let outside: IpAddr = [192, 0, 2, 9].into();
    let Ok(offer) = Offer::read(text, outside) else { return };
    let remote = offer.agreed.remote;
    assert!(remote.port() != 0 && remote.is_ipv4() && !remote.ip().is_multicast() && !remote.ip().is_loopback());
    let ours = Ours { address: ([192, 0, 2, 1], 10_000).into(), session: 7, version: 1, speaks: Speaks::They };
    assert!(Offer::read(ours.answer(&offer).as_bytes(), outside).is_ok());
});
