//! What comes in, whose it is, and when something is due. Owned by one task; reads no clock and writes to no socket.

use super::super::agent::Names;
use super::call::{Call, Due, Owner, Stage, Ticket, encoding};
use super::dialog::Way;
use super::invite::{Speaker, invite};
use super::network::Sound;
use crate::paging::Join;
use crate::paging::reminders::Reminders;
use crate::sip::digest::Answers;
use crate::sip::sdp::{Ours, Speaks};
use crate::sip::transaction::{GIVE_UP, Server};
use crate::sip::{Ask, Asking, Response, Target, Transport, Verdict, judge};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a speaker plays what it has before it is hung up; another page that wants it then need not call it again.
const LINGER: Duration = Duration::from_millis(100);

/// All calls to speakers.
pub(super) struct Core {
    pub names: Names,
    /// By Call-ID.
    pub calls: HashMap<String, Call>,
    pub clients: HashMap<String, Client>,
    pub servers: HashMap<String, Open>,
    timers: Reminders<Timer>,
    /// What is to be sent.
    pub out: Vec<(Way, Vec<u8>)>,
}

/// A page wants a speaker.
#[derive(Debug)]
pub(super) struct Wish {
    pub ticket: Ticket,
    pub page: String,
    pub speaker: Speaker,
    pub way: Way,
    pub sound: Arc<Sound>,
    pub join: Join,
}

/// A request of ours that is under way.
pub(super) struct Client {
    pub asking: Asking,
    /// Call-ID.
    call: String,
    us: SocketAddr,
}

/// A request of theirs.
pub(super) struct Open {
    pub server: Server,
    pub way: Way,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    Server(String),
    Client(String),
    Call(String),
}

impl Core {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self {
            names: Names::new(key),
            calls: HashMap::new(),
            clients: HashMap::new(),
            servers: HashMap::new(),
            timers: Reminders::new(),
            out: Vec::new(),
        }
    }

    /// Calls a speaker; or takes over its call, where a page has just let go of it.
    pub(super) fn call(&mut self, wish: Wish, now: Instant) {
        let Wish { ticket, page, speaker, way, sound, join } = wish;
        let free = |(_, call): &(&String, &mut Call)| call.is_free() && call.speaker.uri == speaker.uri;
        if let Some((id, call)) = self.calls.iter_mut().find(free) {
            call.until = matches!(call.stage, Stage::Calling(_)).then(|| now + speaker.patience);
            call.belong(ticket, join);
            let (next, id) = (call.next(), id.clone());
            return self.remind(next, Timer::Call(id));
        }
        let (id, tag, session) = (self.names.tag(), self.names.tag(), self.names.number() >> 1);
        let ours = Ours { address: sound.address, session, version: 1, speaks: Speaks::We };
        let offer = ours.offer_sound(encoding(speaker.packets.codec), speaker.packets.packet_ms);
        let invite = Ask { sdp: Some(offer), ..invite(&speaker, way, (&id, &tag), (&page, join.priority())) };
        let key = self.ask(&id, invite.clone(), way, now);
        let until = now + speaker.patience;
        let (owner, stage, answers) = (Owner::Waits(ticket, join), Stage::Calling(false), Answers::default());
        let call = Call { speaker, way, sound, ours, tag, invite, key, answers, owner, stage, until: Some(until) };
        self.calls.insert(id.clone(), call);
        self.remind(Some(until), Timer::Call(id));
    }

    /// A page needs its speaker no more.
    pub(super) fn let_go(&mut self, ticket: Ticket, now: Instant) {
        let Some((id, call)) = self.calls.iter_mut().find(|(_, call)| call.is_of(ticket)) else { return };
        if let Owner::Waits(_, join) = std::mem::replace(&mut call.owner, Owner::Nobody) {
            join.withdrawn();
        }
        call.until = Some(now + LINGER);
        let (next, id) = (call.until, id.clone());
        self.remind(next, Timer::Call(id));
    }

    /// Ends all calls at once.
    pub(super) fn hang_up_all(&mut self, now: Instant) {
        let ids: Vec<String> = self.calls.keys().cloned().collect();
        for id in ids {
            if let Some(call) = self.calls.get_mut(&id) {
                call.fail("the service stops");
            }
            self.end(&id, now);
        }
    }

    /// Whether every speaker knows that it is over.
    pub(super) fn is_idle(&self) -> bool {
        self.clients.values().all(|client| client.asking.is_answered())
    }

    /// A message came whole, to `us`.
    pub(super) fn receive(
        &mut self,
        bytes: &[u8],
        (source, us): (SocketAddr, SocketAddr),
        over: Transport,
        now: Instant,
    ) {
        match judge(bytes, source, over) {
            Verdict::Refuse(echo, answer) if self.knows(source) => {
                let tag = self.names.tag_of(&echo.grain());
                self.out.push((Way { us, target: echo.target }, answer.write(&echo, &tag)));
            }
            Verdict::Silence | Verdict::Refuse(..) => {}
            Verdict::Response(response) => self.response(&response, now),
            Verdict::Request(request) => self.request(&request, us, now),
        }
    }

    /// Whether we have called somebody there: everybody else is met with silence.
    pub(super) fn knows(&self, source: SocketAddr) -> bool {
        let ip = source.ip().to_canonical();
        self.calls.values().any(|call| call.way.target.address.ip().to_canonical() == ip)
    }

    fn response(&mut self, response: &Response, now: Instant) {
        let key = response.transaction();
        let Some(client) = self.clients.get_mut(&key) else { return };
        let heard = client.asking.receive(response, now);
        let way = Way { us: client.us, target: client.asking.target() };
        let (id, method, next) = (client.call.clone(), client.asking.ask().method, client.asking.next());
        self.out.extend(heard.ack.map(|ack| (way, ack)));
        self.remind(next, Timer::Client(key.clone()));
        match method {
            "INVITE" => self.outcome(&id, &key, (response, heard.news), now),
            "BYE" => self.goodbye(&id, (response, heard.news), now),
            _ => {}
        }
    }

    /// Sends a request of a call; gives its name.
    pub(super) fn ask(&mut self, id: &str, ask: Ask, way: Way, now: Instant) -> String {
        let asking = Asking::begin(ask, (way.us, way.target), self.names.branch(), now);
        self.begin(id, way.us, asking)
    }

    fn begin(&mut self, id: &str, us: SocketAddr, asking: Asking) -> String {
        let key = asking.key();
        self.remind(asking.next(), Timer::Client(key.clone()));
        self.out.push((Way { us, target: asking.target() }, asking.bytes().to_vec()));
        self.clients.insert(key.clone(), Client { asking, call: id.to_owned(), us });
        key
    }

    /// Cancels the INVITE of that name, once, if anybody is there to hear it.
    pub(super) fn cancel(&mut self, key: &str, now: Instant) {
        let Some(client) = self.clients.get_mut(key) else { return };
        let Some(cancel) = client.asking.cancel(now) else { return client.asking.hush() };
        let (id, us) = (client.call.clone(), client.us);
        if !self.clients.contains_key(&cancel.key()) {
            self.begin(&id, us, cancel);
        }
    }

    /// Ends a call that nobody wants: CANCEL before the answer, BYE behind it.
    pub(super) fn end(&mut self, id: &str, now: Instant) {
        let Some(call) = self.calls.get_mut(id) else { return };
        match std::mem::replace(&mut call.stage, Stage::Dropped) {
            Stage::Calling(_) => {
                call.until = Some(now + GIVE_UP);
                let (key, next) = (call.key.clone(), call.until);
                self.remind(next, Timer::Call(id.to_owned()));
                self.cancel(&key, now);
            }
            Stage::Talking(talk) => {
                let mut dialog = talk.dialog;
                let (bye, way) = (dialog.ask("BYE"), dialog.way);
                (call.stage, call.until) = (Stage::Leaving(Box::new(dialog)), None);
                self.ask(id, bye, way, now);
            }
            before => call.stage = before,
        }
    }

    /// Nothing can be sent there: who was being called fails at once.
    pub(super) fn unreachable(&mut self, target: Target) {
        let lost = |client: &&Client| client.asking.target() == target && !client.asking.is_answered();
        let ids: Vec<String> = self.clients.values().filter(lost).map(|client| client.call.clone()).collect();
        for id in ids {
            if let Some(mut call) = self.calls.remove(&id) {
                call.fail("it cannot be reached");
            }
            self.clients.retain(|_, client| client.call != id);
        }
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
                Timer::Call(id) => self.wake_call(id, now),
            };
            self.remind(next.filter(|next| *next > now), timer);
        }
    }

    fn wake_server(&mut self, key: &str, now: Instant) -> Option<Instant> {
        let open = self.servers.get_mut(key)?;
        let due = open.server.wake(now);
        if due.repeat
            && let Some(bytes) = open.server.last()
        {
            self.out.push((open.way, bytes.to_vec()));
        }
        if due.over {
            self.servers.remove(key);
            return None;
        }
        due.repeat.then(|| open.server.next())?
    }

    fn wake_client(&mut self, key: &str, now: Instant) -> Option<Instant> {
        let client = self.clients.get_mut(key)?;
        let due = client.asking.wake(now);
        if due.repeat {
            self.out.push((Way { us: client.us, target: client.asking.target() }, client.asking.bytes().to_vec()));
        }
        if !due.over {
            return due.repeat.then(|| client.asking.next())?;
        }
        let Client { asking, call, .. } = self.clients.remove(key)?;
        // A speaker that is gone: its call is over without its word.
        if !asking.is_answered() && matches!(asking.ask().method, "INVITE" | "BYE") {
            self.forget(&call, "it does not answer");
        }
        None
    }

    fn wake_call(&mut self, id: &str, now: Instant) -> Option<Instant> {
        let call = self.calls.get_mut(id)?;
        match call.wake(now) {
            Due::Nothing => return call.next(),
            Due::Impatient => self.impatient(id, now),
            Due::Repeat(target, bytes) => self.out.push((Way { us: call.way.us, target }, bytes)),
            Due::Refresh => self.refresh(id, now),
            Due::Lost(why) => {
                call.fail(why);
                self.end(id, now);
            }
        }
        self.calls.get(id)?.next()
    }

    fn impatient(&mut self, id: &str, now: Instant) {
        let Some(call) = self.calls.get_mut(id) else { return };
        match &call.stage {
            Stage::Calling(true) => call.fail("it rings and does not answer by itself"),
            Stage::Calling(false) => call.fail("it does not answer"),
            // Neither an answer nor the end of one that was given up.
            Stage::Dropped => {
                let key = call.key.clone();
                self.clients.remove(&key);
                return self.forget(id, "");
            }
            Stage::Talking(_) | Stage::Leaving(_) => {}
        }
        self.end(id, now);
    }

    /// Nothing more can come of a call.
    pub(super) fn forget(&mut self, id: &str, why: &str) {
        if let Some(mut call) = self.calls.remove(id) {
            call.fail(why);
        }
    }
}
