//! Requests of ours (RFC 3261 17.1): written, repeated where something may get lost, and what an answer to them means.

use super::echo::Target;
use super::request::Response;
use super::transaction::{Client, Due};
use std::fmt::{self, Write};
use std::net::SocketAddr;
use std::time::Instant;

/// A request of ours, before it is sent.
#[derive(Clone)]
pub struct Ask {
    /// What it wants.
    pub method: &'static str,
    /// Whom it is for.
    pub uri: String,
    /// Hops that it has to pass, from the top.
    pub routes: Vec<String>,
    /// Value of From, with its tag.
    pub from: String,
    /// Value of To, with its tag where there is one.
    pub to: String,
    /// Name of the call.
    pub call_id: String,
    /// Number of the request within it.
    pub cseq: u32,
    /// What else it says, in this order.
    pub headers: Vec<(&'static str, String)>,
    /// A description of the session.
    pub sdp: Option<String>,
}

impl fmt::Debug for Ask {
    /// Its headers may hold the proof of a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, call_id, cseq, .. } = self;
        f.debug_struct("Ask")
            .field("method", method)
            .field("call_id", call_id)
            .field("cseq", cseq)
            .finish_non_exhaustive()
    }
}

impl Ask {
    /// Written, as it leaves `us` over `target`'s transport.
    #[must_use]
    pub fn write(&self, us: SocketAddr, target: Target, branch: &str) -> Vec<u8> {
        let mut text = self.head(self.method, &via(us, target, branch), &self.to);
        let mut line = |name: &str, value: &str| {
            let _ = write!(text, "{name}: {value}\r\n");
        };
        self.headers.iter().for_each(|(name, value)| line(name, value));
        let body = self.sdp.as_deref().unwrap_or_default();
        if self.sdp.is_some() {
            line("Content-Type", "application/sdp");
        }
        line("Content-Length", &body.len().to_string());
        text.push_str("\r\n");
        text.push_str(body);
        text.into_bytes()
    }

    /// The lines that a request shares with its ACK and its CANCEL.
    fn head(&self, method: &str, via: &str, to: &str) -> String {
        let mut text = format!("{method} {} SIP/2.0\r\nVia: {via}\r\nMax-Forwards: 70\r\n", self.uri);
        for route in &self.routes {
            let _ = write!(text, "Route: {route}\r\n");
        }
        let _ = write!(
            text,
            "From: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {} {method}\r\n",
            self.from, self.call_id, self.cseq
        );
        text
    }
}

fn via(us: SocketAddr, target: Target, branch: &str) -> String {
    format!("SIP/2.0/{} {us};rport;branch={branch}", target.transport.as_str())
}

/// A request of ours that is under way, until nothing more can come of it.
#[derive(Clone, Debug)]
pub struct Asking {
    ask: Ask,
    us: SocketAddr,
    target: Target,
    branch: String,
    bytes: Vec<u8>,
    timers: Client,
    /// Somebody is there: only then it can be cancelled (9.1).
    proceeding: bool,
}

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Somebody works at it.
    Provisional,
    /// The first final answer.
    Final,
    /// One that came before; of an INVITE that succeeded the call has to acknowledge it again.
    Copy,
}

/// What came of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What it is.
    pub news: News,
    /// To be sent at once: the ACK of an error (17.1.1.3). That of a 2xx is the call's.
    pub ack: Option<Vec<u8>>,
}

impl Asking {
    /// Begins; [`Asking::bytes`] are to be sent to [`Asking::target`]. `branch` is new, and nobody can guess it.
    #[must_use]
    pub fn begin(ask: Ask, (us, target): (SocketAddr, Target), branch: String, now: Instant) -> Self {
        let bytes = ask.write(us, target, &branch);
        let timers = Client::new(ask.method == "INVITE", target.transport.is_reliable(), now);
        Self { ask, us, target, branch, bytes, timers, proceeding: false }
    }

    /// Its name, among all that are under way: [`Response::transaction`] of what answers it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.ask.method, self.branch)
    }

    /// What is sent, and sent again.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where it goes.
    #[must_use]
    pub const fn target(&self) -> Target {
        self.target
    }

    /// What was asked.
    #[must_use]
    pub const fn ask(&self) -> &Ask {
        &self.ask
    }

    /// Whether a final answer came.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.timers.is_answered()
    }

    /// An answer to it came.
    pub fn receive(&mut self, response: &Response, now: Instant) -> Heard {
        let code = response.code;
        let first = self.timers.heard(code, now);
        self.proceeding |= code < 200;
        let news = match code {
            ..200 => News::Provisional,
            _ if first => News::Final,
            _ => News::Copy,
        };
        let failed = self.ask.method == "INVITE" && code >= 300;
        Heard { news, ack: failed.then(|| self.ack(response)) }
    }

    fn ack(&self, response: &Response) -> Vec<u8> {
        let to = response.message.first("to").unwrap_or(&self.ask.to);
        let head = self.ask.head("ACK", &via(self.us, self.target, &self.branch), to);
        (head + "Content-Length: 0\r\n\r\n").into_bytes()
    }

    /// The CANCEL of an INVITE: a request of its own, with the same branch. `None` before anybody is there, and behind the
    /// final answer: then it would be for nothing.
    #[must_use]
    pub fn cancel(&self, now: Instant) -> Option<Self> {
        let possible = self.ask.method == "INVITE" && self.proceeding && !self.is_answered();
        let ask = Ask { method: "CANCEL", headers: Vec::new(), sdp: None, ..self.ask.clone() };
        possible.then(|| Self::begin(ask, (self.us, self.target), self.branch.clone(), now))
    }

    /// Nobody waits for it any more: it is not repeated, and what still comes is received.
    pub fn hush(&mut self) {
        self.timers.hush();
    }

    /// When [`Asking::wake`] wants to be called.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// The time has come. Over without an answer: nobody is there (B, F).
    pub fn wake(&mut self, now: Instant) -> Due {
        self.timers.wake(now)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Transport, Verdict, judge};
    use super::*;
    use std::time::Duration;

    const ADDRESS: &str = "192.0.2.20:5060";

    fn asking(method: &'static str, transport: Transport, now: Instant) -> Asking {
        let ask = Ask {
            method,
            uri: "sip:hall@192.0.2.20".to_owned(),
            routes: vec!["<sip:proxy.example;lr>".to_owned()],
            from: "<sip:paging@192.0.2.1>;tag=a".to_owned(),
            to: "<sip:hall@192.0.2.20>".to_owned(),
            call_id: "c1".to_owned(),
            cseq: 7,
            headers: vec![("Authorization", "Digest secret".to_owned())],
            sdp: (method == "INVITE").then(|| "v=0\r\n".to_owned()),
        };
        let target = Target { transport, address: ADDRESS.parse().expect("an address") };
        let us = "192.0.2.1:5070".parse().expect("an address");
        Asking::begin(ask, (us, target), "z9hG4bKx".to_owned(), now)
    }

    fn answer(code: u16, method: &str) -> Response {
        let text = format!(
            "SIP/2.0 {code} X\r\nVia: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKx\r\nFrom: <sip:paging@192.0.2.1>;tag=a\r\n\
             To: <sip:hall@192.0.2.20>;tag=b\r\nCall-ID: c1\r\nCSeq: 7 {method}\r\n\r\n"
        );
        match judge(text.as_bytes(), ADDRESS.parse().expect("an address"), Transport::Udp) {
            Verdict::Response(response) => *response,
            other => panic!("{other:?}"),
        }
    }

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).expect("text")
    }

    #[test]
    fn what_is_written_is_a_request_to_the_door() {
        let invite = asking("INVITE", Transport::Udp, Instant::now());
        let judged = judge(invite.bytes(), ADDRESS.parse().expect("an address"), Transport::Udp);
        let Verdict::Request(request) = judged else { panic!("{judged:?}") };
        assert_eq!((request.cseq, request.body.as_slice(), request.via.wants_rport()), (7, &b"v=0\r\n"[..], true));
        assert_eq!(request.header("route"), Some("<sip:proxy.example;lr>"));
        assert_eq!(answer(200, "INVITE").transaction(), invite.key());
        assert!(!format!("{invite:?}").contains("Digest secret"), "a proof stays out of the log");
    }

    #[test]
    fn errors_are_acknowledged_each_time_and_success_is_left_to_the_call() {
        let now = Instant::now();
        let mut invite = asking("INVITE", Transport::Udp, now);
        assert_eq!(invite.receive(&answer(180, "INVITE"), now), Heard { news: News::Provisional, ack: None });
        for news in [News::Final, News::Copy] {
            let heard = invite.receive(&answer(486, "INVITE"), now);
            let ack = heard.ack.expect("an ACK");
            let lines: Vec<&str> = text(&ack).lines().collect();
            assert_eq!(heard.news, news);
            assert_eq!(
                lines[..2],
                ["ACK sip:hall@192.0.2.20 SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.1:5070;rport;branch=z9hG4bKx"]
            );
            for line in ["To: <sip:hall@192.0.2.20>;tag=b", "CSeq: 7 ACK", "Route: <sip:proxy.example;lr>"] {
                assert!(lines.contains(&line), "{line}");
            }
            assert!(!text(&ack).contains("Authorization"));
        }
        assert!(
            !invite.wake(now + Duration::from_secs(31)).over && invite.wake(now + Duration::from_secs(32)).over,
            "D"
        );
        let mut answered = asking("INVITE", Transport::Tcp, now);
        assert_eq!(answered.receive(&answer(200, "INVITE"), now), Heard { news: News::Final, ack: None });
        assert_eq!(answered.receive(&answer(200, "INVITE"), now), Heard { news: News::Copy, ack: None });
        assert!(!answered.wake(now + Duration::from_secs(31)).over, "copies of a 2xx come over TCP too");
    }

    #[test]
    fn only_what_somebody_works_at_can_be_cancelled() {
        let now = Instant::now();
        let mut invite = asking("INVITE", Transport::Udp, now);
        assert!(invite.cancel(now).is_none());
        invite.receive(&answer(100, "INVITE"), now);
        let cancel = invite.cancel(now).expect("a CANCEL");
        assert!(
            text(cancel.bytes()).starts_with("CANCEL sip:hall@192.0.2.20 ")
                && text(cancel.bytes()).contains("CSeq: 7 CANCEL\r\n")
        );
        assert_eq!(cancel.key(), answer(200, "CANCEL").transaction());
        invite.receive(&answer(200, "INVITE"), now);
        assert!(invite.cancel(now).is_none(), "too late: a BYE has to end it");
    }

    #[test]
    fn only_datagrams_are_repeated_and_silence_has_an_end() {
        let now = Instant::now();
        let at = |ms: u64| now + Duration::from_millis(ms);
        let repeats = |mut asking: Asking| -> Vec<u64> {
            (0..320).map(|n| n * 100).filter(|ms| asking.wake(at(*ms)).repeat).collect()
        };
        assert_eq!(repeats(asking("INVITE", Transport::Udp, now)), [500, 1_500, 3_500, 7_500, 15_500, 31_500], "A");
        assert_eq!(repeats(asking("BYE", Transport::Udp, now))[..5], [500, 1_500, 3_500, 7_500, 11_500], "E");
        let mut working = asking("BYE", Transport::Udp, now);
        working.receive(&answer(100, "BYE"), now);
        assert_eq!(repeats(working)[..3], [500, 4_500, 8_500], "E, when somebody works at it");
        for method in ["INVITE", "BYE"] {
            assert!(repeats(asking(method, Transport::Tcp, now)).is_empty());
            let mut silent = asking(method, Transport::Tcp, now);
            assert!(!silent.wake(at(31_900)).over && silent.wake(at(32_000)).over && !silent.is_answered(), "B and F");
        }
        let mut given_up = asking("INVITE", Transport::Udp, now);
        given_up.hush();
        assert!(repeats(given_up.clone()).is_empty() && given_up.wake(at(32_000)).over);
        let mut done = asking("BYE", Transport::Udp, now);
        done.receive(&answer(200, "BYE"), now);
        assert!(!done.wake(at(4_900)).over && done.wake(at(5_000)).over, "K");
    }
}
