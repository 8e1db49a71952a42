//! Ten thousand pages, by telephone and over the API, on clocks that are moved by hand: no port, task, lock or row of them
//! stays open.

use super::super::read::{PageFilter, PageRow, pages};
use super::super::rehearsal::{Mute, builtin};
use super::super::{Asker, Origin, Paging, Parts, Reason, Request, Right};
use super::core::{Binds, Core, CoreParts};
use super::desk::Desk;
use super::leg::{Legs, News, What};
use super::pages::Over;
use super::ports::Ports;
use crate::base::{Clock, Meters, Time};
use crate::db::Db;
use crate::sip::Transport;
use chrono::TimeDelta;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Pages that are made.
const PAGES: u32 = 10_000;
/// As many calls as these have ports can be there at a time.
const RANGE: std::ops::RangeInclusive<u16> = 21_300..=21_307;

struct Stand {
    core: Core,
    paging: Paging,
    clock: Clock,
    tasks: TaskTracker,
    news: mpsc::UnboundedReceiver<News>,
    ports: Ports,
    now: Instant,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Hangup,
    NoAck,
    Limit,
    Preempted,
    Operator,
}

const CALLER: &str = "127.0.0.1:5999";

impl Stand {
    fn new(db: &Db) -> Self {
        let clock = Clock::manual("2026-11-20T16:00:00Z".parse::<Time>().expect("a time"));
        let (config, speakers) = (builtin(), Arc::new(Mute::default()));
        let parts =
            Parts { config, speakers, db: db.clone(), clock: clock.clone(), holder: "here".into(), instance: 7 };
        let (paging, tasks, now) = (Paging::new(parts), TaskTracker::new(), Instant::now());
        let (tell, news) = mpsc::unbounded_channel();
        let ports = Ports::new(&RANGE);
        let legs = Legs::new(ports.clone(), tasks.clone(), tell);
        let bind = Binds { plain: ([127, 0, 0, 1], 5060).into(), tls: None };
        let (pages, meters) = (Arc::new(Desk::new(paging.clone())), Meters::silent().sip);
        let core = Core::new(CoreParts { pages, legs, bind, key: [3; 32], meters }, now);
        Self { core, paging, clock, tasks, news, ports, now }
    }

    fn passes(&mut self, time: Duration) {
        self.now += time;
        self.core.wake(self.now);
    }

    fn sends(&mut self, method: &str, (zone, call, tag): (&str, u32, &str), number: u32) {
        const OFFER: &str =
            "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
        let body = if method == "INVITE" { OFFER } else { "" };
        let about = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let text = format!(
            "{method} sip:{zone}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {CALLER};branch=z9hG4bK{method}{call}\r\n\
             From: <sip:desk@127.0.0.1>;tag=f\r\nTo: <sip:{zone}@127.0.0.1>{tag}\r\nCall-ID: c{call}\r\n\
             CSeq: {number} {method}\r\nContact: <sip:desk@{CALLER}>\r\nMax-Forwards: 70\r\n{about}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.hear(&text);
    }

    /// Until something of this call is sent that begins so; gives its To tag. A BYE is answered.
    fn hears(&mut self, start: &str, call: u32) -> String {
        let named = format!("\r\nCall-ID: c{call}\r\n");
        for _ in 0..80 {
            let out = std::mem::take(&mut self.core.out);
            let texts = out.into_iter().map(|(_, bytes)| String::from_utf8(bytes).expect("text"));
            if let Some(text) = texts.into_iter().find(|text| text.starts_with(start) && text.contains(&named)) {
                if start == "BYE " {
                    let (_, rest) = text.split_once("\r\n").expect("a line");
                    self.hear(&format!("SIP/2.0 200 OK\r\n{rest}"));
                }
                let to = text.lines().find(|line| line.starts_with("To: ")).expect("a To");
                return to.split_once(";tag=").map(|(_, tag)| format!(";tag={tag}")).unwrap_or_default();
            }
            self.passes(Duration::from_millis(500));
        }
        panic!("no {start}")
    }

    fn hear(&mut self, text: &str) {
        let source: SocketAddr = CALLER.parse().expect("an address");
        self.core.receive(text.as_bytes(), source, Transport::Udp, self.now);
    }

    async fn next_news(&mut self, what: What) {
        let news = self.news.recv().await.expect("a leg that lives");
        assert_eq!(news.what, what);
        self.core.heard(news, self.now);
    }

    async fn calls(&mut self, call: u32, zone: &str, end: End) {
        self.sends("INVITE", (zone, call, ""), 1);
        let tag = self.hears("SIP/2.0 200", call);
        if end != End::NoAck {
            self.sends("ACK", (zone, call, &tag), 1);
        }
        match end {
            End::Hangup => {
                self.sends("BYE", (zone, call, &tag), 2);
                self.next_news(What::Closed).await;
                self.hears("SIP/2.0 200", call);
                return;
            }
            End::NoAck => {}
            End::Limit => {
                self.clock.advance(TimeDelta::seconds(61));
                self.paging.step();
            }
            End::Preempted => {
                let urgent = self.paging.begin(api(zone, 9)).expect("an emergency");
                urgent.end(Reason::Finished).await;
            }
            End::Operator => {
                let page = self.paging.zones().into_iter().find_map(|zone| zone.page).expect("it plays");
                assert!(self.paging.stop(&page.id));
            }
        }
        if end != End::NoAck {
            // The leg sees that its page is over.
            let over = if end == End::Preempted { Over::Preempted } else { Over::Otherwise };
            self.next_news(What::Over(over)).await;
        }
        self.hears("BYE ", call);
        // It lets go of its port.
        self.next_news(What::Closed).await;
    }
}

fn api(zone: &str, priority: u8) -> Request {
    let (zones, origin) = (vec![zone.to_owned()], Origin::Api);
    Request { zones, priority: Some(priority), origin, right: Right::House, asker: Asker::default(), id: None }
}

/// Most hang up; what a leg has to see for itself takes it 50 ms, so fewer end so.
fn end(nth: u32) -> End {
    match nth % 400 {
        100 => End::Limit,
        200 => End::Preempted,
        300 => End::Operator,
        _ if nth % 10 == 7 => End::NoAck,
        _ => End::Hangup,
    }
}

async fn rows(db: &Db, state: &str) -> Vec<PageRow> {
    let filter = PageFilter { state: Some(state.to_owned()), ..PageFilter::default() };
    pages(db, &filter, i64::from(PAGES) * 2).await.expect("rows")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_pages_leave_no_port_task_lock_or_row_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = Db::open(&format!("sqlite://{}", folder.path().join("pages.db").display())).expect("a URL");
    db.migrate().await.expect("a schema");
    let mut stand = Stand::new(&db);
    let (stop, paging) = (CancellationToken::new(), stand.paging.clone());
    let until = stop.clone();
    let writer = tokio::spawn(async move { paging.write_down(&until).await });
    let mut extra = 0;
    for nth in 0..PAGES {
        let zone = format!("70{}", nth % 5);
        if nth % 2 == 0 {
            let end = end(nth / 2);
            extra += u32::from(end == End::Preempted);
            stand.calls(nth, &zone, end).await;
        } else {
            let page = stand.paging.begin(api(&zone, 5)).expect("free");
            page.push(&[1; 160]);
            page.end(Reason::Finished).await;
        }
        stand.clock.advance(TimeDelta::milliseconds(1_500));
        stand.passes(Duration::from_millis(1_500));
        if nth % 500 == 0 {
            stand.paging.0.clerk.written(Duration::from_secs(10)).await;
        }
    }
    stand.passes(Duration::from_secs(60));
    let Stand { core, paging, tasks, ports, now, .. } = stand;
    assert!(
        core.calls.is_empty() && core.early.is_empty() && core.dialogs.is_empty() && core.goodbyes.is_empty(),
        "calls"
    );
    assert!(core.servers.is_empty() && core.clients.is_empty() && core.first_seen.is_empty(), "transactions");
    assert_eq!(core.next(), None, "reminders");
    tasks.close();
    tokio::time::timeout(Duration::from_secs(5), tasks.wait()).await.expect("no task stays");
    assert!(paging.is_idle(), "locks and pages");
    let (here, later) = ("127.0.0.1".parse().expect("an address"), now + Duration::from_secs(60));
    let free: Vec<_> = std::iter::from_fn(|| ports.open(here, 0, later)).collect();
    assert_eq!(free.len(), 4, "ports");
    stop.cancel();
    writer.await.expect("the writer ends");
    assert_eq!(rows(&db, "playing").await, []);
    assert_eq!(rows(&db, "ended").await.len(), usize::try_from(PAGES + extra).expect("small"));
}
