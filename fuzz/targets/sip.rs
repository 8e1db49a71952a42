//! Any datagram at the front door. An answer is itself a message, and one that nobody answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::net::SocketAddr;
use switchboard::sip::{Transport, Verdict, judge};

fuzz_target!(|datagram: &[u8]| {
    let source: SocketAddr = ([192, 0, 2, 7], 5060).into();
    for transport in [Transport::Udp, Transport::Tcp] {
        if let Verdict::Refuse(echo, answer) = judge(datagram, source, transport) {
            let text = answer.write(&echo, "ours");
            assert!(matches!(judge(&text, source, transport), Verdict::Silence | Verdict::Response(_)));
        }
    }
});
