//! What comes in, whose it is, and when something is due. Owned by one task; reads no clock and writes to no socket.

use super::access::{Access, Heard};
use super::call::{Call, Cancelled, Due, Early};
use super::leg::{Legs, News, What};
use super::names::Names;
use super::pages::{Ending, Over, Pages};
use super::quota::Quotas;
use super::trunk::{Lookup, Trunk};
use crate::base::SipMeters;
use crate::config::paging::Paging;
use crate::paging::reminders::Reminders;
use crate::sip::digest::Guard;
use crate::sip::transaction::{Client, Server};
use crate::sip::{ALLOW, Answer, Echo, Method, Request, Response, Target, Transport, Verdict, judge};
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

/// Requests that are remembered at a time; more are turned away.
const TRANSACTIONS: usize = 60_000;

/// All calls.
pub(super) struct Core {
    pub paging: Arc<Paging>,
    pub pages: Arc<dyn Pages>,
    pub access: Access,
    quotas: Quotas,
    pub meters: SipMeters,
    pub legs: Legs,
    pub names: Names,
    /// Where we listen.
    bind: Binds,
    pub servers: HashMap<String, Open>,
    pub clients: HashMap<String, Asked>,
    /// INVITEs that will be answered with 200 in a moment, by their transaction.
    pub early: HashMap<String, Early>,
    /// CANCELs whose call has ended, and that are answered in a moment.
    pub cancelled: HashMap<String, Cancelled>,
    pub calls: HashMap<u64, Call>,
    /// Calls by Call-ID and our tag.
    pub dialogs: HashMap<(String, String), u64>,
    /// INVITEs outside of calls that are being answered, by Call-ID, tag and number: which transaction came first.
    pub first_seen: HashMap<(String, String, u32), String>,
    /// BYEs that are answered when the outputs are free, so that whoever calls again at once finds them free.
    pub goodbyes: HashMap<u64, (Box<Request>, String)>,
    timers: Reminders<Timer>,
    /// PBXes that we are a telephone of.
    pub trunks: BTreeMap<u64, Trunk>,
    /// What is to be sent.
    pub out: Vec<(Target, Vec<u8>)>,
    /// What is to be found out.
    pub lookups: Vec<Lookup>,
}

/// A request that came in.
pub(super) struct Open {
    pub server: Server,
    pub target: Target,
    /// Behind To in its answers: a CANCEL's answer has the tag of its INVITE (9.2).
    pub tag: Option<String>,
    /// Its entry in `first_seen`.
    pub seen: Option<(String, String, u32)>,
}

/// A request that went out.
pub(super) struct Asked {
    pub client: Client,
    pub target: Target,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    Server(String),
    Client(String),
    Call(u64),
    Early(String),
    Cancelled(String),
    Trunk(u64),
}

/// Where we listen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binds {
    /// UDP and TCP.
    pub plain: SocketAddr,
    /// TLS, where there is a certificate.
    pub tls: Option<SocketAddr>,
}

/// What a core is made of.
pub(super) struct CoreParts {
    pub pages: Arc<dyn Pages>,
    pub legs: Legs,
    pub bind: Binds,
    pub key: [u8; 32],
    pub meters: SipMeters,
}

impl Core {
    pub(super) fn new(parts: CoreParts, now: Instant) -> Self {
        let CoreParts { pages, legs, bind, key, meters } = parts;
        let (names, paging) = (Names::new(key), pages.config());
        let guard = Guard::new("paging", names.another_key("nonces"), now);
        let mut core = Self {
            access: Access::new(&paging, guard, meters.lockouts.clone()),
            paging,
            quotas: Quotas::default(),
            meters,
            pages,
            legs,
            names,
            bind,
            servers: HashMap::new(),
            clients: HashMap::new(),
            early: HashMap::new(),
            cancelled: HashMap::new(),
            calls: HashMap::new(),
            dialogs: HashMap::new(),
            first_seen: HashMap::new(),
            goodbyes: HashMap::new(),
            timers: Reminders::new(),
            trunks: BTreeMap::new(),
            out: Vec::new(),
            lookups: Vec::new(),
        };
        core.arrange_trunks(now);
        core
    }

    /// Whether anything from there is read at all, by the callers in force: not from strangers, and not too much from anybody
    /// whose network the file does not name. Where the file has changed, who was locked out starts anew.
    pub(super) fn lets_in(&mut self, ip: IpAddr, now: Instant) -> bool {
        self.follow_file(now);
        let fate = match self.access.hears(ip) {
            Heard::Named => return true,
            _ if self.trunks.values().any(|trunk| trunk.is_of(ip)) => return true,
            Heard::Anybody if self.quotas.take(ip, now) => return true,
            Heard::Anybody => "flood",
            Heard::Stranger => "stranger",
        };
        self.meters.messages.count(fate);
        false
    }

    /// Callers and PBXes as the file has them now.
    pub(super) fn follow_file(&mut self, now: Instant) {
        let paging = self.pages.config();
        if Arc::ptr_eq(&paging, &self.paging) {
            return;
        }
        let guard = Guard::new("paging", self.names.another_key("nonces"), now);
        self.access = Access::new(&paging, guard, self.meters.lockouts.clone());
        self.paging = paging;
        self.arrange_trunks(now);
    }

    /// A message came whole.
    pub(super) fn receive(&mut self, bytes: &[u8], source: SocketAddr, transport: Transport, now: Instant) {
        if !self.lets_in(source.ip(), now) {
            return;
        }
        let verdict = judge(bytes, source, transport);
        self.meters.messages.count(match verdict {
            Verdict::Silence => "unreadable",
            Verdict::Refuse(..) => "refused",
            Verdict::Response(_) => "response",
            Verdict::Request(_) => "request",
        });
        match verdict {
            Verdict::Silence => {}
            Verdict::Refuse(echo, answer) => self.answer_alone(&echo, &answer),
            Verdict::Response(response) => self.response(&response, now),
            Verdict::Request(request) => self.request(&request, now),
        }
    }

    fn request(&mut self, request: &Request, now: Instant) {
        let key = request.transaction();
        if request.method == Method::Ack {
            return self.ack(request, &key, now);
        }
        if let Some(open) = self.servers.get(&key) {
            if let Some(bytes) = open.server.for_copy() {
                self.out.push((open.target, bytes.to_vec()));
            }
            return;
        }
        if self.servers.len() >= TRANSACTIONS {
            return self.answer_alone(&request.echo, &Answer::new(503).with("Retry-After", "5"));
        }
        let invite = request.method == Method::Invite;
        let server = Server::new(invite, request.echo.target.transport.is_reliable());
        self.servers.insert(key.clone(), Open { server, target: request.echo.target, tag: None, seen: None });
        if let Some(tag) = &request.to.tag {
            return self.within(request, &key, tag, now);
        }
        match request.method {
            Method::Invite => self.invite(request, &key, now),
            Method::Options => self.answer(request, &key, &possible(), now),
            Method::Cancel => self.cancel(request, &key, now),
            _ => self.answer(request, &key, &Answer::new(481), now),
        }
    }

    fn ack(&mut self, request: &Request, key: &str, now: Instant) {
        if let Some(open) = self.servers.get_mut(key)
            && open.server.acknowledged(now)
        {
            let next = open.server.next();
            return self.remind(next, Timer::Server(key.to_owned()));
        }
        self.acknowledged(request, now);
    }

    fn response(&mut self, response: &Response, now: Instant) {
        let key = format!("{} {}", response.method, response.branch);
        let Some(asked) = self.clients.get_mut(&key) else { return self.registrar_says(response, now) };
        asked.client.heard(response.code, now);
        let next = asked.client.next();
        self.remind(next, Timer::Client(key));
    }

    /// An answer that is remembered until its time is over.
    pub(super) fn answer(&mut self, request: &Request, key: &str, answer: &Answer, now: Instant) {
        let tag = self.names.tag_of(&request.echo.grain());
        self.answer_with(request, key, (answer, &tag), now);
    }

    /// The same with a tag that becomes a call's. Gives what was sent.
    pub(super) fn answer_with(
        &mut self,
        request: &Request,
        key: &str,
        (answer, tag): (&Answer, &str),
        now: Instant,
    ) -> Vec<u8> {
        let bytes = answer.write(&request.echo, tag);
        let target = request.echo.target;
        let next = self.servers.get_mut(key).and_then(|open| {
            open.server.answered(answer.code, &bytes, now);
            open.tag = Some(tag.to_owned());
            open.server.next()
        });
        self.remind(next, Timer::Server(key.to_owned()));
        self.out.push((target, bytes.clone()));
        bytes
    }

    fn answer_alone(&mut self, echo: &Echo, answer: &Answer) {
        let tag = self.names.tag_of(&echo.grain());
        self.out.push((echo.target, answer.write(echo, &tag)));
    }

    pub(super) fn remind(&mut self, at: Option<Instant>, timer: Timer) {
        self.timers.put(at, timer);
    }

    /// When [`Core::wake`] wants to be called.
    pub(super) fn next(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Everything that is due.
    pub(super) fn wake(&mut self, now: Instant) {
        while let Some(timer) = self.timers.due(now) {
            let next = match &timer {
                Timer::Server(key) => self.wake_server(key, now),
                Timer::Client(key) => self.wake_client(key, now),
                Timer::Call(call) => self.wake_call(*call, now),
                Timer::Trunk(number) => self.wake_trunk(*number, now),
                Timer::Early(key) => {
                    self.end_hold(key, now);
                    None
                }
                Timer::Cancelled(key) => {
                    self.end_cancel(key, now);
                    None
                }
            };
            // A reminder that came early finds nothing due, and a newer one stands behind it.
            self.remind(next.filter(|next| *next > now), timer);
        }
    }

    fn wake_server(&mut self, key: &str, now: Instant) -> Option<Instant> {
        let open = self.servers.get_mut(key)?;
        let due = open.server.wake(now);
        if due.repeat
            && let Some(bytes) = open.server.last()
        {
            self.out.push((open.target, bytes.to_vec()));
        }
        if due.over {
            if let Some(seen) = self.servers.remove(key).and_then(|open| open.seen) {
                self.first_seen.remove(&seen);
            }
            return None;
        }
        due.repeat.then(|| open.server.next())?
    }

    fn wake_client(&mut self, key: &str, now: Instant) -> Option<Instant> {
        let asked = self.clients.get_mut(key)?;
        let due = asked.client.wake(now);
        if due.over {
            self.clients.remove(key);
            return None;
        }
        if due.repeat {
            self.out.push((asked.target, asked.bytes.clone()));
            return asked.client.next();
        }
        None
    }

    fn wake_call(&mut self, number: u64, now: Instant) -> Option<Instant> {
        let call = self.calls.get_mut(&number)?;
        match call.wake(now) {
            Due::Nothing => return None,
            Due::Repeat(target, bytes) => self.out.push((target, bytes)),
            Due::Refresh => self.refresh(number, now),
            Due::NoAck => self.hang_up(number, Ending::NoAck, None, now),
            Due::Expired => self.hang_up(number, Ending::MediaTimeout, None, now),
        }
        self.calls.get(&number)?.next()
    }

    /// A leg has something to tell.
    pub(super) fn heard(&mut self, news: News, now: Instant) {
        const PREEMPTED: &str = "SIP;cause=503;text=\"Preempted\"";
        match news.what {
            What::Over(Over::Preempted) => self.hang_up(news.call, Ending::Hangup, Some(PREEMPTED), now),
            What::Over(Over::Otherwise) => self.hang_up(news.call, Ending::Hangup, None, now),
            What::Closed => {
                if let Some((request, key)) = self.goodbyes.remove(&news.call) {
                    self.answer(&request, &key, &Answer::new(200), now);
                }
            }
            What::Dead => self.hang_up(news.call, Ending::MediaTimeout, None, now),
        }
    }

    /// Our address, as somebody there reaches it.
    pub(super) fn us(&self, Target { transport, address }: Target) -> SocketAddr {
        let peer = address.ip();
        let bind = self.bind.tls.filter(|_| transport == Transport::Tls).unwrap_or(self.bind.plain);
        if !bind.ip().is_unspecified() {
            return bind;
        }
        let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
        let towards = || {
            let socket = std::net::UdpSocket::bind(any)?;
            socket.connect((peer, 9))?;
            socket.local_addr()
        };
        SocketAddr::new(towards().map_or(bind.ip(), |address| address.ip()), bind.port())
    }
}

/// What may be asked of us.
fn possible() -> Answer {
    Answer::new(200).with("Allow", ALLOW).with("Accept", "application/sdp").with("Supported", "timer")
}

pub(super) fn possibilities() -> Answer {
    possible()
}
