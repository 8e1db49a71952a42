//! The front door: torture messages of RFC 4475, and any bytes at all.

use proptest::prelude::*;
use std::net::SocketAddr;
use std::path::Path;
use switchboard::sip::sdp::Offer;
use switchboard::sip::{Answer, Frames, Method, Transport, Verdict, judge};

/// What becomes of a message: silence, let in, or the code of an answer.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Silence,
    In(Method),
    Answer(u16),
}

fn source() -> SocketAddr {
    "127.0.0.1:40000".parse().expect("an address")
}

fn fate(bytes: &[u8], transport: Transport) -> Fate {
    match judge(bytes, source(), transport) {
        Verdict::Silence | Verdict::Response(_) => Fate::Silence,
        Verdict::Request(request) => Fate::In(request.method),
        Verdict::Refuse(_, answer) => Fate::Answer(answer.code),
    }
}

fn torture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sip-torture");
    let read = |kind: &str| std::fs::read(folder.join(kind).join(format!("{name}.sip")));
    read("valid").or_else(|_| read("invalid")).expect("a fixture")
}

const TORTURE: [(&str, Fate); 25] = [
    ("wsinv", Fate::In(Method::Invite)),
    ("esc01", Fate::In(Method::Invite)),
    ("esc02", Fate::Answer(501)),
    ("lwsdisp", Fate::In(Method::Options)),
    ("dblreq", Fate::Answer(405)),
    ("transports", Fate::In(Method::Options)),
    ("noreason", Fate::Silence),
    ("unkscm", Fate::Answer(416)),
    ("bext01", Fate::Answer(420)),
    ("invut", Fate::In(Method::Invite)),
    ("zeromf", Fate::In(Method::Options)),
    ("cparam01", Fate::Answer(405)),
    ("inv2543", Fate::In(Method::Invite)),
    ("badinv01", Fate::Answer(400)),
    ("clerr", Fate::Answer(400)),
    ("scalar02", Fate::Answer(400)),
    ("quotbal", Fate::Answer(400)),
    ("ltgtruri", Fate::Answer(400)),
    ("lwsstart", Fate::Answer(400)),
    ("escruri", Fate::Answer(400)),
    // Nobody reads Date.
    ("baddate", Fate::In(Method::Invite)),
    ("badaspec", Fate::Answer(400)),
    ("badvers", Fate::Answer(505)),
    ("mismatch01", Fate::Answer(400)),
    // Nothing to build an answer with.
    ("insuf", Fate::Silence),
];

#[test]
fn torture_messages_get_what_they_deserve() {
    for (name, expected) in &TORTURE {
        assert_eq!(fate(&torture(name), Transport::Udp), *expected, "{name}");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sip-torture");
    let files = ["valid", "invalid"].map(|kind| std::fs::read_dir(folder.join(kind)).expect("a folder").count());
    assert_eq!(files.iter().sum::<usize>(), TORTURE.len(), "a file without a row");
}

fn refused(name: &str) -> String {
    let Verdict::Refuse(echo, answer) = judge(&torture(name), source(), Transport::Udp) else {
        panic!("{name} was let in")
    };
    String::from_utf8(answer.write(&echo, "ours")).expect("text")
}

#[test]
fn answers_repeat_what_they_must() {
    let text = refused("bext01");
    assert!(text.starts_with("SIP/2.0 420 Bad Extension\r\nVia: SIP/2.0/TLS fold-and-staple.example.com;"), "{text}");
    assert!(text.contains("\r\nUnsupported: nothingSupportsThis, nothingSupportsThisEither\r\n"), "{text}");
    assert!(text.contains("\r\nTo: sip:j_user@example.com;tag=ours\r\n"), "{text}");
    assert!(text.contains(";received=127.0.0.1\r\n") && text.ends_with("Content-Length: 0\r\n\r\n"), "{text}");
    assert!(refused("dblreq").contains("\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE\r\n"));
    assert!(
        refused("badvers").contains("\r\nVia: SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw;received=127.0.0.1\r\n")
    );
    assert!(refused("clerr").starts_with("SIP/2.0 400 Body Shorter Than Content-Length\r\n"));
}

#[test]
fn all_hops_come_back_in_order() {
    let Verdict::Request(request) = judge(&torture("transports"), source(), Transport::Udp) else { panic!("refused") };
    let text = String::from_utf8(Answer::new(200).write(&request.echo, "ours")).expect("text");
    let hops: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("Via: SIP/2.0/")).collect();
    let words: Vec<&str> = hops.iter().filter_map(|hop| hop.split(' ').next()).collect();
    assert_eq!(words, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
}

#[test]
fn an_old_invite_has_its_body_and_a_stream_needs_a_length() {
    let Verdict::Request(request) = judge(&torture("inv2543"), source(), Transport::Udp) else { panic!("refused") };
    let offer = Offer::read(&request.body, source().ip()).map(|offer| offer.agreed.remote);
    assert_eq!(offer, Ok("192.0.2.5:49217".parse().expect("an address")));
    assert_eq!(fate(&torture("inv2543"), Transport::Tcp), Fate::Answer(400));
    // The length is a promise that is not kept: a stream waits for the rest.
    let mut frames = Frames::default();
    frames.push(&torture("clerr"));
    assert_eq!(frames.take(), Ok(None));
    assert!(frames.is_amid());
}

#[test]
fn answers_go_where_the_hop_asked() {
    let port = |via: &str| {
        let text = String::from_utf8(torture("zeromf")).expect("text");
        let text = text.replace("SIP/2.0/UDP host1.example.com;", via);
        let Verdict::Request(request) = judge(text.as_bytes(), source(), Transport::Udp) else { panic!("refused") };
        request.echo.target.address.port()
    };
    assert_eq!(port("SIP/2.0/UDP host1.example.com;"), 5060);
    assert_eq!(port("SIP/2.0/UDP host1.example.com:5070;"), 5070);
    assert_eq!(port("SIP/2.0/UDP host1.example.com:5070;rport;"), 40000);
}

#[test]
fn lines_cannot_be_smuggled_into_an_answer() {
    let text = String::from_utf8(torture("zeromf")).expect("text");
    for broken in [
        text.replace("Max-Forwards: 0", "Max-Forwards: 0\rVia: x"),
        text.replace("Max-Forwards: 0", "Max-Forwards: 0\r\nCSeq: 39234321 OPTIONS"),
        text.replace("Max-Forwards: 0", "Max-Forwards: 0\r\nno colon"),
        text.replace("Content-Length: 0", "Content-Length: 0\r\nContent-Length: 1"),
        text.replace("Content-Length: 0", "Content-Length: -999"),
        text.replace("Content-Length: 0", "Content-Length: +0"),
        text.replace(";tag=3ghsd41", ""),
    ] {
        assert_eq!(fate(broken.as_bytes(), Transport::Udp), Fate::Answer(400), "{broken}");
    }
    // What would have to be repeated is broken itself.
    for broken in [text.replace("tag=3ghsd41", "tag=3\rVia: x"), text.replace("tag=3ghsd41", "tag=3\0")] {
        assert_eq!(fate(broken.as_bytes(), Transport::Udp), Fate::Silence, "{broken}");
    }
}

/// Bytes that look like SIP at first sight: pieces of torture messages, in any order, with any byte changed.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<Vec<u8>> = TORTURE
        .iter()
        .flat_map(|(name, _)| torture(name).split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>())
        .collect();
    let lines = proptest::collection::vec(proptest::sample::select(pieces), 1..20);
    (lines, proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6)).prop_map(
        |(lines, changes)| {
            let mut bytes = lines.concat();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        },
    )
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop_oneof![proptest::collection::vec(any::<u8>(), 0..300), noise()]) {
        for transport in [Transport::Udp, Transport::Tcp] {
            if let Verdict::Refuse(echo, answer) = judge(&bytes, source(), transport) {
                let text = answer.write(&echo, "ours");
                // An answer is itself a message, and one that nobody answers.
                prop_assert!(!matches!(judge(&text, source(), transport), Verdict::Refuse(..) | Verdict::Request(_)));
            }
        }
        let _ = Offer::read(&bytes, source().ip());
        let mut frames = Frames::default();
        frames.push(&bytes);
        while let Ok(Some(_)) = frames.take() {}
    }
}
