//! One call as both sides know it.

use super::leg::Leg;
use super::pages::Reserved;
use crate::sip::sdp::{Agreed, Offer, Ours};
use crate::sip::session::Interval;
use crate::sip::transaction::{GIVE_UP, Repeats, T2};
use crate::sip::{Request, Target};
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

/// A call that will be answered in a moment.
pub(super) struct Early {
    pub request: Box<Request>,
    pub offer: Option<Offer>,
    pub interval: Option<Interval>,
    pub page: Box<dyn Reserved>,
}

/// A CANCEL that came in time.
pub(super) struct Cancelled {
    pub request: Box<Request>,
    /// Of the call that it ended (RFC 3261, 9.2).
    pub tag: String,
}

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    pub dialog: Dialog,
    pub leg: Leg,
    pub ours: Ours,
    /// Where the signalling comes from: sound may too.
    pub source: IpAddr,
    /// What was agreed first: sound on hold is told from a caller who only sends by it.
    pub first: Option<Agreed>,
    /// The answer that waits for its ACK.
    pub waiting: Option<Waiting>,
    /// Whether any answer was acknowledged yet.
    pub confirmed: bool,
    /// A session timer, and when it is due.
    pub session: Option<(Interval, Instant)>,
    /// What our description said last.
    pub said: String,
}

/// A 2xx that is repeated until its ACK.
#[derive(Debug)]
pub(super) struct Waiting {
    pub cseq: u32,
    pub bytes: Vec<u8>,
    pub target: Target,
    repeats: Repeats,
    end: Instant,
    /// It carried an offer: the ACK has to bring the answer.
    pub offered: bool,
}

impl Waiting {
    pub(super) fn new(cseq: u32, (bytes, target): (Vec<u8>, Target), offered: bool, now: Instant) -> Self {
        Self { cseq, bytes, target, repeats: Repeats::begin(now, T2), end: now + GIVE_UP, offered }
    }
}

/// What is to be done when the time of a call has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// The 2xx again.
    Repeat(Target, Vec<u8>),
    /// The ACK never came.
    NoAck,
    /// A refresh of ours.
    Refresh,
    /// Theirs never came.
    Expired,
}

impl Call {
    /// When [`Call::wake`] wants to be called.
    pub(super) fn next(&self) -> Option<Instant> {
        let waiting = self.waiting.iter().map(|waiting| waiting.repeats.at().min(waiting.end));
        waiting.chain(self.session.map(|(_, due)| due)).min()
    }

    pub(super) fn wake(&mut self, now: Instant) -> Due {
        if let Some(waiting) = self.waiting.as_mut() {
            if now >= waiting.end {
                return Due::NoAck;
            }
            if waiting.repeats.due(now) {
                return Due::Repeat(waiting.target, waiting.bytes.clone());
            }
        }
        match self.session {
            Some((interval, due)) if now >= due => {
                if !interval.ours {
                    return Due::Expired;
                }
                self.session = Some((interval, now + interval.due()));
                Due::Refresh
            }
            _ => Due::Nothing,
        }
    }

    /// Agrees to something new: the leg follows.
    pub(super) fn agree(&mut self, agreed: Agreed) {
        self.leg.agree(agreed, self.source, agreed.is_hold(self.first.as_ref()));
        self.first.get_or_insert(agreed);
    }

    /// A refresh, of whatever kind.
    pub(super) fn refreshed(&mut self, interval: Option<Interval>, now: Instant) {
        self.session = interval.map(|interval| (interval, now + interval.due()));
    }
}

/// Who talks with whom, and by which numbers.
#[derive(Clone, Debug)]
pub(super) struct Dialog {
    pub call_id: String,
    pub our_tag: String,
    pub their_tag: String,
    /// What our requests write behind From and To.
    us: String,
    them: String,
    /// Where we are.
    pub contact: String,
    /// Request-URI of our requests.
    target_uri: String,
    routes: Vec<String>,
    /// Of our last request.
    our_cseq: u32,
    /// Of their last one.
    pub their_cseq: u32,
    /// Where our requests go.
    pub target: Target,
}

impl Dialog {
    /// The dialog that a 2xx to this INVITE opens.
    pub(super) fn new(request: &Request, our_tag: String, ours: String) -> Self {
        let contact = request.contact.as_ref().map_or(&request.from.uri, |contact| &contact.uri);
        Self {
            call_id: request.call_id.clone(),
            us: format!("{};tag={our_tag}", request.header("to").unwrap_or_default()),
            our_tag,
            contact: ours,
            their_tag: request.from.tag.clone().unwrap_or_default(),
            them: request.header("from").unwrap_or_default().to_owned(),
            target_uri: contact.text.clone(),
            routes: request.record_routes(),
            our_cseq: 0,
            their_cseq: request.cseq,
            target: target(request),
        }
    }

    /// A later request of theirs may say where they are now.
    pub(super) fn renew(&mut self, request: &Request) {
        self.their_cseq = request.cseq;
        if let Some(contact) = &request.contact {
            self.target_uri.clone_from(&contact.uri.text);
            self.target = target(request);
        }
    }

    /// Writes a request of ours within the call.
    pub(super) fn write(
        &mut self,
        method: &str,
        (us, branch): (SocketAddr, &str),
        headers: &[(&str, &str)],
    ) -> Vec<u8> {
        self.our_cseq += 1;
        let transport = self.target.transport.as_str();
        let mut text =
            format!("{method} {} SIP/2.0\r\nVia: SIP/2.0/{transport} {us};rport;branch={branch}\r\n", self.target_uri);
        let routes = self.routes.iter().map(|route| ("Route", route.as_str()));
        for (name, value) in routes.chain(headers.iter().copied()) {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let _ = write!(
            text,
            "Max-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} {method}\r\nContent-Length: 0\r\n\r\n",
            self.us, self.them, self.call_id, self.our_cseq
        );
        text.into_bytes()
    }
}

/// Where requests to them go: never further than where theirs came from, so no header can send us elsewhere. Their own
/// port counts where the address is theirs; otherwise a NAT or a proxy is between us.
fn target(request: &Request) -> Target {
    let source = request.source;
    let contact = request.contact.as_ref().map(|contact| &contact.uri);
    let direct =
        contact.filter(|uri| uri.ip() == Some(source.ip().to_canonical()) && request.record_routes().is_empty());
    let port = direct.map_or(source.port(), |uri| uri.port.unwrap_or(5060));
    let transport = request.echo.target.transport;
    let port = if transport.is_reliable() { source.port() } else { port };
    Target { transport, address: SocketAddr::new(source.ip(), port) }
}
