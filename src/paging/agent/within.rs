//! What a caller wants within a call, and how we end one.

use super::call::Waiting;
use super::core::{Asked, Core, Timer, possibilities};
use super::invite::{interval, offer};
use super::pages::Ending;
use crate::sip::sdp::Offer;
use crate::sip::transaction::Client;
use crate::sip::{Answer, Method, Request};
use std::time::Instant;

impl Core {
    /// A request that names a call of ours.
    pub(super) fn within(&mut self, request: &Request, key: &str, tag: &str, now: Instant) {
        let found = self.find(request, tag);
        // A CANCEL names the call of its INVITE only where that was within one; it was answered before.
        if request.method == Method::Cancel {
            return self.cancel(request, key, now);
        }
        let Some(number) = found else { return self.answer(request, key, &Answer::new(481), now) };
        let Some(call) = self.calls.get_mut(&number) else { return };
        if request.cseq <= call.dialog.their_cseq {
            return self.answer(request, key, &Answer::new(500), now);
        }
        match request.method {
            Method::Bye => {
                self.goodbyes.insert(number, (Box::new(request.clone()), key.to_owned()));
                self.forget(number, Ending::Hangup);
            }
            Method::Invite | Method::Update => self.change(request, key, number, now),
            _ => {
                call.dialog.their_cseq = request.cseq;
                self.answer(request, key, &possibilities(), now);
            }
        }
    }

    fn find(&self, request: &Request, tag: &str) -> Option<u64> {
        let number = self.dialogs.get(&(request.call_id.clone(), tag.to_owned())).copied()?;
        let call = self.calls.get(&number)?;
        (call.dialog.their_tag == request.from.tag.as_deref().unwrap_or_default()).then_some(number)
    }

    /// A re-INVITE or UPDATE: hold, resume, another address, or only a refresh.
    fn change(&mut self, request: &Request, key: &str, number: u64, now: Instant) {
        if let Err(answer) = self.changed(request, key, number, now) {
            self.answer(request, key, &answer, now);
        }
        let next = self.calls.get(&number).and_then(|call| call.next());
        self.remind(next, Timer::Call(number));
    }

    fn changed(&mut self, request: &Request, key: &str, number: u64, now: Instant) -> Result<(), Answer> {
        let invite = request.method == Method::Invite;
        let call = self.calls.get(&number).ok_or_else(|| Answer::new(481))?;
        let pending = call.waiting.as_ref();
        if pending.is_some() && !call.confirmed && (invite || !request.body.is_empty()) {
            return Err(Answer::new(500).with("Retry-After", "2"));
        }
        if pending.is_some() && (invite || !request.body.is_empty()) {
            return Err(Answer::new(491));
        }
        let (offer, interval) = (offer(request)?, interval(request)?);
        let mut answer = self.accepted(request, interval);
        let Some(call) = self.calls.get_mut(&number) else { return Ok(()) };
        call.dialog.renew(request);
        call.refreshed(interval, now);
        if let Some(said) = say(call, offer.as_ref(), invite) {
            answer = answer.with_sdp(said);
        }
        if let Some(offer) = &offer {
            call.agree(offer.agreed);
        }
        let tag = call.dialog.our_tag.clone();
        let bytes = self.answer_with(request, key, (&answer, &tag), now);
        if invite && let Some(call) = self.calls.get_mut(&number) {
            call.waiting = Some(Waiting::new(request.cseq, (bytes, request.echo.target), offer.is_none(), now));
        }
        Ok(())
    }

    /// An ACK for a 2xx.
    pub(super) fn acknowledged(&mut self, request: &Request, now: Instant) {
        let Some(number) = request.to.tag.as_deref().and_then(|tag| self.find(request, tag)) else { return };
        let Some(call) = self.calls.get_mut(&number) else { return };
        let Some(waiting) = call.waiting.take_if(|waiting| waiting.cseq == request.cseq) else { return };
        call.confirmed = true;
        let next = call.next();
        if waiting.offered {
            match Offer::read(&request.body, request.source.ip()) {
                Ok(answer) => call.agree(answer.agreed),
                Err(_) => return self.hang_up(number, Ending::NoAck, None, now),
            }
        }
        self.remind(next, Timer::Call(number));
    }

    /// Ends a call: a BYE goes out, and the page ends.
    pub(super) fn hang_up(&mut self, number: u64, ending: Ending, reason: Option<&str>, now: Instant) {
        let headers: Vec<(&str, &str)> = reason.map(|reason| ("Reason", reason)).into_iter().collect();
        self.ask(number, "BYE", &headers, now);
        self.forget(number, ending);
    }

    /// Refreshes a session that is ours to refresh.
    pub(super) fn refresh(&mut self, number: u64, now: Instant) {
        let Some((interval, _)) = self.calls.get(&number).and_then(|call| call.session) else { return };
        // Who refreshes is named from the point of view of this request.
        let value = format!("{};refresher=uac", interval.seconds);
        self.ask(number, "UPDATE", &[("Session-Expires", &value), ("Supported", "timer")], now);
    }

    /// Ends all calls, and those that are about to be answered.
    pub(super) fn hang_up_all(&mut self, now: Instant) {
        let early: Vec<String> = self.early.keys().cloned().collect();
        early.iter().for_each(|key| self.give_up(key, 503, now));
        self.leave_all(now);
        let numbers: Vec<u64> = self.calls.keys().copied().collect();
        numbers.into_iter().for_each(|number| self.hang_up(number, Ending::Shutdown, None, now));
    }

    fn ask(&mut self, number: u64, method: &str, headers: &[(&str, &str)], now: Instant) {
        let branch = self.names.branch();
        let Some(call) = self.calls.get(&number) else { return };
        let us = self.us(call.dialog.target);
        let Some(call) = self.calls.get_mut(&number) else { return };
        let contact = call.dialog.contact.clone();
        let with: Vec<(&str, &str)> =
            headers.iter().copied().chain((method == "UPDATE").then_some(("Contact", contact.as_str()))).collect();
        let bytes = call.dialog.write(method, (us, &branch), &with);
        let target = call.dialog.target;
        let client = Client::new(false, target.transport.is_reliable(), now);
        let key = format!("{method} {branch}");
        self.remind(client.next(), Timer::Client(key.clone()));
        self.out.push((target, bytes.clone()));
        self.clients.insert(key, Asked { client, target, bytes });
    }

    fn forget(&mut self, number: u64, ending: Ending) {
        let Some(call) = self.calls.remove(&number) else { return };
        self.dialogs.remove(&(call.dialog.call_id, call.dialog.our_tag));
        call.leg.end(ending);
    }
}

/// Our description, where one is wanted; its version grows with what it says.
fn say(call: &mut super::call::Call, offer: Option<&Offer>, invite: bool) -> Option<String> {
    let write = |call: &super::call::Call| match offer {
        Some(offer) => Some(call.ours.answer(offer)),
        None => invite.then(|| call.ours.offer()),
    };
    let same = write(call)?;
    if same == call.said {
        return Some(same);
    }
    call.ours.version += 1;
    call.said = write(call)?;
    Some(call.said.clone())
}
