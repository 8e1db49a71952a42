//! The receiving side of a leg: any length of packet, any bytes, any stranger.

use proptest::prelude::*;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use switchboard::audio::g711;
use switchboard::rtp::{Decode, FRAME, Heard, Inbound, Outgoing, Packet, Pulled, Sources, Terms, payload};

const PHONE: &str = "192.0.2.7:4000";
const STRANGER: &str = "198.51.100.9:4000";
const KEYS: u8 = 101;

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn leg(now: Instant) -> Inbound {
    let sources = Sources { named: address(PHONE), allowed: vec!["192.0.2.0/24".parse().expect("a network")] };
    let sound: Vec<(u8, Decode)> = vec![(payload::PCMU, g711::decode), (payload::PCMA, g711::alaw_decode)];
    Inbound::new(Terms { sources, sound, keys: Some(KEYS) }, now)
}

/// A sender whose packets have any length.
struct Phone {
    stream: Outgoing,
    kind: u8,
}

impl Phone {
    fn new(kind: u8, seed: u64) -> Self {
        Self { stream: Outgoing::new(kind, seed), kind }
    }

    fn packet(&mut self, sound: &[i16]) -> Vec<u8> {
        let encode = if self.kind == payload::PCMA { g711::alaw_encode } else { g711::encode };
        let header = self.stream.header(u32::try_from(sound.len()).expect("a short packet"));
        header.write().into_iter().chain(sound.iter().map(|sample| encode(*sample))).collect()
    }

    /// One packet of a key that is held since `since`.
    fn key(&mut self, code: u8, since: u32, end: bool) -> Vec<u8> {
        let header = switchboard::rtp::Header { payload_type: KEYS, timestamp: since, ..self.stream.header(0) };
        header.write().into_iter().chain([code, if end { 0x8A } else { 0x0A }, 0x03, 0x20]).collect()
    }
}

/// Everything that a leg plays of packets that come evenly.
fn played(leg: &mut Inbound, packets: &[Vec<u8>], packet_ms: u64, start: Instant) -> Vec<i16> {
    let mut heard = Vec::new();
    let total = packets.len() as u64 * packet_ms + 400;
    let mut packets = (0u64..).zip(packets).peekable();
    for tick in 0..total / 20 {
        let now = start + Duration::from_millis(20 * tick + 3);
        while let Some((_, bytes)) = packets.next_if(|(n, _)| n * packet_ms <= 20 * tick) {
            leg.receive(address(PHONE), bytes, now);
        }
        let (frame, what) = leg.frame(now);
        if what == Pulled::Sound {
            heard.extend(frame);
        }
    }
    heard
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever length the packets have, and wherever counting wraps, the sound comes out whole and in order.
    #[test]
    fn sound_of_any_packet_length_comes_out_whole(which in 0usize..5, a_law: bool, seed: u64, level in 0i16..200) {
        let packet_ms = [10, 20, 30, 40, 60][which];
        let kind = if a_law { payload::PCMA } else { payload::PCMU };
        let mut phone = Phone::new(kind, seed);
        let samples: Vec<i16> = (0i16..7_200).map(|n| 1_000 + level + n).collect();
        let packets: Vec<Vec<u8>> = samples.chunks(packet_ms * 8).map(|piece| phone.packet(piece)).collect();
        let start = Instant::now();
        let heard = played(&mut leg(start), &packets, packet_ms as u64, start);
        let encode = if a_law { g711::alaw_encode } else { g711::encode };
        let decode: Decode = if a_law { g711::alaw_decode } else { g711::decode };
        let sent: Vec<i16> = samples.iter().map(|sample| decode(encode(*sample))).collect();
        prop_assert!(heard.len() + FRAME > sent.len(), "{} of {}", heard.len(), sent.len());
        prop_assert_eq!(&heard[..], &sent[..heard.len()]);
    }

    /// A stranger who sprays the port is counted, and nothing of his is heard; the phone is heard as if he were not there.
    #[test]
    fn a_stranger_puts_no_sample_on_any_output(sprayed in proptest::collection::vec((0usize..60, any::<u16>(), any::<bool>()), 0..200)) {
        let start = Instant::now();
        let (mut alone, mut sprayed_at) = (leg(start), leg(start));
        let mut phone = Phone::new(payload::PCMU, 7);
        let loud = vec![0x00; FRAME];
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for n in 0..60 {
            let now = start + Duration::from_millis(20 * n as u64);
            let packet = phone.packet(&[500; FRAME]);
            let copied = Packet::parse(&packet).expect("a packet").header;
            for (_, number, knows_the_stream) in sprayed.iter().filter(|(at, ..)| *at == n) {
                let mut header = Outgoing::new(payload::PCMU, u64::from(*number)).header(160);
                header.sequence = if *knows_the_stream { copied.sequence } else { *number };
                header.ssrc = if *knows_the_stream { copied.ssrc } else { header.ssrc };
                sprayed_at.receive(address(STRANGER), &[&header.write()[..], &loud].concat(), now);
            }
            alone.receive(address(PHONE), &packet, now);
            sprayed_at.receive(address(PHONE), &packet, now);
            first.push(alone.frame(now));
            second.push(sprayed_at.frame(now));
        }
        prop_assert_eq!(first, second);
        prop_assert_eq!(sprayed_at.counts().refused, sprayed.len() as u64);
    }

    /// Arbitrary bytes from anywhere: no panic, and no sound from strangers.
    #[test]
    fn any_bytes_are_survived(datagrams in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..80), any::<bool>(), 0u64..400), 0..60)) {
        let start = Instant::now();
        let mut leg = leg(start);
        for (bytes, from_phone, ms) in datagrams {
            let now = start + Duration::from_millis(ms);
            // Half of them look like RTP.
            let bytes = if ms.is_multiple_of(2) { [&[0x80][..], &bytes].concat() } else { bytes };
            leg.receive(address(if from_phone { PHONE } else { STRANGER }), &bytes, now);
            leg.frame(now);
        }
        let _ = leg.counts();
    }
}

#[test]
fn a_key_is_told_once_and_is_not_heard() {
    let start = Instant::now();
    let mut leg = leg(start);
    let mut phone = Phone::new(payload::PCMU, 3);
    let mut heard = Vec::new();
    let mut keys = Vec::new();
    for n in 0..60u64 {
        let now = start + Duration::from_millis(20 * n);
        let packet = phone.packet(&[6_000; FRAME]);
        let since = Packet::parse(&packet).expect("a packet").header.timestamp;
        if n == 30 {
            // 800 samples of a key, told in three packets; its tone stays in the sound.
            for end in [false, true, true] {
                keys.push(leg.receive(address(PHONE), &phone.key(11, since, end), now));
            }
        }
        leg.receive(address(PHONE), &packet, now);
        heard.push(leg.frame(now).0);
    }
    assert_eq!(keys, [Heard::Key('#'), Heard::Nothing, Heard::Nothing]);
    let muted = heard[10..].iter().flatten().filter(|sample| **sample == 0).count();
    assert_eq!(muted, 800 + FRAME, "the key and one frame behind it");
    assert!(heard[50].iter().all(|sample| *sample > 5_000), "then it goes on");
}

#[test]
fn comfort_noise_is_silence_and_counts_tell_what_happened() {
    let start = Instant::now();
    let mut leg = leg(start);
    let mut phone = Phone::new(payload::PCMU, 3);
    let packets: Vec<Vec<u8>> = (0..40).map(|_| phone.packet(&[6_000; FRAME])).collect();
    for (n, packet) in (0u64..).zip(&packets) {
        let now = start + Duration::from_millis(20 * n);
        if n < 20 && n != 10 {
            leg.receive(address(PHONE), packet, now);
        }
        if n == 20 {
            let mut header = Packet::parse(packet).expect("a packet").header;
            header.payload_type = payload::COMFORT_NOISE;
            leg.receive(address(PHONE), &[&header.write()[..], &[40]].concat(), now);
            leg.receive(address(PHONE), &[0x80, 0x60], now);
            leg.receive(address(STRANGER), packet, now);
        }
        let (frame, what) = leg.frame(now);
        if n > 25 {
            assert_eq!((frame, what), ([0; FRAME], Pulled::Silence), "{n}");
        }
    }
    let counts = leg.counts();
    assert_eq!((counts.packets, counts.lost, counts.refused, counts.malformed), (20, 1, 1, 1));
    assert!(leg.silent_for(start + Duration::from_secs(10)) >= Duration::from_secs(9));
    assert_eq!(leg.source(), Some(address(PHONE)));
}
