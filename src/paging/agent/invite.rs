//! A new call, from its checks to its answer. The order is that of docs/PAGING.md: nothing is touched before everything
//! else is known to be right.

use super::access::Entry;
use super::call::{Call, Dialog, Early, Waiting};
use super::core::{Core, Timer};
use super::pages::{Admitted, Reserved, Wish};
use super::trunk::Trunk;
use crate::sip::sdp::{Offer, Ours, Speaks};
use crate::sip::session::{Interval, MIN_SE};
use crate::sip::{ALLOW, Answer, Request, Transport};
use std::sync::Arc;
use std::time::Instant;

impl Core {
    /// An INVITE outside of any call.
    pub(super) fn invite(&mut self, request: &Request, key: &str, now: Instant) {
        if !self.is_first(request, key) {
            return self.answer(request, key, &Answer::new(482), now);
        }
        // A caller knows at once that somebody is there.
        let trying = Answer::new(100);
        self.answer(request, key, &trying, now);
        if let Err(answer) = self.open(request, key, now) {
            self.refuse(request, key, &answer, now);
        }
    }

    /// Counted by what its caller hears.
    pub(super) fn refuse(&mut self, request: &Request, key: &str, answer: &Answer, now: Instant) {
        self.meters.calls.count(match answer.code {
            401 => "challenged",
            486 => "busy",
            487 => "cancelled",
            _ => "refused",
        });
        self.answer(request, key, answer, now);
    }

    /// The same request by another way is a loop, and must not open the zone twice.
    fn is_first(&mut self, request: &Request, key: &str) -> bool {
        let seen = (request.call_id.clone(), request.from.tag.clone().unwrap_or_default(), request.cseq);
        if self.first_seen.get(&seen).is_some_and(|first| first != key) {
            return false;
        }
        if let Some(open) = self.servers.get_mut(key) {
            open.seen = Some(seen.clone());
        }
        self.first_seen.insert(seen, key.to_owned());
        true
    }

    fn open(&mut self, request: &Request, key: &str, now: Instant) -> Result<(), Answer> {
        let entry = self.admit(request, now)?;
        let extension = self.zone(request, &entry)?;
        let offer = offer(request)?;
        let interval = interval(request)?;
        let page = self.pages.reserve(wish(request, &entry, extension, offer.as_ref())).map_err(unavailable)?;
        self.hold(key, Early { request: Box::new(request.clone()), offer, interval, page }, now);
        Ok(())
    }

    /// Begins the page and answers 200.
    ///
    /// # Errors
    /// What the caller is answered instead.
    pub(super) fn accept(
        &mut self,
        (request, key): (&Request, &str),
        (offer, interval): (Option<Offer>, Option<Interval>),
        page: Box<dyn Reserved>,
        now: Instant,
    ) -> Result<(), Answer> {
        let page = page.begin().map_err(unavailable)?;
        let (id, peer) = (page.id(), request.source.ip());
        let (number, us) = (self.names.number(), self.us(request.echo.target));
        let leg = self.legs.open(number, page, (us.ip(), self.names.number()), now).map_err(|page| {
            drop(page);
            unavailable(503)
        })?;
        let ours = Ours { address: leg.address, session: number >> 1, version: 1, speaks: Speaks::They };
        let said = offer.as_ref().map_or_else(|| ours.offer(), |offer| ours.answer(offer));
        let dialog = Dialog::new(request, self.names.tag(), self.contact(request));
        let answer = self.accepted(request, interval).with("X-Page-Id", id).with_sdp(said.clone());
        let bytes = self.answer_with(request, key, (&answer, &dialog.our_tag.clone()), now);
        let waiting = Waiting::new(request.cseq, (bytes, request.echo.target), offer.is_none(), now);
        self.dialogs.insert((dialog.call_id.clone(), dialog.our_tag.clone()), number);
        let mut call = Call {
            dialog,
            leg,
            ours,
            source: peer,
            first: None,
            waiting: Some(waiting),
            confirmed: false,
            session: None,
            said,
        };
        call.refreshed(interval, now);
        if let Some(offer) = &offer {
            call.agree(offer.agreed);
        }
        self.meters.calls.count("answered");
        self.remind(call.next(), Timer::Call(number));
        self.calls.insert(number, call);
        Ok(())
    }

    /// A PBX that we are a telephone of needs no password: it was found where the file says, and knows ours.
    fn admit(&mut self, request: &Request, now: Instant) -> Result<Entry, Answer> {
        match self.trunks.values().find(|trunk| trunk.is_at(request.source)) {
            Some(trunk) => Ok(Entry { admitted: Admitted::Caller(Arc::clone(&trunk.caller)), user: None }),
            None => self.access.admit(request, now),
        }
    }

    /// The user that was called: an extension, or the account that a PBX knows us by.
    fn extension<'r>(&'r self, request: &'r Request) -> &'r str {
        let called = request.uri.user.as_deref().unwrap_or_default();
        let account = |trunk: &&Trunk| trunk.is_at(request.source) && trunk.registration.user == called;
        match self.trunks.values().find(account) {
            Some(trunk) if self.paging.zone(called).is_none() => {
                trunk.registration.zones.first().map_or("700", String::as_str)
            }
            _ => called,
        }
    }

    fn zone(&self, request: &Request, entry: &Entry) -> Result<String, Answer> {
        let extension = self.extension(request);
        let zone = self.paging.zone(extension).ok_or_else(|| Answer::new(404))?;
        match &entry.admitted {
            Admitted::Caller(caller) if !caller.zones.is_empty() && !caller.zones.contains(&zone.extension) => {
                Err(Answer::new(403))
            }
            _ => Ok(zone.extension.clone()),
        }
    }

    /// Where requests within a call reach us: the way that its first one came, and as protected as that asked for.
    fn contact(&self, request: &Request) -> String {
        let user = request.uri.user.as_deref().filter(|user| user.bytes().all(|c| c.is_ascii_alphanumeric()));
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        let us = self.us(request.echo.target);
        match (request.uri.scheme.as_str(), request.echo.target.transport) {
            ("sips", _) => format!("<sips:{user}{us}>"),
            (_, Transport::Udp) => format!("<sip:{user}{us}>"),
            (_, Transport::Tcp) => format!("<sip:{user}{us};transport=tcp>"),
            (_, Transport::Tls) => format!("<sip:{user}{us};transport=tls>"),
        }
    }

    /// A 200, still without a description.
    pub(super) fn accepted(&self, request: &Request, interval: Option<Interval>) -> Answer {
        let answer =
            Answer::new(200).with("Contact", self.contact(request)).with("Allow", ALLOW).with("Supported", "timer");
        match interval {
            Some(interval) => answer.with("Session-Expires", interval.header()).with("Require", "timer"),
            None => answer,
        }
    }
}

/// A page that cannot be made now: for some codes, when to try again.
fn unavailable(code: u16) -> Answer {
    let answer = Answer::new(code);
    if matches!(code, 480 | 503) { answer.with("Retry-After", "5") } else { answer }
}

/// What they offer. `None`: they wait for an offer of ours.
///
/// # Errors
/// 415 and 488.
pub(in crate::paging) fn offer(request: &Request) -> Result<Option<Offer>, Answer> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let kind = request.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let encoded = request.header("content-encoding").is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"));
    if !kind.eq_ignore_ascii_case("application/sdp") || encoded {
        return Err(Answer::new(415).with("Accept", "application/sdp").with("Accept-Encoding", "identity"));
    }
    let read = Offer::read(&request.body, request.source.ip());
    read.map(Some).map_err(|why| Answer::new(488).with("Warning", why.warning()))
}

/// The session timer that they want.
///
/// # Errors
/// 422.
pub(in crate::paging) fn interval(request: &Request) -> Result<Option<Interval>, Answer> {
    let knows = |name: &str| request.words(name).iter().any(|word| word.eq_ignore_ascii_case("timer"));
    let asked = Interval::asked(request.header("session-expires"), knows("supported") || knows("require"));
    asked.map_err(|_| Answer::new(422).with("Min-SE", MIN_SE.to_string()))
}

fn wish(request: &Request, entry: &Entry, extension: String, offer: Option<&Offer>) -> Wish {
    let sid = request
        .header("x-twilio-callsid")
        .filter(|sid| sid.len() == 34 && sid.bytes().all(|c| c.is_ascii_alphanumeric()));
    Wish {
        extension,
        admitted: entry.admitted.clone(),
        from: request.from.uri.user.clone(),
        user: entry.user.clone(),
        address: request.source.ip().to_canonical(),
        sip_call_id: request.call_id.clone(),
        call_sid: sid.map(str::to_owned),
        codec: offer.map(|offer| offer.agreed.encoding.as_str()),
    }
}
