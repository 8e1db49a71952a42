//! Outputs over real sockets: what speakers hear is what was said, packet by packet.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use switchboard::audio::{FRAME, g711, tone};
use switchboard::config::paging::{
    Codec, Contact, ContactKind, Multicast, Output, OutputKind, Packets, PipeFormat, Poly, Process, SipSpeaker, Unicast,
};
use switchboard::paging::{Fanout, Frame, Join, Options, PageId, Playing, SpeakerCaller, Speakers};
use switchboard::rtp::{Outgoing, Sources, Terms, linksys, payload, poly};
use switchboard::simulator::{HeardStream, Speaker, heard_streams};

const SECONDS: Duration = Duration::from_secs(10);

fn fanout(seed: u64) -> Fanout {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_switchboard"));
    Fanout::start(Some(Ipv4Addr::LOCALHOST), program, seed).expect("a clock")
}

fn output(name: &str, kind: OutputKind) -> Arc<Output> {
    Arc::new(Output { name: name.to_owned(), kind, contact: None })
}

fn multicast(group: u8, port: u16, packets: Packets) -> Multicast {
    let group = Ipv4Addr::new(239, 255, 77, group);
    Multicast { group, port, packets, ttl: 1, interface: None, local: true, control: None }
}

fn listening(to: &Multicast) -> Speaker {
    Speaker::group(SocketAddrV4::new(to.group, to.port), Ipv4Addr::LOCALHOST).expect("a speaker")
}

fn unicast_speaker() -> (Speaker, OutputKind) {
    let speaker = Speaker::unicast((Ipv4Addr::LOCALHOST, 0).into()).expect("a speaker");
    let (address, port) = (IpAddr::V4(Ipv4Addr::LOCALHOST), speaker.address().port());
    (speaker, OutputKind::Unicast(Unicast { address, port, packets: Packets::default() }))
}

fn opened(fanout: &Fanout, outputs: &[Arc<Output>], options: Options) -> Box<dyn Playing> {
    fanout.open(&PageId::new("pg_test"), outputs, options).expect("outputs")
}

/// Says frames at their pace, on a clock of the test's own.
async fn say(playing: &dyn Playing, frames: &[Frame]) {
    tokio::time::sleep(playing.lead()).await;
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    for frame in frames {
        ticks.tick().await;
        playing.push(frame);
    }
}

fn speech(hz: f64, frames: usize) -> Vec<Frame> {
    let samples = tone::sine(hz, 20 * frames as u32, 0.5, 8_000);
    samples.as_chunks::<FRAME>().0.to_vec()
}

fn only_stream(speaker: &Speaker) -> HeardStream {
    let mut streams = heard_streams(&speaker.heard());
    assert_eq!(streams.len(), 1, "one stream a page");
    let stream = streams.remove(0);
    assert_eq!(stream.findings, Vec::<String>::new());
    stream
}

/// The frames that were said stand in what was heard, byte for byte, one behind the other. Between them there may be silence:
/// a machine with other work brings a frame late.
fn contains(stream: &HeardStream, said: &[Frame], encode: fn(i16) -> u8) -> bool {
    let said: Vec<[u8; FRAME]> = said.iter().map(|frame| frame.map(encode)).collect();
    let silence = [encode(0); FRAME];
    let frames = stream.payload.as_chunks::<FRAME>().0.iter().filter(|frame| **frame != silence);
    let heard: Vec<[u8; FRAME]> = frames.copied().collect();
    heard.windows(said.len()).any(|window| window == said)
}

#[tokio::test]
async fn every_output_of_a_zone_hears_the_same_and_nobody_else_hears_anything() {
    let fanout = fanout(1);
    let (one, two) = (multicast(1, 5004, Packets::default()), multicast(2, 5004, Packets::default()));
    let a_law = Packets { codec: Codec::Pcma, packet_ms: 40, dscp: 46 };
    let (third, outside) = (multicast(3, 5006, a_law), multicast(4, 5004, Packets::default()));
    let ears: Vec<Speaker> = [&one, &two, &third, &outside].map(listening).into();
    let (direct, kind) = unicast_speaker();
    let outputs = [
        output("one", OutputKind::Multicast(one)),
        output("two", OutputKind::Multicast(two)),
        output("third", OutputKind::Multicast(third)),
        output("direct", kind),
    ];
    let said = speech(440.0, 40);
    let playing = opened(&fanout, &outputs, Options::default());
    say(playing.as_ref(), &said).await;
    let played = playing.drain().await;
    assert!(played.outputs.iter().all(|output| output.fault.is_none()), "{played:?}");
    for (ear, output) in ears.iter().take(3).chain([&direct]).zip(&played.outputs) {
        assert!(ear.hears(output.packets as usize, SECONDS), "{} sent, {} heard", output.packets, ear.heard().len());
        let stream = only_stream(ear);
        let a_law = output.output == "third";
        assert!(contains(&stream, &said, if a_law { g711::alaw_encode } else { g711::encode }), "{}", output.output);
        assert_eq!(stream.payload_type, if a_law { payload::PCMA } else { payload::PCMU });
        assert_eq!(stream.payload.len(), stream.packets * if a_law { 320 } else { 160 });
        let samples = stream.samples();
        let best = samples.chunks_exact(4 * FRAME).map(|piece| tone::share(piece, 440.0, 8_000)).fold(0.0, f64::max);
        assert!(best > 0.95, "tone in, tone out: {best}");
    }
    assert_eq!(ears[3].heard(), []);
    let mut names: Vec<u32> = ears.iter().take(3).chain([&direct]).map(|ear| only_stream(ear).ssrc).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 4, "each output its own");
}

#[tokio::test]
async fn a_new_page_is_a_new_stream_with_silence_around_its_words() {
    let fanout = fanout(2);
    let to = multicast(5, 5004, Packets::default());
    let ear = listening(&to);
    let outputs = [output("one", OutputKind::Multicast(to))];
    let said = speech(600.0, 10);
    for _ in 0..2 {
        let playing = opened(&fanout, &outputs, Options::default());
        say(playing.as_ref(), &said).await;
        let packets = playing.drain().await.outputs[0].packets;
        assert!((20..=32).contains(&packets), "{packets}");
    }
    let heard = |total| heard_streams(&ear.heard()).iter().map(|stream| stream.packets).sum::<usize>() >= total;
    assert!(ear.hears(40, SECONDS) && heard(40));
    let streams = heard_streams(&ear.heard());
    assert_eq!(streams.len(), 2);
    assert!(streams.iter().all(|stream| stream.findings.is_empty()), "{streams:?}");
    assert_ne!(streams[0].first_sequence, streams[1].first_sequence);
    assert_ne!(streams[0].first_timestamp, streams[1].first_timestamp);
    for stream in &streams {
        assert!(stream.payload[..5 * FRAME].iter().all(|byte| *byte == g711::SILENCE), "100 ms open the speaker");
        assert!(contains(stream, &said, g711::encode));
    }
}

#[tokio::test]
async fn the_chime_comes_first_and_a_cut_is_at_once() {
    let fanout = fanout(3);
    let to = multicast(6, 5004, Packets::default());
    let ear = listening(&to);
    let chime: Arc<[i16]> = tone::sine(800.0, 200, 0.5, 8_000).into();
    let options = Options { chime: chime.clone(), settle: Duration::from_millis(150), ..Options::default() };
    let playing = opened(&fanout, &[output("one", OutputKind::Multicast(to))], options);
    assert_eq!(playing.lead(), Duration::from_millis(160 + 200));
    say(playing.as_ref(), &speech(440.0, 10)).await;
    assert!(playing.alive());
    let played = playing.cut();
    let before = played.outputs[0].packets as usize;
    assert!(ear.hears(before, SECONDS));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(ear.heard().len() <= before + 1, "a packet may have been on its way");
    let samples = only_stream(&ear).samples();
    assert!(samples[..8 * FRAME].iter().all(|sample| *sample == 0), "the amplifier settles");
    let chimed: Vec<i16> = chime.iter().map(|sample| g711::decode(g711::encode(*sample))).collect();
    assert_eq!(samples[8 * FRAME..18 * FRAME], chimed);
    assert!(tone::share(&samples[20 * FRAME..24 * FRAME], 440.0, 8_000) > 0.9);
}

#[tokio::test]
async fn one_output_leaves_and_the_others_play_on() {
    let fanout = fanout(4);
    let ((first, one), (second, two)) = (unicast_speaker(), unicast_speaker());
    let playing = opened(&fanout, &[output("one", one), output("two", two)], Options::default());
    assert!(first.hears(5, SECONDS) && second.hears(5, SECONDS));
    playing.leave("one");
    let (left, going) = (first.heard().len(), second.heard().len());
    assert!(second.hears(going + 10, SECONDS));
    assert!(first.heard().len() <= left + 1 && playing.alive());
    playing.leave("two");
    assert!(!playing.alive());
    assert!(playing.drain().await.outputs.iter().all(|output| output.fault.is_none()));
}

#[tokio::test]
async fn poly_hears_alerts_then_each_frame_twice_then_ends() {
    let fanout = fanout(5);
    let group = Ipv4Addr::new(239, 255, 77, 7);
    let kind = Poly {
        group,
        port: 5001,
        channel: 26,
        caller_id: "Reception".to_owned(),
        ttl: 1,
        interface: None,
        local: true,
        dscp: 46,
    };
    let ear = Speaker::group(SocketAddrV4::new(group, 5001), Ipv4Addr::LOCALHOST).expect("a speaker");
    let playing = opened(&fanout, &[output("phones", OutputKind::Poly(kind))], Options::default());
    let said = speech(440.0, 20);
    say(playing.as_ref(), &said).await;
    let played = playing.drain().await;
    assert!(ear.hears(played.outputs[0].packets as usize, SECONDS));
    let heard = ear.heard();
    let read: Vec<_> = heard.iter().map(|packet| poly::parse(&packet.bytes).expect("Poly's packet")).collect();
    let ops: Vec<poly::Op> = read.iter().map(|packet| packet.op).collect();
    let count = |op| ops.iter().filter(|each| **each == op).count();
    assert_eq!((count(poly::Op::Alert), count(poly::Op::End)), (31, 12));
    assert!(
        ops[..31].iter().all(|op| *op == poly::Op::Alert)
            && ops[ops.len() - 12..].iter().all(|op| *op == poly::Op::End)
    );
    let alerts = heard[30].at.duration_since(heard[0].at);
    assert!((Duration::from_millis(850)..Duration::from_millis(1_000)).contains(&alerts), "{alerts:?} of alerts");
    let sounds: Vec<(u32, &[u8])> = read.iter().filter_map(|packet| packet.sound).collect();
    assert_eq!(sounds[0].1.len(), FRAME, "the first has nothing before it");
    for pair in sounds.windows(2) {
        assert_eq!(pair[1].0, pair[0].0 + 160);
        assert_eq!(pair[1].1.len(), 2 * FRAME);
        assert_eq!(pair[1].1[..FRAME], pair[0].1[pair[0].1.len() - FRAME..], "the frame before comes again");
    }
    let newest: Vec<u8> = sounds.iter().flat_map(|(_, sound)| sound[sound.len() - FRAME..].to_vec()).collect();
    let all: Vec<u8> = said.iter().flatten().map(|sample| g711::encode(*sample)).collect();
    assert!(newest.windows(all.len()).any(|window| window == all), "nothing is lost while the alerts go out");
}

#[tokio::test]
async fn linksys_is_told_twice_to_start_and_twice_to_stop() {
    let fanout = fanout(6);
    let control = Speaker::unicast((Ipv4Addr::LOCALHOST, 0).into()).expect("a phone");
    let mut to = multicast(8, 34_568, Packets::default());
    to.control = Some(control.address());
    let group = SocketAddrV4::new(to.group, to.port);
    let ear = listening(&to);
    let playing = opened(&fanout, &[output("phones", OutputKind::Multicast(to))], Options::default());
    say(playing.as_ref(), &speech(440.0, 5)).await;
    drop(playing.drain().await);
    assert!(control.hears(4, SECONDS) && ear.hears(10, SECONDS));
    let heard = control.heard();
    let told: Vec<_> = heard.iter().map(|packet| linksys::parse(&packet.bytes).expect("a command")).collect();
    let id = told[0].1;
    let (start, stop) = ((linksys::Command::Start, id, Some(group)), (linksys::Command::Stop, id, Some(group)));
    assert_eq!(told, [start, start, stop, stop]);
    assert!(heard[1].at <= ear.heard()[0].at + Duration::from_millis(5), "before the sound");
}

#[tokio::test]
async fn a_process_gets_samples_and_a_dead_one_is_a_failed_output() {
    let fanout = fanout(7);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("samples");
    let shell = |script: String, format| {
        OutputKind::Process(Process { command: vec!["sh".to_owned(), "-c".to_owned(), script], format })
    };
    let (speaker, direct) = unicast_speaker();
    let outputs = [
        output("card", shell(format!("cat > {}", file.display()), PipeFormat::S16le)),
        output("dead", shell("exit 1".to_owned(), PipeFormat::Mulaw)),
        output(
            "missing",
            OutputKind::Process(Process { command: vec!["/nowhere/aplay".to_owned()], format: PipeFormat::S16le }),
        ),
        output("deaf", shell("sleep 60".to_owned(), PipeFormat::S16le)),
        output("direct", direct),
    ];
    let playing = opened(&fanout, &outputs, Options::default());
    let said = speech(440.0, 30);
    say(playing.as_ref(), &said).await;
    let played = playing.drain().await.outputs;
    let faults: Vec<Option<&str>> = played.iter().map(|output| output.fault.as_deref()).collect();
    assert_eq!((faults[0], faults[1], faults[4]), (None, Some("the process has ended"), None));
    assert!(faults[2].is_some_and(|why| why.contains("No such file")), "{faults:?}");
    assert!(played[3].packets < played[0].packets, "a process that does not read loses frames");
    let samples: Vec<i16> =
        std::fs::read(file).expect("samples").as_chunks().0.iter().map(|b| i16::from_le_bytes(*b)).collect();
    let all: Vec<i16> = said.concat();
    assert!(samples.windows(all.len()).any(|window| window == all), "sample for sample");
    assert!(speaker.hears(30, SECONDS));
    let gaps = only_stream(&speaker).gaps;
    assert!(gaps.iter().all(|gap| *gap < Duration::from_millis(400)), "the clock waits for no process: {gaps:?}");
}

/// Answers for a speaker that is called.
struct Answering {
    joins: Mutex<Vec<Join>>,
}

impl SpeakerCaller for Answering {
    fn call(&self, _page: &PageId, _speaker: &SipSpeaker, join: Join) -> Box<dyn Send + Sync> {
        self.joins.lock().expect("a lock").push(join);
        Box::new(())
    }
}

#[tokio::test]
async fn a_called_speaker_joins_at_the_live_point_and_one_that_rings_has_failed() {
    let caller = Arc::new(Answering { joins: Mutex::default() });
    let fanout = fanout(8).calling_by(caller.clone());
    let sip = |name: &str| {
        let uri = format!("sip:{name}@127.0.0.1");
        let speaker = SipSpeaker { uri, user: None, password: None, ring_s: 5, packets: Packets::default() };
        output(name, OutputKind::Sip(speaker))
    };
    let (direct, kind) = unicast_speaker();
    let playing = opened(&fanout, &[output("direct", kind), sip("answers"), sip("rings")], Options::default());
    let called = Speaker::unicast((Ipv4Addr::LOCALHOST, 0).into()).expect("a speaker");
    let socket = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket"));
    let offered = socket.local_addr().expect("an address");
    assert!(direct.hears(3, SECONDS));
    let mut joins = std::mem::take(&mut *caller.joins.lock().expect("a lock"));
    joins.pop().expect("two calls").failed("it rings instead of answering");
    let a_law = Packets { codec: Codec::Pcma, ..Packets::default() };
    let _seat = joins.pop().expect("two calls").answered(called.address(), socket, a_law);
    let said = speech(440.0, 10);
    say(playing.as_ref(), &said).await;
    let played = playing.drain().await.outputs;
    assert_eq!(played[2].fault.as_deref(), Some("it rings instead of answering"));
    assert!(called.hears(played[1].packets as usize, SECONDS));
    assert!(called.heard().iter().all(|packet| packet.from == offered), "from the port that was offered");
    assert!(contains(&only_stream(&called), &said, g711::alaw_encode));
    assert!(only_stream(&called).packets < only_stream(&direct).packets, "it missed the beginning");
}

#[tokio::test]
async fn a_leg_is_heard_within_its_buffer_and_one_frame() {
    let fanout = fanout(9);
    let (speaker, kind) = unicast_speaker();
    let phone: SocketAddr = ([192, 0, 2, 7], 4_000).into();
    let playing = opened(&fanout, &[output("direct", kind)], Options::default());
    tokio::time::sleep(playing.lead()).await;
    let terms = Terms {
        sources: Sources { named: phone, allowed: Vec::new() },
        sound: vec![(payload::PCMU, g711::decode)],
        keys: None,
    };
    let leg = Arc::new(Mutex::new(switchboard::rtp::Inbound::new(terms, Instant::now())));
    playing.draw_from(Box::new(leg.clone()));
    let mut stream = Outgoing::new(payload::PCMU, 1);
    let said = speech(440.0, 20);
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let mut first = None;
    for frame in &said {
        ticks.tick().await;
        let header = stream.header(160).write();
        let packet: Vec<u8> = header.into_iter().chain(frame.map(g711::encode)).collect();
        let now = *first.get_or_insert_with(Instant::now);
        leg.lock().expect("a lock").receive(phone, &packet, Instant::now().max(now));
    }
    let played = playing.drain().await;
    assert!(speaker.hears(played.outputs[0].packets as usize, SECONDS));
    assert!(contains(&only_stream(&speaker), &said, g711::encode));
    let words: Vec<u8> = said[0].map(g711::encode).to_vec();
    let heard = speaker.heard();
    let out = heard.iter().find(|packet| packet.bytes[12..] == words).expect("the first frame").at;
    let took = out.duration_since(first.expect("a first packet"));
    // 60 ms of buffer, 20 ms until the clock's next frame; the rest is this machine's scheduling.
    assert!((60..=100).contains(&took.as_millis()), "mouth to speaker {took:?}");
}

fn contact(folder: &std::path::Path) -> (Arc<Contact>, PathBuf) {
    let state = folder.join("relay");
    let write = |word: &str| {
        vec!["sh".to_owned(), "-c".to_owned(), format!("echo {word} > {0}.new && mv {0}.new {0}", state.display())]
    };
    let kind = ContactKind::Commands { on: write("on"), off: write("off") };
    (Arc::new(Contact { name: "relay".to_owned(), kind }), state)
}

/// Waits until the relay's file says so.
async fn becomes(state: &std::path::Path, word: &str) -> bool {
    let until = Instant::now() + SECONDS;
    let is = || std::fs::read_to_string(state).is_ok_and(|text| text.trim() == word);
    while !is() && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    is()
}

#[tokio::test]
async fn a_contact_is_closed_while_anybody_holds_it_and_opens_behind_the_tail() {
    let folder = tempfile::tempdir().expect("a folder");
    let (contact, state) = contact(folder.path());
    let fanout = fanout(10);
    let with = |name: &str| {
        let (speaker, kind) = unicast_speaker();
        (speaker, Arc::new(Output { name: name.to_owned(), kind, contact: Some(contact.clone()) }))
    };
    let ((_first, one), (_second, two)) = (with("one"), with("two"));
    let tail = Duration::from_millis(300);
    let page = opened(&fanout, &[one], Options { tail, ..Options::default() });
    let other = opened(&fanout, &[two], Options::default());
    assert!(becomes(&state, "on").await);
    let played = other.drain().await;
    assert_eq!(played.outputs[0].fault, None);
    assert!(!becomes_within(&state, "off", 200).await, "another page holds it");
    drop(page.drain().await);
    let ended = Instant::now();
    assert!(becomes(&state, "off").await);
    assert!(ended.elapsed() >= tail - Duration::from_millis(20), "{:?}", ended.elapsed());
}

async fn becomes_within(state: &std::path::Path, word: &str, ms: u64) -> bool {
    let until = Instant::now() + Duration::from_millis(ms);
    while Instant::now() < until {
        if std::fs::read_to_string(state).is_ok_and(|text| text.trim() == word) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}

/// The keeper's parent is killed: nobody is left to say that the contact is to open, and it opens.
#[tokio::test]
async fn a_contact_opens_when_its_holder_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (contact, state) = contact(folder.path());
    let ContactKind::Commands { on, off } = &contact.kind else { panic!("commands") };
    let how = serde_json::json!({ "Commands": { "on": on, "off": off } });
    // A shell in place of the service: it starts a keeper, closes the contact, and stays.
    let program = env!("CARGO_BIN_EXE_switchboard");
    let orders = folder.path().join("orders");
    std::fs::write(&orders, format!("{how}\n1\n")).expect("orders");
    let mut service = std::process::Command::new("bash");
    let mut service = std::os::unix::process::CommandExt::process_group(
        service.args([
            "-c",
            &format!("exec 3> >({program} contact-keeper > /dev/null); cat {} >&3; exec sleep 600 ", orders.display()),
        ]),
        0,
    )
    .spawn()
    .expect("a process");
    assert!(becomes(&state, "on").await);
    service.kill().expect("SIGKILL");
    service.wait().expect("its end");
    assert!(becomes(&state, "off").await, "kill -9 opens the contact");
}

/// The keeper itself is killed while a page plays: nobody is left to open the contact, so another one is started for that.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_contact_opens_behind_its_page_when_the_keeper_was_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (contact, state) = contact(folder.path());
    // Under a name of its own the keeper is found among those of other tests.
    let program = folder.path().join("keeper-of-this-test");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_switchboard"), &program).expect("a name");
    let fanout = Fanout::start(Some(Ipv4Addr::LOCALHOST), program.clone(), 11).expect("a clock");
    let (_speaker, kind) = unicast_speaker();
    let output = Arc::new(Output { name: "one".to_owned(), kind, contact: Some(contact) });
    let page = opened(&fanout, &[output], Options::default());
    assert!(becomes(&state, "on").await);
    let ours = |process: &std::fs::DirEntry| {
        let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        command.starts_with(program.as_os_str().as_encoded_bytes())
    };
    let keeper = std::fs::read_dir("/proc").expect("processes").flatten().find(ours).expect("a keeper");
    let killed = std::process::Command::new("kill").arg("-9").arg(keeper.file_name()).status();
    assert!(killed.expect("kill runs").success());
    drop(page.drain().await);
    assert!(becomes(&state, "off").await);
}
