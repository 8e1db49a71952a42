//! What a speaker wants within a call: hold, another address, a refresh, an end.

use super::super::agent::{interval, offer};
use super::call::{Call, Owner, Stage, Waiting, destination};
use super::core::{Core, Open, Timer};
use super::dialog::Way;
use super::outcome::is_plain;
use crate::sip::sdp::{Agreed, Offer, Ours};
use crate::sip::session::Interval;
use crate::sip::transaction::Server;
use crate::sip::{ALLOW, Answer, Method, Request};
use std::net::SocketAddr;
use std::time::Instant;

/// Requests of speakers that are remembered at a time.
const OPEN: usize = 10_000;

impl Core {
    /// A request that came to `us`.
    pub(super) fn request(&mut self, request: &Request, us: SocketAddr, now: Instant) {
        let key = request.transaction();
        if request.method == Method::Ack {
            return self.acknowledged(request, &key, now);
        }
        if let Some(open) = self.servers.get(&key) {
            let copy = open.server.for_copy().map(|bytes| (open.way, bytes.to_vec()));
            return self.out.extend(copy);
        }
        if !self.knows(request.source) || self.servers.len() >= OPEN {
            return;
        }
        let way = Way { us, target: request.echo.target };
        let server = Server::new(request.method == Method::Invite, way.target.transport.is_reliable());
        self.servers.insert(key.clone(), Open { server, way });
        match self.find(request) {
            Some(id) => self.within(request, (&key, &id), now),
            None => self.without(request, &key, now),
        }
    }

    /// The call that a request names, by both tags.
    fn find(&self, request: &Request) -> Option<String> {
        let call = self.calls.get(&request.call_id)?;
        let theirs = match &call.stage {
            Stage::Talking(talk) => &talk.dialog.their_tag,
            Stage::Leaving(dialog) => &dialog.their_tag,
            Stage::Calling(_) | Stage::Dropped => return None,
        };
        let same = request.to.tag.as_deref() == Some(&call.tag) && request.from.tag.as_deref() == Some(theirs);
        same.then(|| request.call_id.clone())
    }

    /// Speakers look whether we are there; nobody calls us here.
    fn without(&mut self, request: &Request, key: &str, now: Instant) {
        let answer = match (request.method, &request.to.tag) {
            (Method::Options, None) => possible(),
            (Method::Invite, None) => Answer::new(403),
            (Method::Cancel, _) if self.servers.contains_key(&request.transaction_of_invite()) => Answer::new(200),
            _ => Answer::new(481),
        };
        let tag = self.names.tag_of(&request.echo.grain());
        self.reply(request, key, (&answer, &tag), now);
    }

    fn within(&mut self, request: &Request, (key, id): (&str, &str), now: Instant) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let tag = call.tag.clone();
        let answer = match (&mut call.stage, request.method) {
            (_, Method::Cancel) => Answer::new(200),
            (_, Method::Bye) => {
                self.reply(request, key, (&Answer::new(200), &tag), now);
                return self.forget(id, "the speaker hung up");
            }
            (Stage::Talking(talk), _) if talk.dialog.their_cseq.is_some_and(|last| request.cseq <= last) => {
                Answer::new(500)
            }
            (Stage::Talking(talk), method) => {
                talk.dialog.their_cseq = Some(request.cseq);
                if matches!(method, Method::Invite | Method::Update) {
                    return self.change(request, (key, id), now);
                }
                possible()
            }
            _ => Answer::new(481),
        };
        self.reply(request, key, (&answer, &tag), now);
    }

    /// A re-INVITE or UPDATE.
    fn change(&mut self, request: &Request, (key, id): (&str, &str), now: Instant) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let (us, tag) = (call.way.us, call.tag.clone());
        let (answer, offered) = match changed(call, request, now) {
            Ok(changed) => {
                let offered = changed.offered;
                (changed.answer(us, request), offered)
            }
            Err(answer) => return drop(self.reply(request, key, (&answer, &tag), now)),
        };
        let bytes = self.reply(request, key, (&answer, &tag), now);
        let Some(call) = self.calls.get_mut(id) else { return };
        if let Stage::Talking(talk) = &mut call.stage
            && request.method == Method::Invite
        {
            talk.waiting = Some(Waiting::new(request.cseq, (bytes, request.echo.target), offered, now));
        }
        let next = call.next();
        self.remind(next, Timer::Call(id.to_owned()));
    }

    fn acknowledged(&mut self, request: &Request, key: &str, now: Instant) {
        if let Some(open) = self.servers.get_mut(key)
            && open.server.acknowledged(now)
        {
            let next = open.server.next();
            return self.remind(next, Timer::Server(key.to_owned()));
        }
        let Some(id) = self.find(request) else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Stage::Talking(talk) = &mut call.stage else { return };
        let Some(waiting) = talk.waiting.take_if(|waiting| waiting.cseq == request.cseq) else { return };
        if waiting.offered
            && let Ok(answer) = Offer::read(&request.body, request.source.ip())
        {
            moved(call, &answer.agreed);
        }
    }

    /// A session whose refreshes are ours.
    pub(super) fn refresh(&mut self, id: &str, now: Instant) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let us = call.way.us;
        let Stage::Talking(talk) = &mut call.stage else { return };
        let Some((interval, _)) = talk.session else { return };
        let (mut update, way) = (talk.dialog.ask("UPDATE"), talk.dialog.way);
        update.headers.push(("Contact", format!("<sip:paging@{us}>")));
        update.headers.push(("Supported", "timer".to_owned()));
        update.headers.push(("Session-Expires", format!("{};refresher=uac", interval.seconds)));
        self.ask(id, update, way, now);
    }

    /// Answers, and remembers the answer. Gives what was sent.
    fn reply(&mut self, request: &Request, key: &str, (answer, tag): (&Answer, &str), now: Instant) -> Vec<u8> {
        let bytes = answer.write(&request.echo, tag);
        let Some(open) = self.servers.get_mut(key) else { return bytes };
        open.server.answered(answer.code, &bytes, now);
        let (way, next) = (open.way, open.server.next());
        self.out.push((way, bytes.clone()));
        self.remind(next, Timer::Server(key.to_owned()));
        bytes
    }
}

/// A change that was agreed to.
struct Changed {
    said: Option<String>,
    /// That is an offer: their ACK has the answer.
    offered: bool,
    interval: Option<Interval>,
}

impl Changed {
    fn answer(self, us: SocketAddr, request: &Request) -> Answer {
        let transport = if request.echo.target.transport.is_reliable() { ";transport=tcp" } else { "" };
        let contact = format!("<sip:paging@{us}{transport}>");
        let answer = Answer::new(200).with("Contact", contact).with("Allow", ALLOW).with("Supported", "timer");
        let answer = match self.interval {
            Some(interval) => answer.with("Session-Expires", interval.header()).with("Require", "timer"),
            None => answer,
        };
        match self.said {
            Some(said) => answer.with_sdp(said),
            None => answer,
        }
    }
}

fn changed(call: &mut Call, request: &Request, now: Instant) -> Result<Changed, Answer> {
    let invite = request.method == Method::Invite;
    let (offer, interval) = (offer(request)?, interval(request)?);
    let (ours, packet_ms) = (&mut call.ours, call.speaker.packets.packet_ms);
    let Stage::Talking(talk) = &mut call.stage else { return Err(Answer::new(481)) };
    if talk.waiting.is_some() && (invite || offer.is_some()) {
        return Err(Answer::new(491));
    }
    if offer.as_ref().is_some_and(|offer| offer.agreed.encoding != talk.encoding || !is_plain(&offer.agreed)) {
        // What plays goes on as it is (14.2).
        return Err(Answer::new(488));
    }
    talk.dialog.renew(request);
    talk.session = interval.map(|interval| (interval, now + interval.due()));
    let write = |ours: &Ours| match &offer {
        Some(offer) => Some(ours.answer(offer)),
        None => invite.then(|| ours.offer_sound(talk.encoding, packet_ms)),
    };
    let mut said = write(ours);
    if said.as_ref().is_some_and(|said| *said != talk.said) {
        ours.version += 1;
        said = write(ours);
    }
    if let Some(said) = &said {
        talk.said.clone_from(said);
    }
    let offered = offer.is_none();
    if let Some(offer) = offer {
        moved(call, &offer.agreed);
    }
    Ok(Changed { said, offered, interval })
}

/// The speaker wants its sound elsewhere, or none for a while.
fn moved(call: &mut Call, agreed: &Agreed) {
    let Stage::Talking(talk) = &mut call.stage else { return };
    talk.to = destination(agreed).filter(|to| *to != call.sound.address);
    if let Owner::Plays(_, seat) = &call.owner {
        seat.moved(talk.to);
    }
}

/// What may be asked of us.
fn possible() -> Answer {
    Answer::new(200).with("Allow", ALLOW).with("Accept", "application/sdp").with("Supported", "timer")
}
