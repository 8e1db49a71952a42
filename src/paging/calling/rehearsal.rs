//! Calls to a speaker of paper: messages in, messages out, and a clock that is moved by hand.

use super::core::{Core, Wish};
use super::dialog::Way;
use super::invite::Speaker;
use super::network::{Network, Sound};
use crate::base::Secret;
use crate::config::paging::{Output, OutputKind, Packets, SipSpeaker};
use crate::paging::agent::Ports;
use crate::paging::{Fanout, Join, Options, PageId, Playing, SpeakerCaller, Speakers};
use crate::sip::digest::{Account, Credentials, Guard, Proof};
use crate::sip::{Target, Transport, Uri};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const SPEAKER: &str = "127.0.0.9:5060";
const SDP: &str = "v=0\r\no=s 1 1 IN IP4 127.0.0.9\r\ns=-\r\nc=IN IP4 127.0.0.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

/// Keeps what the outputs have to be told.
#[derive(Default)]
struct Caught(Mutex<Vec<Join>>);

impl SpeakerCaller for Caught {
    fn call(&self, _: &PageId, _: &SipSpeaker, join: Join) -> Box<dyn Send + Sync> {
        self.0.lock().expect("a lock").push(join);
        Box::new(())
    }
}

struct Stand {
    core: Core,
    fanout: Fanout,
    caught: Arc<Caught>,
    network: Network,
    account: Option<(String, Secret)>,
    priority: u8,
    start: Instant,
    ms: u64,
    source: SocketAddr,
    transport: Transport,
}

impl Stand {
    fn new() -> Self {
        let caught = Arc::new(Caught::default());
        let fanout = Fanout::start(None, "/bin/true".into(), 5).expect("a clock").calling_by(caught.clone());
        let ends = (TaskTracker::new(), CancellationToken::new());
        let network = Network::new((None, Ports::new(&(31_000..=31_999))), ends, mpsc::channel(1).0);
        Self {
            core: Core::new([5; 32]),
            fanout,
            caught,
            network,
            account: None,
            priority: 5,
            start: Instant::now(),
            ms: 0,
            source: SPEAKER.parse().expect("an address"),
            transport: Transport::Udp,
        }
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.ms)
    }

    fn sound(&mut self) -> Arc<Sound> {
        self.network.sound([127, 0, 0, 1].into(), 46, 7).expect("a port")
    }

    /// A page on one speaker, and one output beside it; what is sent to call it.
    fn page(&mut self, ticket: u64) -> (Box<dyn Playing>, Vec<String>) {
        let uri = "sip:hall@127.0.0.9".to_owned();
        let known = SipSpeaker { uri: uri.clone(), user: None, password: None, ring_s: 5, packets: Packets::default() };
        let output = Output { name: "hall".to_owned(), kind: OutputKind::Sip(known), contact: None };
        let options = Options { priority: self.priority, ..Options::default() };
        let playing = self.fanout.open(&PageId::new("pg_1"), &[Arc::new(output)], options).expect("an output");
        let join = self.caught.0.lock().expect("a lock").pop().expect("a call");
        let target = Target { transport: self.transport, address: SPEAKER.parse().expect("an address") };
        let way = Way { us: "127.0.0.1:5070".parse().expect("an address"), target };
        let (patience, packets) = (Duration::from_secs(5), Packets::default());
        let speaker = Speaker { uri, account: self.account.clone(), patience, packets };
        let (sound, now) = (self.sound(), self.now());
        self.core.call(Wish { ticket, page: "pg_1".to_owned(), speaker, way, sound, join }, now);
        (playing, self.out())
    }

    fn out(&mut self) -> Vec<String> {
        let out = std::mem::take(&mut self.core.out);
        out.into_iter().map(|(_, bytes)| String::from_utf8(bytes).expect("text")).collect()
    }

    fn says(&mut self, text: &str) -> Vec<String> {
        let (us, now) = ("127.0.0.1:5070".parse().expect("an address"), self.now());
        self.core.receive(text.as_bytes(), (self.source, us), self.transport, now);
        self.out()
    }

    /// Lets time pass; gives what was sent, with the milliseconds.
    fn waits(&mut self, ms: u64) -> Vec<(u64, String)> {
        let end = self.ms + ms;
        let mut sent = Vec::new();
        while self.ms < end {
            self.ms += 100;
            self.core.wake(self.now());
            sent.extend(self.out().into_iter().map(|text| (self.ms, text)));
        }
        sent
    }

    fn let_go(&mut self, ticket: u64) {
        let now = self.now();
        self.core.let_go(ticket, now);
    }

    /// A call that plays: what the INVITE and the ACK said.
    fn talks(&mut self) -> (Box<dyn Playing>, String, String) {
        let (playing, sent) = self.page(1);
        let acks = self.says(&answer(&sent[0], 200, SDP));
        assert_eq!(acks.len(), 1, "{acks:?}");
        (playing, sent[0].clone(), acks[0].clone())
    }

    /// Nothing is left of what was.
    fn is_empty(&mut self) -> bool {
        self.waits(70_000);
        self.core.calls.is_empty() && self.core.clients.is_empty() && self.core.servers.is_empty()
    }
}

fn header<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in {text}"))
}

fn word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

/// The speaker's answer to a request of ours.
fn answer(request: &str, code: u16, body: &str) -> String {
    answer_with(request, code, ("", body))
}

fn answer_with(request: &str, code: u16, (headers, body): (&str, &str)) -> String {
    let of = |name: &str| header(request, name).to_owned();
    let (via, from, to, id, cseq) = (of("Via: "), of("From: "), of("To: "), of("Call-ID: "), of("CSeq: "));
    let to = if to.contains(";tag=") { to } else { format!("{to};tag=theirs") };
    let about = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    format!(
        "SIP/2.0 {code} X\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {id}\r\nCSeq: {cseq}\r\n\
         Contact: <sip:hall@127.0.0.9:5060>\r\n{headers}{about}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A request of the speaker within the call of that INVITE.
fn within(invite: &str, method: &str, cseq: u32, (headers, body): (&str, &str)) -> String {
    let (from, to) = (header(invite, "To: "), header(invite, "From: "));
    let about = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    let id = header(invite, "Call-ID: ");
    format!(
        "{method} sip:paging@127.0.0.1:5070 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bKs{cseq}{method}\r\n\
         From: {from};tag=theirs\r\nTo: {to}\r\nCall-ID: {id}\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n\
         Contact: <sip:hall@127.0.0.9:5060>\r\n{headers}{about}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn fault(playing: Box<dyn Playing>) -> Option<String> {
    playing.cut().outputs.remove(0).fault
}

#[test]
fn a_speaker_answers_plays_and_is_hung_up() {
    let mut stand = Stand::new();
    let (playing, sent) = stand.page(1);
    let invite = &sent[0];
    for line in [
        "INVITE sip:hall@127.0.0.9;intercom=true SIP/2.0",
        "Call-Info: <sip:127.0.0.1:5070>;answer-after=0",
        "Alert-Info: <http://127.0.0.1:5070>;info=alert-autoanswer;delay=0",
        "Alert-Info: Auto Answer",
        "Alert-Info: Ring Answer",
        "Alert-Info: Intercom",
        "Answer-Mode: Auto",
        "Priv-Answer-Mode: Auto",
        "P-Auto-Answer: normal",
        "X-Page-Id: pg_1",
        "m=audio 31014 RTP/AVP 0 8",
        "a=sendonly",
    ] {
        assert!(invite.lines().any(|known| known == line), "no {line} in {invite}");
    }
    assert!(!invite.contains("Priority: ") && invite.len() < 1_300, "{} bytes fit into a datagram", invite.len());
    assert_eq!(stand.waits(600).len(), 1, "repeated");
    assert!(stand.says(&answer(invite, 100, "")).is_empty() && stand.says(&answer(invite, 183, SDP)).is_empty());
    assert!(stand.waits(2_000).is_empty(), "somebody is there");
    for _ in 0..2 {
        let ack = stand.says(&answer(invite, 200, SDP));
        assert!(ack.len() == 1 && ack[0].starts_with("ACK sip:hall@127.0.0.9:5060 SIP/2.0\r\n"), "{ack:?}");
        assert_eq!((header(&ack[0], "CSeq: "), header(&ack[0], "To: ")), ("1 ACK", "<sip:hall@127.0.0.9>;tag=theirs"));
    }
    stand.let_go(1);
    let sent = stand.waits(200);
    assert_eq!((sent.len(), sent[0].0, word(&sent[0].1)), (1, 2_700, "BYE"), "a tenth of a second later");
    assert_eq!(header(&sent[0].1, "CSeq: "), "2 BYE");
    assert!(stand.says(&answer(&sent[0].1, 200, "")).is_empty());
    assert_eq!(fault(playing), None);
    assert!(stand.is_empty());
}

#[test]
fn an_emergency_says_so() {
    let mut stand = Stand::new();
    stand.priority = 9;
    let (_playing, sent) = stand.page(1);
    assert_eq!(header(&sent[0], "Priority: "), "emergency");
}

#[test]
fn one_that_rings_is_cancelled_and_one_that_is_away_is_not() {
    let mut stand = Stand::new();
    let (playing, sent) = stand.page(1);
    stand.says(&answer(&sent[0], 180, ""));
    let told = stand.waits(5_100);
    assert_eq!(told.iter().map(|(ms, text)| (*ms, word(text))).collect::<Vec<_>>(), [(5_000, "CANCEL")]);
    stand.says(&answer(&told[0].1, 200, ""));
    let ack = stand.says(&answer(&sent[0], 487, ""));
    assert_eq!(word(&ack[0]), "ACK");
    assert_eq!(fault(playing).as_deref(), Some("it rings and does not answer by itself"));
    assert!(stand.is_empty());

    let (playing, sent) = stand.page(2);
    let repeats = stand.waits(10_000);
    assert!(repeats.iter().all(|(_, text)| word(text) == "INVITE") && repeats.len() == 3, "500, 1500, 3500 ms");
    assert_eq!(fault(playing).as_deref(), Some("it does not answer"));
    let late = stand.says(&answer(&sent[0], 180, ""));
    assert_eq!(word(&late[0]), "CANCEL", "now somebody is there");
    assert!(stand.says(&answer(&sent[0], 180, "")).is_empty(), "once");
    assert!(stand.is_empty());
}

#[test]
fn an_answer_that_crosses_our_cancel_is_acknowledged_and_hung_up() {
    let mut stand = Stand::new();
    let (playing, sent) = stand.page(1);
    stand.says(&answer(&sent[0], 100, ""));
    drop(playing);
    stand.let_go(1);
    let cancel = stand.waits(200);
    assert_eq!(word(&cancel[0].1), "CANCEL");
    let both = stand.says(&answer(&sent[0], 200, SDP));
    assert_eq!(both.iter().map(|text| word(text)).collect::<Vec<_>>(), ["ACK", "BYE"]);
    stand.says(&answer(&both[1], 200, ""));
    assert!(stand.says(&answer(&sent[0], 200, SDP)).is_empty(), "it knows that it is over");
    assert!(stand.is_empty());
}

#[test]
fn what_refuses_is_told_in_the_row() {
    for (code, why) in [
        (486, "it is busy (486)"),
        (302, "it sends the call elsewhere (302), and nobody follows"),
        (480, "nobody is there (480)"),
        (488, "it takes no G.711 (488)"),
        (503, "it refused the call (503)"),
        (401, "it asks for a password, and the file has none"),
    ] {
        let mut stand = Stand::new();
        let (playing, sent) = stand.page(1);
        let acks = stand.says(&answer_with(&sent[0], code, ("Contact: <sip:evil@192.0.2.66>\r\n", "")));
        assert_eq!(acks.iter().map(|text| word(text)).collect::<Vec<_>>(), ["ACK"], "{code}");
        assert_eq!(fault(playing).as_deref(), Some(why));
        assert!(stand.is_empty());
    }
}

#[test]
fn an_answer_that_makes_no_sound_possible_is_hung_up() {
    for body in ["", "nonsense", &SDP.replace("AVP 0", "AVP 9"), &SDP.replace("audio 4000", "audio 0")] {
        let mut stand = Stand::new();
        let (playing, sent) = stand.page(1);
        let both = stand.says(&answer(&sent[0], 200, body));
        assert_eq!(both.iter().map(|text| word(text)).collect::<Vec<_>>(), ["ACK", "BYE"], "{body}");
        assert!(fault(playing).is_some());
        stand.says(&answer(&both[1], 200, ""));
        assert!(stand.is_empty());
    }
}

#[test]
fn a_password_is_proved_once_for_each_nonce() {
    let mut stand = Stand::new();
    let secret = Secret::new("let-me-page");
    stand.account = Some(("paging".to_owned(), secret.clone()));
    let mut guard = Guard::new("hall", [9; 32], stand.start);
    let mut asks = |now| {
        let challenges = guard.challenge(false, false, now);
        challenges.iter().map(|challenge| format!("WWW-Authenticate: {challenge}\r\n")).collect::<String>()
    };
    let (playing, sent) = stand.page(1);
    let again = stand.says(&answer_with(&sent[0], 401, (&asks(stand.start), "")));
    assert_eq!(again.iter().map(|text| word(text)).collect::<Vec<_>>(), ["ACK", "INVITE"]);
    let credentials = Credentials::parse(header(&again[1], "Authorization: ")).expect("credentials");
    let uri = Uri::parse("sip:hall@127.0.0.9;intercom=true").expect("a URI");
    let account = Account { user: "paging", password: &secret };
    assert_eq!(guard.prove(&credentials, ("INVITE", &uri), Some(account), stand.start), Proof::Proved);
    assert_eq!((header(&again[1], "CSeq: "), again[1].contains("let-me-page")), ("2 INVITE", false));
    assert!(again[1].len() < 1_472, "{} bytes are one frame of Ethernet", again[1].len());
    let ack = stand.says(&answer(&again[1], 200, SDP));
    assert_eq!(header(&ack[0], "CSeq: "), "2 ACK");
    assert_eq!(fault(playing), None);

    let mut guessing = Stand::new();
    guessing.account = stand.account.clone();
    let mut asks = |now| format!("Proxy-Authenticate: {}\r\n", guard.challenge(true, false, now)[0]);
    let (playing, sent) = guessing.page(1);
    let second = guessing.says(&answer_with(&sent[0], 407, (&asks(stand.start), "")));
    assert!(header(&second[1], "Proxy-Authorization: ").contains("algorithm=MD5"));
    let third = guessing.says(&answer_with(&second[1], 407, (&asks(stand.start), "")));
    let last = guessing.says(&answer_with(&third[1], 407, (&asks(stand.start), "")));
    assert_eq!(last.iter().map(|text| word(text)).collect::<Vec<_>>(), ["ACK"], "nobody locks us out");
    assert_eq!(fault(playing).as_deref(), Some("it does not take our password"));
    assert!(guessing.is_empty());
}

#[test]
fn a_speaker_that_hangs_up_has_failed() {
    let mut stand = Stand::new();
    let (playing, invite, _) = stand.talks();
    let bye = within(&invite, "BYE", 1, ("", ""));
    for _ in 0..2 {
        let answers = stand.says(&bye);
        assert!(answers[0].starts_with("SIP/2.0 200 "), "a copy gets the same");
    }
    assert_eq!(fault(playing).as_deref(), Some("the speaker hung up"));
    assert!(stand.is_empty());
}

#[test]
fn hold_and_resume_and_what_may_not_be_asked_now() {
    let mut stand = Stand::new();
    let (_playing, invite, _) = stand.talks();
    let mut asks = |method, cseq, headers, body: &str| -> String {
        stand.says(&within(&invite, method, cseq, (headers, body))).pop().unwrap_or_default()
    };
    let hold = asks("INVITE", 1, "", &format!("{SDP}a=sendonly\r\n"));
    assert!(hold.contains("a=inactive") && hold.contains(" 2 IN IP4 127.0.0.1"), "{hold}");
    assert!(asks("INVITE", 2, "", SDP).starts_with("SIP/2.0 491 "), "the first was not acknowledged");
    assert_eq!(asks("ACK", 1, "", ""), "");
    let resume = asks("UPDATE", 3, "Supported: timer\r\nSession-Expires: 90\r\n", SDP);
    assert!(resume.contains("a=sendonly") && resume.contains(" 3 IN IP4 "), "{resume}");
    assert_eq!(header(&resume, "Session-Expires: "), "90;refresher=uac");
    assert!(asks("UPDATE", 4, "", &SDP.replace("AVP 0", "AVP 8")).starts_with("SIP/2.0 488 "), "not in mid-page");
    assert!(asks("UPDATE", 2, "", "").starts_with("SIP/2.0 500 "), "an old number");
    assert!(asks("OPTIONS", 5, "", "").starts_with("SIP/2.0 200 "));
    let late = asks("INVITE", 6, "", "");
    assert!(late.contains("RTP/AVP 0 8"), "an offer of ours: {late}");
    assert_eq!(asks("ACK", 6, "", SDP), "");
    let sent = stand.waits(70_000);
    let only_the_refusal = sent.iter().all(|(_, text)| text.starts_with("SIP/2.0 491 "));
    assert!(only_the_refusal, "the refresh without an interval ended the timer: {sent:?}");
}

#[test]
fn a_session_that_is_not_refreshed_ends() {
    let mut stand = Stand::new();
    let (playing, sent) = stand.page(1);
    stand.says(&answer_with(&sent[0], 200, ("Session-Expires: 90;refresher=uas\r\n", SDP)));
    let told = stand.waits(60_100);
    assert_eq!(told.iter().map(|(ms, text)| (*ms, word(text))).collect::<Vec<_>>(), [(60_000, "BYE")]);
    assert_eq!(fault(playing).as_deref(), Some("the speaker did not refresh its session"));
}

#[test]
fn a_page_that_overrules_another_takes_its_call_over() {
    let mut stand = Stand::new();
    let (first, invite, _) = stand.talks();
    stand.let_go(1);
    drop(first);
    let (second, sent) = stand.page(2);
    assert!(sent.is_empty() && stand.waits(1_000).is_empty(), "neither BYE nor INVITE");
    assert!(stand.says(&within(&invite, "BYE", 1, ("", "")))[0].starts_with("SIP/2.0 200 "));
    assert_eq!(fault(second).as_deref(), Some("the speaker hung up"), "it is the second's now");
    assert!(stand.is_empty());
}

#[test]
fn strangers_and_lost_speakers() {
    let mut stand = Stand::new();
    let (playing, invite, _) = stand.talks();
    stand.source = "127.0.0.66:5060".parse().expect("an address");
    assert!(stand.says(&within(&invite, "BYE", 1, ("", ""))).is_empty(), "silence for strangers");
    assert!(stand.says("OPTIONS sip:x SIP/2.0\r\n\r\n").is_empty());
    stand.source = SPEAKER.parse().expect("an address");
    let foreign = within(&invite, "BYE", 2, ("", "")).replace("tag=theirs", "tag=other");
    assert!(stand.says(&foreign)[0].starts_with("SIP/2.0 481 "));
    assert!(
        stand.says(&within(&invite, "INVITE", 9, ("", SDP)).replace(";tag=", ";gat="))[0].starts_with("SIP/2.0 400 ")
    );
    assert_eq!(fault(playing), None);
    stand.let_go(1);
    let byes = stand.waits(40_000);
    assert_eq!(byes.len(), 11, "repeated for 32 s, then forgotten");
    let now = stand.now();
    let (playing, _) = stand.page(2);
    stand.core.unreachable(Target { transport: Transport::Udp, address: SPEAKER.parse().expect("an address") });
    stand.core.wake(now);
    assert_eq!(fault(playing).as_deref(), Some("it cannot be reached"));
    assert!(stand.is_empty());
}

#[test]
fn two_that_answer_for_one_address_leave_one() {
    let mut stand = Stand::new();
    let (_playing, invite, _) = stand.talks();
    let other = stand.says(&answer(&invite, 200, SDP).replace("tag=theirs", "tag=second"));
    assert_eq!(other.iter().map(|text| word(text)).collect::<Vec<_>>(), ["ACK", "BYE"]);
    assert!(header(&other[1], "To: ").ends_with("tag=second"));
    assert!(stand.waits(400).is_empty() && stand.core.calls.len() == 1);
}
