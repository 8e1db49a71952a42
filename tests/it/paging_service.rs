//! Pages on the whole service, over real sockets: who is heard, who is not, and how pages end.

use crate::house::House;
use crate::paging::events;
use crate::paging_place::{HERE, LONG, Place, quiet_frames, until};
use crate::support::Database;
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::Value;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use switchboard::base::{Clock, Time};
use switchboard::simulator::{Handset, HandsetError, Mouth, heard_streams};

/// The page as the API tells it, once it has ended.
async fn ended(house: &House, id: &str) -> Value {
    let page =
        async || -> Value { serde_json::from_str(&house.get(&format!("/api/pages/{id}")).await.body).expect("JSON") };
    until("the page has ended", async || page().await["state"] == "ended").await;
    page().await
}

/// The reason that the event of its end gives.
async fn told(database: &Database, id: &str) -> Vec<String> {
    let all = events(&database.db).await.into_iter();
    let of_page = all.filter(|(kind, payload)| kind == "paging.ended" && payload["page"]["id"] == id);
    of_page.map(|(_, payload)| payload["reason"].as_str().expect("a reason").to_owned()).collect()
}

/// Somebody who sends to every port, in the name of the caller, as loud as he can.
struct Stranger {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<u64>>,
}

impl Stranger {
    /// `guess`: what he has overheard of the caller: name and number of the next packet.
    fn at(ip: Ipv4Addr, house: Ipv4Addr, guess: Arc<AtomicU64>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&over);
        let spray = move || {
            let mut sent = 0;
            while !until.load(Ordering::Relaxed) {
                // A port of his own for every round.
                let socket = UdpSocket::bind((ip, 0)).expect("a socket");
                let guess = guess.load(Ordering::Relaxed);
                for port in 10_000..10_040 {
                    for packet in forged((guess >> 16) as u32, guess as u16) {
                        sent += u64::from(socket.send_to(&packet, (house, port)).is_ok());
                    }
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            sent
        };
        Self { over, thread: Some(std::thread::spawn(spray)) }
    }

    fn sent(mut self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.thread.take().map_or(0, |thread| thread.join().expect("no panic"))
    }
}

/// Six in a row under the caller's own name and numbers, and four under another one; mu-law and A-law.
fn forged(ssrc: u32, next: u16) -> Vec<Vec<u8>> {
    let packet = |kind: u8, sequence: u16, ssrc: u32| {
        let mut bytes = vec![0x80, kind];
        bytes.extend(sequence.to_be_bytes());
        bytes.extend((u32::from(sequence) * 160).to_be_bytes());
        bytes.extend(ssrc.to_be_bytes());
        // The loudest there is, from one end to the other.
        bytes.extend([0x80, 0x00].repeat(80));
        bytes
    };
    let caller = (0..6).map(|n| packet(0, next.wrapping_add(n), ssrc));
    caller.chain((0..4).map(|n| packet(8, n, 7))).collect()
}

fn overheard(mouth: &Mouth) -> u64 {
    u64::from(mouth.ssrc()) << 16 | u64::from(mouth.next())
}

/// Says each frame, and lets strangers know how far it is.
async fn say(phone: &mut Handset, frames: &[[u8; 160]], guess: &AtomicU64) {
    for pair in frames.chunks(5) {
        guess.store(overheard(&phone.mouth), Ordering::Relaxed);
        phone.mouth.say_all(pair).await.expect("sent");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_sprays_every_port_is_not_heard() {
    let (database, place) = (Database::sqlite(), Place::new());
    let house = place.house(&database, Clock::System, "").await;
    let (hall, yard) = (place.hall(), place.yard());
    let std::net::IpAddr::V4(target) = place.sip.ip() else { panic!("IPv4") };
    let guess = Arc::new(AtomicU64::new(0));
    let outside = Stranger::at(Ipv4Addr::new(127, 0, 0, 66), target, Arc::clone(&guess));
    let mut phone = place.call("701").await.expect("a page");
    // Speakers have opened when the first word comes.
    tokio::time::sleep(Duration::from_millis(120)).await;
    let said = quiet_frames(70);
    say(&mut phone, &said[..10], &guess).await;
    // From here on one sits at the caller's own machine.
    let beside = Stranger::at(HERE, target, Arc::clone(&guess));
    say(&mut phone, &said[10..], &guess).await;
    let id = phone.page().to_owned();
    phone.hang_up().await.expect("hung up");
    assert!(outside.sent() + beside.sent() > 10_000);

    let streams = heard_streams(&hall.heard());
    assert_eq!(streams.len(), 1);
    let loudest = streams[0].samples().into_iter().map(i16::unsigned_abs).max();
    assert!(loudest.is_some_and(|loudest| (100..600).contains(&loudest)), "nobody but the caller: {loudest:?}");
    let heard: Vec<usize> = streams[0]
        .payload
        .as_chunks::<160>()
        .0
        .iter()
        .filter_map(|packet| said.iter().position(|frame| frame == packet))
        .collect();
    assert!(heard.is_sorted() && heard.len() > 40, "what the caller said, in its order: {heard:?}");
    assert_eq!(yard.heard(), []);
    let page = ended(&house, &id).await;
    let counts = &page["packets"];
    assert!(counts["rejected"].as_u64().is_some_and(|count| count > 1_000), "{page}");
    assert!(counts["received"].as_u64().is_some_and(|count| (60..=70).contains(&count)), "{page}");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_end_of_a_page_has_its_reason_in_its_row_and_its_event() {
    let (database, place) = (Database::sqlite(), Place::new());
    let clock = Clock::manual("2026-11-20T16:00:00Z".parse::<Time>().expect("a time"));
    let house = place.house(&database, clock.clone(), "").await;
    let mut ends: Vec<(String, &str)> = Vec::new();

    let mut phone = place.call("701").await.expect("a page");
    phone.mouth.say_all(&quiet_frames(8)).await.expect("sent");
    ends.push((phone.page().to_owned(), "hangup"));
    phone.hang_up().await.expect("hung up");

    // Nothing ever comes from this one.
    let silent = place.call("701").await.expect("the zone is free again");
    assert!(matches!(place.call("701").await, Err(HandsetError::Refused(486))));
    clock.advance(TimeDelta::milliseconds(19_900));
    assert_eq!(silent.hung_up(Duration::from_millis(250)).await, None, "not yet");
    clock.advance(TimeDelta::milliseconds(200));
    assert_eq!(silent.hung_up(LONG).await.as_deref(), Some(""));
    ends.push((silent.page().to_owned(), "media_timeout"));

    let long = place.call("701").await.expect("the zone is free again");
    clock.advance(TimeDelta::seconds(61));
    assert_eq!(long.hung_up(LONG).await.as_deref(), Some(""));
    ends.push((long.page().to_owned(), "limit"));

    let one = place.call("701").await.expect("the zone is free again");
    let all = place.call("700").await.expect("more urgent");
    assert_eq!(one.hung_up(LONG).await.as_deref(), Some("SIP;cause=503;text=\"Preempted\""));
    ends.push((one.page().to_owned(), "preempted"));
    assert_eq!(house.act(Method::DELETE, &format!("/api/pages/{}", all.page())).await.status, 200);
    assert_eq!(all.hung_up(LONG).await.as_deref(), Some(""));
    ends.push((all.page().to_owned(), "operator"));

    for (id, reason) in ends {
        assert_eq!(ended(&house, &id).await["reason"], reason);
        assert_eq!(told(&database, &id).await, [reason], "once");
    }
    house.running.stop().await;
    assert_eq!(database.count("select count(*) from pages where state = 'playing'").await, 0);
}
