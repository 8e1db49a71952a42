//! A hundred thousand messages and descriptions that are nearly right: no panic.

use super::mutate::{Dice, mutated, torture};
use std::net::SocketAddr;
use switchboard::sip::sdp::{Offer, Ours, Speaks};
use switchboard::sip::{Framed, Frames, Transport, Verdict, judge};

const MESSAGES: usize = 100_000;

fn source() -> SocketAddr {
    "127.0.0.1:40000".parse().expect("an address")
}

/// On two threads; each has its own dice. Gives what `one` counted.
fn everywhere(seeds: &[Vec<u8>], one: impl Fn(Vec<u8>) -> usize + Sync) -> usize {
    let run = |seed: u64| {
        let mut dice = Dice(seed);
        (0..MESSAGES / 2).map(|_| one(mutated(seeds, &mut dice))).sum::<usize>()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| run(4_711));
        run(1) + other.join().expect("no panic")
    })
}

#[test]
fn mutated_torture_messages_are_survived() {
    let answered = everywhere(&torture(), |bytes| {
        let mut frames = Frames::default();
        frames.push(&bytes);
        while let Ok(Some(framed)) = frames.take() {
            assert!(framed == Framed::Ping || matches!(&framed, Framed::Message(whole) if whole.len() <= bytes.len()));
        }
        let Verdict::Refuse(echo, answer) = judge(&bytes, source(), Transport::Udp) else { return 0 };
        let text = answer.write(&echo, "ours");
        let read = judge(&text, source(), Transport::Udp);
        assert!(matches!(read, Verdict::Silence | Verdict::Response(_)), "{}", String::from_utf8_lossy(&text));
        1
    });
    assert!(answered > MESSAGES / 5, "most of them were not even read: {answered}");
}

const DESCRIPTIONS: [&str; 5] = [
    "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\n\
     a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n",
    "v=0\r\no=- 1 1 IN IP6 2001:db8::1\r\ns=-\r\nc=IN IP6 2001:db8::1\r\nt=0 0\r\na=sendonly\r\nm=audio 4000 RTP/SAVP 0\r\n\
     a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\nm=audio 4002 RTP/AVP 111 0\r\na=rtpmap:111 opus/48000/2\r\n",
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 5000 RTP/AVP 31\r\nc=IN IP4 239.1.1.1/4\r\nm=audio 0 RTP/AVP 0\r\n",
    "v=0\no=- 1 1 IN IP4 host.example.com\ns=-\nc=IN IP4 host.example.com\nt=0 0\nm=audio 49170/2 RTP/AVPF 8\na=inactive\n",
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\ni=x\r\nb=AS:64\r\nt=3034423619 3042462419\r\nr=7d 1h 0 25h\r\nz=2882844526 -1h\r\n\
     k=prompt\r\nm=audio 65535 RTP/AVP 127\r\na=rtpmap:127 PCMU/8000\r\n",
];

#[test]
fn mutated_descriptions_are_survived_and_what_is_agreed_to_is_sound() {
    let seeds: Vec<Vec<u8>> = DESCRIPTIONS.iter().map(|text| text.as_bytes().to_vec()).collect();
    let ours =
        Ours { address: "192.0.2.1:10000".parse().expect("an address"), session: 7, version: 1, speaks: Speaks::They };
    let outside = "192.0.2.9".parse().expect("an address");
    let agreed = everywhere(&seeds, |bytes| {
        let Ok(offer) = Offer::read(&bytes, outside) else { return 0 };
        let remote = offer.agreed.remote;
        assert!(remote.port() != 0 && !remote.ip().is_multicast() && !remote.ip().is_loopback(), "{remote}");
        assert!(!remote.ip().is_unspecified() && remote.is_ipv4(), "{remote}");
        // What we say to it can be read.
        let answer = ours.answer(&offer);
        assert!(Offer::read(answer.as_bytes(), outside).is_ok(), "{answer}");
        1
    });
    assert!(agreed > MESSAGES / 10, "{agreed}");
}
