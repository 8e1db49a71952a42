//! The agent with a telephone of paper: messages in, messages out, and a clock that is moved by hand.

use super::core::{Core, CoreParts};
use super::leg::{Legs, News, What};
use super::pages::{Admitted, Ending, Held, Over, Pages, Wish};
use super::ports::Ports;
use crate::base::Secret;
use crate::config::paging::{Caller, Chime, Paging, Password, Zone};
use crate::paging::Draw;
use crate::rtp::Counts;
use crate::sip::Transport;
use crate::sip::digest::{Account, Answers};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

/// What became of pages: `begin 701`, `end Hangup`.
type Log = Arc<Mutex<Vec<String>>>;

struct Book {
    log: Log,
    config: Mutex<Arc<Paging>>,
    answer: Mutex<Result<(), u16>>,
}

struct Sheet(Log);

impl Pages for Book {
    fn config(&self) -> Arc<Paging> {
        Arc::clone(&self.config.lock().expect("a lock"))
    }

    fn begin(&self, wish: Wish) -> Result<Box<dyn Held>, u16> {
        (*self.answer.lock().expect("a lock"))?;
        let who = match wish.admitted {
            Admitted::House => "house".to_owned(),
            Admitted::Caller(caller) => caller.name.clone(),
        };
        self.log.lock().expect("a lock").push(format!("begin {} {who}", wish.extension));
        Ok(Box::new(Sheet(Arc::clone(&self.log))))
    }
}

impl Held for Sheet {
    fn id(&self) -> String {
        "pg_1".to_owned()
    }
    fn draw_from(&self, _: Box<dyn Draw>) {}
    fn received(&self, _: Counts) {}
    fn over(&self) -> Option<Over> {
        None
    }
    fn end(self: Box<Self>, ending: Ending) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().expect("a lock").push(format!("end {ending:?}"));
        Box::pin(std::future::ready(()))
    }
}

struct Stand {
    core: Core,
    book: Arc<Book>,
    tasks: TaskTracker,
    start: Instant,
    ms: u64,
    source: SocketAddr,
    transport: Transport,
    news: mpsc::UnboundedReceiver<News>,
}

fn zone(extension: &str) -> Arc<Zone> {
    Arc::new(Zone {
        extension: extension.to_owned(),
        name: extension.to_owned(),
        outputs: Vec::new(),
        priority: 5,
        chime: Chime::Off,
        settle_ms: 0,
        tail_ms: 0,
        limit_s: 60,
        emergency_limit_s: 600,
        partly: false,
        enabled: true,
        schedule: Vec::new(),
        callers: Vec::new(),
    })
}

fn caller(name: &str, networks: &[&str], user: Option<&str>) -> Arc<Caller> {
    Arc::new(Caller {
        name: name.to_owned(),
        numbers: Vec::new(),
        networks: networks.iter().map(|net| net.parse().expect("a network")).collect(),
        user: user.map(str::to_owned),
        password: user.map(|_| Password { variable: "X".to_owned(), value: Secret::new("let-me-page") }),
        md5_only: false,
        zones: vec!["701".to_owned()],
        priority: 5,
        pin: false,
    })
}

const SDP: &str = "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";

impl Stand {
    fn new() -> Self {
        let callers = vec![
            caller("pinned", &["127.0.0.3/32"], None),
            caller("both", &["127.0.0.4/32"], Some("desk")),
            caller("anywhere", &[], Some("road")),
        ];
        let paging = Paging { zones: vec![zone("700"), zone("701")], callers, ..Paging::none() };
        let log = Log::default();
        let book = Arc::new(Book { log, config: Mutex::new(Arc::new(paging)), answer: Mutex::new(Ok(())) });
        let (news, heard) = mpsc::unbounded_channel();
        let (tasks, start) = (TaskTracker::new(), Instant::now());
        let legs = Legs::new(Ports::new(&(20_000..=20_999)), tasks.clone(), news);
        let pages: Arc<dyn Pages> = Arc::<Book>::clone(&book);
        let bind = "127.0.0.1:5060".parse().expect("an address");
        let core = Core::new(CoreParts { pages, legs, bind, key: [3; 32] }, start);
        let source = "127.0.0.1:5999".parse().expect("an address");
        Self { core, book, tasks, start, ms: 0, source, transport: Transport::Udp, news: heard }
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.ms)
    }

    /// Sends, and gives what comes back.
    fn says(&mut self, text: &str) -> Vec<String> {
        self.core.receive(text.as_bytes(), self.source, self.transport, self.now());
        self.out()
    }

    /// Hangs up; the answer comes when the page has ended.
    async fn hangs_up(&mut self, text: &str) -> Vec<String> {
        assert!(self.says(text).is_empty());
        let news = self.news.recv().await.expect("a leg that ends");
        let now = self.now();
        self.core.heard(news, now);
        self.out()
    }

    fn out(&mut self) -> Vec<String> {
        std::mem::take(&mut self.core.out)
            .into_iter()
            .map(|(_, bytes)| String::from_utf8(bytes).expect("text"))
            .collect()
    }

    /// Lets time pass; gives what was sent, with the milliseconds.
    fn waits(&mut self, ms: u64) -> Vec<(u64, String)> {
        let end = self.ms + ms;
        let mut sent = Vec::new();
        while self.ms < end {
            self.ms += 100;
            self.core.wake(self.now());
            sent.extend(self.out().into_iter().map(|text| (self.ms, first_line(&text))));
        }
        sent
    }

    fn log(&self) -> Vec<String> {
        self.book.log.lock().expect("a lock").clone()
    }

    fn refuses(&self, code: u16) {
        *self.book.answer.lock().expect("a lock") = Err(code);
    }

    /// All legs have ended; only then the log is complete.
    async fn settled(&self) -> Vec<String> {
        self.tasks.close();
        self.tasks.wait().await;
        self.log()
    }

    /// The tag of our answer.
    fn call(&mut self) -> String {
        let answers = self.says(&invite("701", "b1", 1, SDP));
        assert_eq!(lines(&answers), ["SIP/2.0 100 Trying", "SIP/2.0 200 OK"]);
        tag(&answers[1])
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn lines(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| first_line(text)).collect()
}

fn code_of(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a code")
}

fn tag(answer: &str) -> String {
    let to = answer.lines().find(|line| line.starts_with("To: ")).expect("a To");
    to.split("tag=").nth(1).expect("a tag").to_owned()
}

fn header<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(name)).expect("a header")
}

fn message(method: &str, (to, branch): (&str, &str), cseq: u32, (headers, body): (&str, &str)) -> String {
    let about = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    let named = if method == "ACK" { "ACK" } else { method };
    format!(
        "{method} sip:701@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bK{branch}\r\nFrom: <sip:desk@127.0.0.1>;tag=f\r\n\
         To: {to}\r\nCall-ID: c1\r\nCSeq: {cseq} {named}\r\nContact: <sip:desk@127.0.0.1:5999>\r\nMax-Forwards: 70\r\n{headers}{about}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn invite(extension: &str, branch: &str, cseq: u32, body: &str) -> String {
    message("INVITE", ("<sip:701@127.0.0.1>", branch), cseq, ("", body)).replacen(
        "sip:701",
        &format!("sip:{extension}"),
        1,
    )
}

fn within(method: &str, tag: &str, branch: &str, cseq: u32, body: &str) -> String {
    message(method, (&format!("<sip:701@127.0.0.1>;tag={tag}"), branch), cseq, ("", body))
}

#[tokio::test]
async fn a_call_pages_its_zone_until_it_hangs_up() {
    let mut stand = Stand::new();
    let answers = stand.says(&invite("701", "b1", 1, SDP));
    let ok = &answers[1];
    assert!(ok.contains("\r\nContact: <sip:701@127.0.0.1:5060>\r\n") && ok.contains("\r\nX-Page-Id: pg_1\r\n"), "{ok}");
    assert!(ok.contains("a=recvonly") && ok.contains("RTP/AVP 0 101"), "{ok}");
    let tag = tag(ok);
    assert!(stand.says(&invite("701", "b1", 1, SDP)).is_empty(), "a copy opens nothing, and the 200 repeats itself");
    assert_eq!(stand.waits(1_600).iter().map(|(ms, _)| *ms).collect::<Vec<_>>(), [500, 1_500]);
    assert!(stand.says(&within("ACK", &tag, "b2", 1, "")).is_empty());
    assert!(stand.waits(10_000).is_empty());
    assert_eq!(lines(&stand.says(&within("OPTIONS", &tag, "b3", 2, ""))), ["SIP/2.0 200 OK"]);
    let bye = within("BYE", &tag, "b4", 3, "");
    assert_eq!(lines(&stand.hangs_up(&bye).await), ["SIP/2.0 200 OK"]);
    assert_eq!(lines(&stand.says(&bye)), ["SIP/2.0 200 OK"], "a copy gets the same");
    assert_eq!(lines(&stand.says(&within("BYE", &tag, "b5", 4, ""))), ["SIP/2.0 481 Call/Transaction Does Not Exist"]);
    assert_eq!(stand.settled().await, ["begin 701 house", "end Hangup"]);
    stand.waits(40_000);
    let core = &stand.core;
    assert!(core.calls.is_empty() && core.dialogs.is_empty() && core.servers.is_empty() && core.first_seen.is_empty());
}

#[tokio::test]
async fn a_missing_ack_ends_the_call_after_32_seconds() {
    let mut stand = Stand::new();
    stand.call();
    let sent = stand.waits(33_000);
    let repeats = sent.iter().filter(|(_, line)| line == "SIP/2.0 200 OK").count();
    let bye = sent.iter().find(|(_, line)| line.starts_with("BYE sip:desk@127.0.0.1:5999 ")).expect("a BYE");
    assert_eq!((repeats, bye.0), (10, 32_000));
    assert_eq!(stand.settled().await, ["begin 701 house", "end NoAck"]);
}

#[tokio::test]
async fn refusals_are_repeated_until_their_ack_and_open_nothing() {
    let mut stand = Stand::new();
    let busy = |stand: &Stand, code| stand.refuses(code);
    for (n, code) in [(1, 486), (2, 480), (3, 503), (4, 603)] {
        busy(&stand, code);
        let answers = stand.says(&invite("701", &format!("x{n}"), n, SDP));
        assert!(answers[1].starts_with(&format!("SIP/2.0 {code} ")), "{}", answers[1]);
        assert_eq!(stand.waits(600).len(), 1, "repeated");
        let tag = tag(&answers[1]);
        assert!(stand.says(&within("ACK", &tag, &format!("x{n}"), n, "")).is_empty());
        assert!(stand.waits(10_000).is_empty(), "and no more");
    }
    assert!(stand.settled().await.is_empty());
}

#[tokio::test]
async fn checks_stand_in_their_order() {
    let mut stand = Stand::new();
    let code = |stand: &mut Stand, text: &str| {
        let answers = stand.says(text);
        answers.last().map_or(0, |answer| code_of(answer))
    };
    assert_eq!(code(&mut stand, &invite("799", "a1", 1, "nonsense")), 404);
    let kind = invite("701", "a2", 2, SDP).replace("application/sdp", "text/plain");
    assert_eq!(code(&mut stand, &kind), 415);
    assert_eq!(code(&mut stand, &invite("701", "a3", 3, "nonsense")), 488);
    assert_eq!(code(&mut stand, &invite("701", "a4", 4, &SDP.replace("RTP/AVP 0 101", "RTP/SAVP 0"))), 488);
    let short = invite("701", "a5", 5, SDP).replace("Max-", "Supported: timer\r\nSession-Expires: 60\r\nMax-");
    assert_eq!(code(&mut stand, &short), 422);
    assert_eq!(code(&mut stand, &within("BYE", "nobody", "a6", 6, "")), 481);
    assert_eq!(code(&mut stand, &message("CANCEL", ("<sip:701@127.0.0.1>", "a7"), 7, ("", ""))), 481);
    assert_eq!(code(&mut stand, &message("OPTIONS", ("<sip:701@127.0.0.1>", "a8"), 8, ("", ""))), 200);
    stand.source = "127.0.0.3:5999".parse().expect("an address");
    assert_eq!(code(&mut stand, &invite("700", "a9", 9, SDP)), 403, "not the pinned caller's zone");
    assert!(stand.log().is_empty());
    assert_eq!(code(&mut stand, &invite("701", "a10", 10, SDP)), 200);
    assert_eq!(stand.log(), ["begin 701 pinned"]);
}

#[tokio::test]
async fn the_same_request_by_two_ways_opens_once() {
    let mut stand = Stand::new();
    stand.call();
    assert_eq!(lines(&stand.says(&invite("701", "other", 1, SDP))), ["SIP/2.0 482 Loop Detected"]);
    let cancel = message("CANCEL", ("<sip:701@127.0.0.1>", "b1"), 1, ("", ""));
    assert_eq!(lines(&stand.says(&cancel)), ["SIP/2.0 200 OK"], "too late, and known");
    assert_eq!(stand.log(), ["begin 701 house"]);
}

#[tokio::test]
async fn hold_and_resume_and_what_may_not_be_asked_now() {
    let mut stand = Stand::new();
    let tag = stand.call();
    assert_eq!(lines(&stand.says(&within("INVITE", &tag, "r1", 2, SDP))), ["SIP/2.0 500 Server Internal Error"]);
    stand.says(&within("ACK", &tag, "b2", 1, ""));
    let hold = stand.says(&within("INVITE", &tag, "r2", 3, &format!("{SDP}a=inactive\r\n")));
    assert!(hold[0].contains("a=inactive") && hold[0].contains(" 2 IN IP4 127.0.0.1"), "{}", hold[0]);
    assert_eq!(lines(&stand.says(&within("INVITE", &tag, "r3", 4, SDP))), ["SIP/2.0 491 Request Pending"]);
    stand.says(&within("ACK", &tag, "r2a", 3, ""));
    let resume = stand.says(&within("UPDATE", &tag, "r4", 5, SDP));
    assert!(resume[0].contains("a=recvonly") && resume[0].contains(" 3 IN IP4 127.0.0.1"), "{}", resume[0]);
    let bad = stand.says(&within("UPDATE", &tag, "r5", 6, "nonsense"));
    assert_eq!(lines(&bad), ["SIP/2.0 488 Not Acceptable Here"]);
    assert_eq!(
        lines(&stand.says(&within("OPTIONS", &tag, "r6", 2, ""))),
        ["SIP/2.0 500 Server Internal Error"],
        "an old number"
    );
    assert_eq!(lines(&stand.hangs_up(&within("BYE", &tag, "r7", 7, "")).await), ["SIP/2.0 200 OK"]);
    assert_eq!(stand.settled().await, ["begin 701 house", "end Hangup"]);
}

#[tokio::test]
async fn a_late_offer_is_ours_and_needs_an_answer() {
    let mut stand = Stand::new();
    let answers = stand.says(&invite("701", "b1", 1, ""));
    assert!(answers[1].contains("m=audio") && answers[1].contains("RTP/AVP 0 8 101"), "{}", answers[1]);
    stand.says(&within("ACK", &tag(&answers[1]), "b2", 1, SDP));
    assert!(stand.waits(40_000).is_empty(), "it stays");
    let mut empty = Stand::new();
    let answers = empty.says(&invite("701", "b1", 1, ""));
    let bye = empty.says(&within("ACK", &tag(&answers[1]), "b2", 1, ""));
    assert!(bye[0].starts_with("BYE "), "{bye:?}");
    assert_eq!(empty.settled().await, ["begin 701 house", "end NoAck"]);
}

#[tokio::test]
async fn a_page_that_gives_way_tells_its_caller_why() {
    let mut stand = Stand::new();
    let tag = stand.call();
    stand.says(&within("ACK", &tag, "b2", 1, ""));
    let number = *stand.core.calls.keys().next().expect("a call");
    let now = stand.now();
    stand.core.heard(News { call: number, what: What::Over(Over::Preempted) }, now);
    let bye = stand.out();
    assert_eq!(header(&bye[0], "Reason: "), "SIP;cause=503;text=\"Preempted\"");
    assert_eq!(stand.waits(600).len(), 1, "repeated until it is answered");
    let answer = bye[0]
        .lines()
        .filter(|line| !line.starts_with("BYE") && !line.starts_with("Max"))
        .collect::<Vec<_>>()
        .join("\r\n");
    stand.says(&format!("SIP/2.0 200 OK\r\n{answer}\r\n\r\n"));
    assert!(stand.waits(40_000).is_empty());
    assert!(stand.core.clients.is_empty());
}

#[tokio::test]
async fn a_session_that_is_not_refreshed_ends() {
    let mut stand = Stand::new();
    let timed = invite("701", "b1", 1, SDP).replace("Max-", "Supported: timer\r\nSession-Expires: 90\r\nMax-");
    let answers = stand.says(&timed);
    assert_eq!(header(&answers[1], "Session-Expires: "), "90;refresher=uac");
    assert_eq!(header(&answers[1], "Require: "), "timer");
    stand.says(&within("ACK", &tag(&answers[1]), "b2", 1, ""));
    let sent = stand.waits(61_000);
    assert_eq!(sent.first().map(|(ms, line)| (*ms, line.starts_with("BYE"))), Some((60_000, true)));
}

fn with_password(stand: &mut Stand, challenge: &str, password: &str, cseq: u32) -> u16 {
    let password = Secret::new(password);
    let account = Account { user: "desk", password: &password };
    let mut answers = Answers::to(challenge).expect("a challenge");
    let (_, header) = answers.header(account, ("INVITE", "sip:701@127.0.0.1"), "n").expect("a header");
    let text =
        invite("701", &format!("p{cseq}"), cseq, SDP).replace("Max-", &format!("Authorization: {header}\r\nMax-"));
    let answers = stand.says(&text);
    answers.last().map_or(0, |answer| code_of(answer))
}

#[tokio::test]
async fn passwords_are_asked_for_and_strangers_hear_the_same() {
    let mut stand = Stand::new();
    stand.source = "127.0.0.4:5999".parse().expect("an address");
    let challenges = |texts: &[String]| -> Vec<String> {
        texts
            .last()
            .expect("an answer")
            .lines()
            .filter_map(|line| line.strip_prefix("WWW-Authenticate: "))
            .map(str::to_owned)
            .collect()
    };
    let asked = challenges(&stand.says(&invite("799", "c1", 1, SDP)));
    assert!(
        asked[0].contains("SHA-256") && asked[1].contains("MD5"),
        "also for extensions that there are not: {asked:?}"
    );
    assert_eq!(with_password(&mut stand, &asked[0], "guess", 2), 401);
    assert_eq!(with_password(&mut stand, &asked[1], "let-me-page", 3), 200);
    assert_eq!(stand.log(), ["begin 701 both"]);
    // A network of the file is never locked out.
    (4..20).for_each(|n| assert_eq!(with_password(&mut stand, &asked[0], "guess", n), 401));
    stand.source = "192.0.2.66:5999".parse().expect("an address");
    let asked = challenges(&stand.says(&invite("701", "c30", 30, SDP)));
    (31..36).for_each(|n| assert_eq!(with_password(&mut stand, &asked[0], "guess", n), 401));
    assert_eq!(with_password(&mut stand, &asked[0], "guess", 36), 603, "locked out");
    stand.ms += 31_000;
    assert_eq!(with_password(&mut stand, &asked[0], "guess", 37), 401);
}

#[tokio::test]
async fn strangers_hear_nothing() {
    let mut stand = Stand::new();
    let callers = vec![caller("pinned", &["127.0.0.3/32"], None)];
    let paging = Paging { zones: vec![zone("701")], callers, ..Paging::none() };
    *stand.book.config.lock().expect("a lock") = Arc::new(paging);
    stand.source = "192.0.2.66:5999".parse().expect("an address");
    assert!(stand.says(&invite("701", "b1", 1, SDP)).is_empty());
    assert!(stand.says("REGISTER nonsense").is_empty());
    assert!(stand.log().is_empty());
}
