//! The agent, its telephone of paper, and what that says.

use super::super::core::{Binds, Core, CoreParts};
use super::super::leg::{Legs, News};
use super::super::pages::{Admitted, Ending, Held, Over, Pages, Reserved, Wish};
use super::super::ports::Ports;
use crate::base::{Meters, Secret};
use crate::config::paging::{Caller, Chime, Paging, Password, Zone};
use crate::paging::{Draw, TrunkState};
use crate::rtp::Counts;
use crate::sip::Transport;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

/// What became of pages: `begin 701`, `end Hangup`.
pub(super) type Log = Arc<Mutex<Vec<String>>>;

pub(super) struct Book {
    pub log: Log,
    pub config: Mutex<Arc<Paging>>,
    pub answer: Mutex<Result<(), u16>>,
}

/// Outputs that are taken; dropped, they are given back.
pub(super) struct Kept {
    log: Log,
    emergency: bool,
    begun: bool,
}

pub(super) struct Sheet(Log);

impl Pages for Book {
    fn config(&self) -> Arc<Paging> {
        Arc::clone(&self.config.lock().expect("a lock"))
    }

    fn reserve(&self, wish: Wish) -> Result<Box<dyn Reserved>, u16> {
        (*self.answer.lock().expect("a lock"))?;
        let who = match wish.admitted {
            Admitted::House => "house".to_owned(),
            Admitted::Caller(caller) => caller.name.clone(),
        };
        self.log.lock().expect("a lock").push(format!("take {} {who}", wish.extension));
        let emergency = self.config().zone(&wish.extension).is_some_and(|zone| zone.priority == 9);
        Ok(Box::new(Kept { log: Arc::clone(&self.log), emergency, begun: false }))
    }

    fn trunks(&self, states: Vec<TrunkState>) {
        for TrunkState { name, registered, cause } in states {
            let how = match cause {
                Some(cause) => format!("{name} failing: {cause}"),
                None if registered => format!("{name} registered"),
                None => continue,
            };
            self.log.lock().expect("a lock").push(how);
        }
    }
}

impl Reserved for Kept {
    fn is_emergency(&self) -> bool {
        self.emergency
    }

    fn begin(mut self: Box<Self>) -> Result<Box<dyn Held>, u16> {
        self.begun = true;
        self.log.lock().expect("a lock").push("begin".to_owned());
        Ok(Box::new(Sheet(Arc::clone(&self.log))))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if !self.begun {
            self.log.lock().expect("a lock").push("give back".to_owned());
        }
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

pub(super) struct Stand {
    pub core: Core,
    pub book: Arc<Book>,
    pub tasks: TaskTracker,
    pub start: Instant,
    pub ms: u64,
    pub source: SocketAddr,
    pub transport: Transport,
    pub news: mpsc::UnboundedReceiver<News>,
}

pub(super) fn zone(extension: &str, priority: u8) -> Arc<Zone> {
    Arc::new(Zone {
        extension: extension.to_owned(),
        name: extension.to_owned(),
        outputs: Vec::new(),
        priority,
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

pub(super) fn caller(name: &str, networks: &[&str], user: Option<&str>) -> Arc<Caller> {
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

pub(super) const SDP: &str = "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";

impl Stand {
    pub(super) fn new() -> Self {
        let callers = vec![
            caller("pinned", &["127.0.0.3/32"], None),
            caller("both", &["127.0.0.4/32"], Some("desk")),
            caller("anywhere", &[], Some("road")),
        ];
        Self::with(Paging { zones: vec![zone("700", 7), zone("701", 5), zone("709", 9)], callers, ..Paging::none() })
    }

    pub(super) fn with(paging: Paging) -> Self {
        let log = Log::default();
        let book = Arc::new(Book { log, config: Mutex::new(Arc::new(paging)), answer: Mutex::new(Ok(())) });
        let (news, heard) = mpsc::unbounded_channel();
        let (tasks, start) = (TaskTracker::new(), Instant::now());
        let legs = Legs::new(Ports::new(&(20_000..=20_999)), tasks.clone(), news);
        let pages: Arc<dyn Pages> = Arc::<Book>::clone(&book);
        let bind = Binds { plain: ([127, 0, 0, 1], 5060).into(), tls: Some(([127, 0, 0, 1], 5061).into()) };
        let core = Core::new(CoreParts { pages, legs, bind, key: [3; 32], meters: Meters::silent().sip }, start);
        let source = "127.0.0.1:5999".parse().expect("an address");
        Self { core, book, tasks, start, ms: 0, source, transport: Transport::Udp, news: heard }
    }

    pub(super) fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.ms)
    }

    /// Sends, and gives what comes back.
    pub(super) fn says(&mut self, text: &str) -> Vec<String> {
        self.core.receive(text.as_bytes(), self.source, self.transport, self.now());
        self.out()
    }

    /// Calls, and waits until the answer is not held any more.
    pub(super) fn calls(&mut self, text: &str) -> Vec<String> {
        let mut answers = self.says(text);
        if answers.last().is_none_or(|answer| code_of(answer) >= 200) {
            return answers;
        }
        self.ms += 20;
        self.core.wake(self.now());
        answers.extend(self.out());
        answers
    }

    /// Hangs up; the answer comes when the page has ended.
    pub(super) async fn hangs_up(&mut self, text: &str) -> Vec<String> {
        assert!(self.says(text).is_empty());
        let news = self.news.recv().await.expect("a leg that ends");
        let now = self.now();
        self.core.heard(news, now);
        self.out()
    }

    pub(super) fn out(&mut self) -> Vec<String> {
        std::mem::take(&mut self.core.out)
            .into_iter()
            .map(|(_, bytes)| String::from_utf8(bytes).expect("text"))
            .collect()
    }

    /// Lets time pass; gives what was sent, with the milliseconds.
    pub(super) fn waits(&mut self, ms: u64) -> Vec<(u64, String)> {
        let end = self.ms + ms;
        let mut sent = Vec::new();
        while self.ms < end {
            self.ms += 100;
            self.core.wake(self.now());
            sent.extend(self.out().into_iter().map(|text| (self.ms, first_line(&text))));
        }
        sent
    }

    pub(super) fn log(&self) -> Vec<String> {
        self.book.log.lock().expect("a lock").clone()
    }

    pub(super) fn refuses(&self, code: u16) {
        *self.book.answer.lock().expect("a lock") = Err(code);
    }

    /// All legs have ended; only then the log is complete.
    pub(super) async fn settled(&self) -> Vec<String> {
        self.tasks.close();
        self.tasks.wait().await;
        self.log()
    }

    /// The tag of our answer.
    pub(super) fn call(&mut self) -> String {
        let answers = self.calls(&invite("701", "b1", 1, SDP));
        assert_eq!(lines(&answers), ["SIP/2.0 100 Trying", "SIP/2.0 200 OK"]);
        tag(&answers[1])
    }
}

pub(super) fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

pub(super) fn lines(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| first_line(text)).collect()
}

pub(super) fn code_of(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a code")
}

pub(super) fn tag(answer: &str) -> String {
    let to = answer.lines().find(|line| line.starts_with("To: ")).expect("a To");
    to.split("tag=").nth(1).expect("a tag").to_owned()
}

pub(super) fn header<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(name)).expect("a header")
}

pub(super) fn message(method: &str, (to, branch): (&str, &str), cseq: u32, (headers, body): (&str, &str)) -> String {
    let about = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    let named = if method == "ACK" { "ACK" } else { method };
    format!(
        "{method} sip:701@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bK{branch}\r\nFrom: <sip:desk@127.0.0.1>;tag=f\r\n\
         To: {to}\r\nCall-ID: c1\r\nCSeq: {cseq} {named}\r\nContact: <sip:desk@127.0.0.1:5999>\r\nMax-Forwards: 70\r\n{headers}{about}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub(super) fn invite(extension: &str, branch: &str, cseq: u32, body: &str) -> String {
    message("INVITE", ("<sip:701@127.0.0.1>", branch), cseq, ("", body)).replacen(
        "sip:701",
        &format!("sip:{extension}"),
        1,
    )
}

pub(super) fn within(method: &str, tag: &str, branch: &str, cseq: u32, body: &str) -> String {
    message(method, (&format!("<sip:701@127.0.0.1>;tag={tag}"), branch), cseq, ("", body))
}
