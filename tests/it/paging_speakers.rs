//! Speakers that are called, over real sockets: what they hear is what was said, and what they do to us stands in the row.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use switchboard::audio::{FRAME, g711, tone};
use switchboard::base::Secret;
use switchboard::config::paging::{Output, OutputKind, Packets, Password, SipSpeaker, Unicast};
use switchboard::paging::{
    Dialler, DiallerParts, Draw, Fanout, Frame, Options, PageId, PlayedOutput, Playing, Ports, Speakers,
};
use switchboard::simulator::{CalledSpeaker, HeardStream, Manner, Speaker, heard_streams};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const SECONDS: Duration = Duration::from_secs(10);
const HERE: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

struct House {
    fanout: Fanout,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl House {
    fn new(seed: u64) -> Self {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let parts = DiallerParts {
            bind: Some("127.0.0.1:5060".parse().expect("an address")),
            ports: Ports::new(&(24_000..=24_999)),
            tasks: tasks.clone(),
            stop: stop.clone(),
        };
        let dialler = Dialler::start(parts).expect("a dialler");
        let program = PathBuf::from(env!("CARGO_BIN_EXE_switchboard"));
        let fanout = Fanout::start(Some(Ipv4Addr::LOCALHOST), program, seed).expect("a clock");
        Self { fanout: fanout.calling_by(Arc::new(dialler)), tasks, stop }
    }

    fn open(&self, outputs: &[Arc<Output>]) -> Box<dyn Playing> {
        self.fanout.open(&PageId::new("pg_test"), outputs, Options::default()).expect("outputs")
    }

    /// Everything has ended by itself.
    async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        tokio::time::timeout(SECONDS, self.tasks.wait()).await.expect("no task is left");
    }
}

fn speaker(manner: Manner) -> CalledSpeaker {
    CalledSpeaker::open(HERE.into(), manner).expect("a speaker")
}

fn sip(name: &str, uri: String, ring_s: u32) -> Arc<Output> {
    let speaker = SipSpeaker { uri, user: None, password: None, ring_s, packets: Packets::default() };
    Arc::new(Output { name: name.to_owned(), kind: OutputKind::Sip(speaker), contact: None })
}

fn direct() -> (Speaker, Arc<Output>) {
    let speaker = Speaker::unicast(HERE.into()).expect("a speaker");
    let (address, port) = (IpAddr::V4(Ipv4Addr::LOCALHOST), speaker.address().port());
    let kind = OutputKind::Unicast(Unicast { address, port, packets: Packets::default() });
    (speaker, Arc::new(Output { name: "direct".to_owned(), kind, contact: None }))
}

fn speech(hz: f64, frames: usize) -> Vec<Frame> {
    tone::sine(hz, 20 * frames as u32, 0.5, 8_000).as_chunks::<FRAME>().0.to_vec()
}

/// Frames that the clock takes itself: nothing depends on when this machine finds time for us.
struct Said(Arc<Mutex<VecDeque<Frame>>>);

impl Draw for Said {
    fn draw(&mut self, _: Instant) -> Option<Frame> {
        self.0.lock().expect("a lock").pop_front()
    }
    fn rest(&mut self, _: Instant) -> Option<Frame> {
        None
    }
}

async fn say(playing: &dyn Playing, frames: &[Frame]) {
    let waiting = Arc::new(Mutex::new(frames.iter().copied().collect::<VecDeque<Frame>>()));
    playing.draw_from(Box::new(Said(Arc::clone(&waiting))));
    assert!(becomes(|| waiting.lock().expect("a lock").is_empty()).await, "all is said");
}

fn only_stream(ear: &Speaker) -> HeardStream {
    let mut streams = heard_streams(&ear.heard());
    assert_eq!(streams.len(), 1, "one stream a page");
    let stream = streams.remove(0);
    assert_eq!(stream.findings, Vec::<String>::new());
    stream
}

fn contains(stream: &HeardStream, said: &[Frame], encode: fn(i16) -> u8) -> bool {
    let said: Vec<u8> = said.iter().flatten().map(|sample| encode(*sample)).collect();
    stream.payload.windows(said.len()).step_by(FRAME).any(|heard| heard == said)
}

fn faults(played: &[PlayedOutput]) -> Vec<Option<&str>> {
    played.iter().map(|output| output.fault.as_deref()).collect()
}

/// Waits for something that another task does.
async fn becomes(mut is: impl FnMut() -> bool) -> bool {
    let until = tokio::time::Instant::now() + SECONDS;
    while !is() && tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    is()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn called_speakers_hear_every_word_beside_the_others() {
    let house = House::new(41);
    let (one, two) = (speaker(Manner::Answers(Duration::ZERO)), speaker(Manner::Answers(Duration::from_millis(150))));
    let (ear, output) = direct();
    let outputs = [output, sip("one", one.uri(), 5), sip("two", two.uri(), 5)];
    let playing = house.open(&outputs);
    assert_eq!(playing.lead(), Duration::from_millis(400), "speakers get a moment to answer");
    let said = speech(440.0, 50);
    assert!(one.ear().hears(1, SECONDS) && two.ear().hears(1, SECONDS));
    say(playing.as_ref(), &said).await;
    let played = playing.drain().await.outputs;
    assert_eq!(faults(&played), [None, None, None]);
    for called in [&one, &two] {
        assert!(called.was_told("BYE ", SECONDS));
        let stream = only_stream(called.ear());
        assert!(contains(&stream, &said, g711::encode), "payload for payload");
        assert!(tone::share(&stream.samples()[stream.payload.len() / 2..][..8 * FRAME], 440.0, 8_000) > 0.95);
        let mut gaps = stream.gaps.clone();
        gaps.sort_unstable();
        assert!((18..=22).contains(&gaps[gaps.len() / 2].as_millis()), "20 ms apart: {gaps:?}");
        let acks = called.came().iter().filter(|text| text.starts_with("ACK ")).count();
        assert_eq!(acks, 1);
    }
    let froms: Vec<SocketAddr> = [&one, &two].map(|called| called.ear().heard()[0].from).into();
    assert!(froms.iter().all(|from| (24_000..25_000).contains(&from.port()) && from.port() % 2 == 0), "{froms:?}");
    let names = [&one, &two].map(|called| only_stream(called.ear()).ssrc);
    assert!(names[0] != names[1] && names[0] != only_stream(&ear).ssrc, "each its own");

    let again = house.open(&outputs[1..2]);
    assert!(one.ear().hears(one.ear().heard().len() + 5, SECONDS));
    drop(again.drain().await);
    let streams = heard_streams(&one.ear().heard());
    assert!(streams.len() == 2 && streams[0].ssrc != streams[1].ssrc, "a new page is a new stream");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_speakers_do_to_us_stands_in_the_row_and_the_others_play() {
    let house = House::new(42);
    let manners = [
        Manner::Refuses(486),
        Manner::Refuses(302),
        Manner::Rings,
        Manner::Silent,
        Manner::HangsUp(Duration::from_millis(300)),
        Manner::Asks("let-me-page".to_owned()),
    ];
    let speakers = manners.map(speaker);
    let (ear, output) = direct();
    let called = speakers.iter().enumerate().map(|(n, speaker)| sip(&format!("s{n}"), speaker.uri(), 1));
    let outputs: Vec<Arc<Output>> = std::iter::once(output)
        .chain(called)
        .chain([
            sip("nowhere", "sip:x@no-such-name.invalid".to_owned(), 1),
            sip("tls", "sip:x@127.0.0.1;transport=tls".to_owned(), 1),
        ])
        .collect();
    let playing = house.open(&outputs);
    // Longer than a name may take to be found.
    let said = speech(440.0, 120);
    say(playing.as_ref(), &said).await;
    let played = playing.drain().await.outputs;
    let expected = [
        None,
        Some("it is busy (486)"),
        Some("it sends the call elsewhere (302), and nobody follows"),
        Some("it rings and does not answer by itself"),
        Some("it does not answer"),
        Some("the speaker hung up"),
        Some("it asks for a password, and the file has none"),
        Some("its name is not known"),
        Some("its address names a transport that is not spoken to speakers"),
    ];
    assert_eq!(faults(&played), expected);
    assert!(contains(&only_stream(&ear), &said, g711::encode), "nobody waits for them");
    assert!(
        speakers[2].was_told("CANCEL ", SECONDS) && speakers[2].was_told("ACK ", SECONDS),
        "and its 487 is acknowledged"
    );
    assert!(played[5].packets > 5, "it played until it hung up");
    assert!([0, 1, 2, 3, 5].iter().all(|n| speakers[*n].ear().heard().is_empty()), "no sound before an answer");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_speaker_joins_at_the_live_point_and_a_short_page_ends_before_it() {
    let house = House::new(43);
    let (late, never) =
        (speaker(Manner::Answers(Duration::from_millis(1_200))), speaker(Manner::Answers(Duration::from_secs(8))));
    let (ear, output) = direct();
    let playing = house.open(&[output, sip("late", late.uri(), 5), sip("never", never.uri(), 5)]);
    let said: Vec<Frame> = [speech(440.0, 30), speech(880.0, 120)].concat();
    say(playing.as_ref(), &said).await;
    let played = playing.drain().await.outputs;
    assert_eq!(faults(&played), [None, None, Some("it had not answered when the page ended")]);
    assert!(contains(&only_stream(&ear), &said, g711::encode));
    let heard = only_stream(late.ear());
    assert!(contains(&heard, &said[120..], g711::encode), "what is said now");
    assert!(!contains(&heard, &said[..20], g711::encode), "and nothing of what was said before");
    assert!(never.was_told("CANCEL ", SECONDS));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_proved() {
    let house = House::new(44);
    let asking = speaker(Manner::Asks("let-me-page".to_owned()));
    let with = |name: &str, password: &str| {
        let password = Password { variable: "SIP_PASSWORD_HALL".to_owned(), value: Secret::new(password) };
        let speaker = SipSpeaker {
            uri: asking.uri(),
            user: Some("paging".to_owned()),
            password: Some(password),
            ring_s: 5,
            packets: Packets::default(),
        };
        Arc::new(Output { name: name.to_owned(), kind: OutputKind::Sip(speaker), contact: None })
    };
    let (_ear, output) = direct();
    for (password, fault, acks) in [("guess", Some("it does not take our password"), 2), ("let-me-page", None, 4)] {
        let playing = house.open(&[output.clone(), with("hall", password)]);
        assert!(becomes(|| asking.came().iter().filter(|text| text.starts_with("ACK ")).count() >= acks).await);
        say(playing.as_ref(), &speech(440.0, 10)).await;
        let played = playing.drain().await.outputs;
        assert_eq!(played[1].fault.as_deref(), fault);
        assert_eq!(played[1].packets > 0, fault.is_none());
    }
    assert!(asking.was_told("BYE ", SECONDS));
    assert!(asking.came().iter().all(|text| !text.contains("let-me-page")));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_more_urgent_page_takes_the_call_over() {
    let house = House::new(45);
    let called = speaker(Manner::Answers(Duration::ZERO));
    let (_ear, output) = direct();
    let first = house.open(&[output.clone(), sip("hall", called.uri(), 5)]);
    assert!(called.ear().hears(5, SECONDS));
    first.leave("hall");
    let second = house.fanout.open(
        &PageId::new("pg_emergency"),
        &[sip("hall", called.uri(), 5)],
        Options { priority: 9, ..Options::default() },
    );
    let second = second.expect("outputs");
    let said = speech(880.0, 20);
    assert!(becomes(|| heard_streams(&called.ear().heard()).len() == 2).await);
    say(second.as_ref(), &said).await;
    let played = second.drain().await.outputs;
    assert!(played[0].fault.is_none() && first.alive());
    let streams = heard_streams(&called.ear().heard());
    assert!(streams.len() == 2 && contains(&streams[1], &said, g711::encode), "the second hears every word");
    let invites = called.came().iter().filter(|text| text.starts_with("INVITE ")).count();
    assert_eq!(invites, 1, "one call for both");
    drop(first.cut());
    assert!(called.was_told("BYE ", SECONDS));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stop_hangs_up() {
    let house = House::new(46);
    let called = speaker(Manner::Answers(Duration::ZERO));
    let playing = house.open(&[sip("hall", called.uri(), 5)]);
    assert!(called.ear().hears(5, SECONDS));
    house.stop.cancel();
    assert!(called.was_told("BYE ", SECONDS));
    assert!(becomes(|| !playing.alive()).await, "its only output is gone");
    assert_eq!(playing.cut().outputs[0].fault.as_deref(), Some("the service stops"));
    house.close().await;
}

/// A speaker on a connection: answers with a-law, and hears what it was sent.
async fn over_tcp(listener: TcpListener, sound: SocketAddr) -> Vec<String> {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let (mut came, mut bytes, mut text) = (Vec::new(), vec![0; 4_096], String::new());
    loop {
        let length = stream.read(&mut bytes).await.expect("bytes");
        text.push_str(std::str::from_utf8(&bytes[..length]).expect("text"));
        while let Some(end) = text.find("\r\n\r\n") {
            let of = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).expect("a header").to_owned();
            let whole = end + 4 + of("Content-Length: ").parse::<usize>().expect("a length");
            if text.len() < whole {
                break;
            }
            let message: String = text.drain(..whole).collect();
            let of = |name: &str| message.lines().find_map(|line| line.strip_prefix(name)).expect("a header");
            let body = if message.starts_with("INVITE ") {
                let port = sound.port();
                format!(
                    "v=0\r\no=s 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\n"
                )
            } else {
                String::new()
            };
            let tag = if of("To: ").contains(";tag=") { "" } else { ";tag=s" };
            let answer = format!(
                "SIP/2.0 200 OK\r\nVia: {}\r\nFrom: {}\r\nTo: {}{tag}\r\nCall-ID: {}\r\nCSeq: {}\r\nContact: <sip:s@127.0.0.1:9;transport=tcp>\r\n\
                 Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
                of("Via: "),
                of("From: "),
                of("To: "),
                of("Call-ID: "),
                of("CSeq: "),
                body.len()
            );
            came.push(message.lines().next().expect("a line").to_owned());
            if !message.starts_with("ACK ") {
                stream.write_all(answer.as_bytes()).await.expect("written");
            }
            if message.starts_with("BYE ") {
                return came;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_speaker_may_be_called_over_tcp_and_choose_a_law() {
    let house = House::new(47);
    let listener = TcpListener::bind(HERE).await.expect("a listener");
    let (uri, ear) = (
        format!("sip:s@{};transport=tcp", listener.local_addr().expect("an address")),
        Speaker::unicast(HERE.into()).expect("a speaker"),
    );
    let talk = tokio::spawn(over_tcp(listener, ear.address()));
    // Nobody listens at this one: it fails at once, not after its time to ring.
    let closed = UdpSocket::bind(HERE).expect("a socket").local_addr().expect("an address");
    let outputs = [sip("stream", uri, 5), sip("closed", format!("sip:s@{closed};transport=tcp"), 30)];
    let playing = house.open(&outputs);
    let said = speech(440.0, 20);
    assert!(ear.hears(1, SECONDS));
    say(playing.as_ref(), &said).await;
    let played = playing.drain().await.outputs;
    assert_eq!(faults(&played), [None, Some("it cannot be reached")]);
    let stream = only_stream(&ear);
    assert!(stream.payload_type == 8 && contains(&stream, &said, g711::alaw_encode));
    let came = talk.await.expect("a speaker");
    let words: Vec<&str> = came.iter().map(|line| line.split(' ').next().expect("a word")).collect();
    assert_eq!(words, ["INVITE", "ACK", "BYE"], "{came:?}");
    house.close().await;
}
