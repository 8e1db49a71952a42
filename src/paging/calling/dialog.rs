//! A call that was answered, by the names and numbers of both sides (RFC 3261 12.1.2).

use crate::sip::{Address, Ask, Request, Response, Target};
use std::net::SocketAddr;

/// Where messages leave us, and where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub us: SocketAddr,
    pub target: Target,
}

/// Who talks with whom.
#[derive(Clone, Debug)]
pub(super) struct Dialog {
    /// Our last request in it.
    last: Ask,
    pub their_tag: String,
    /// Of their last request.
    pub their_cseq: Option<u32>,
    pub way: Way,
}

impl Dialog {
    /// The dialog that a 2xx to our INVITE opens. `None`: it does not say whose it is.
    pub(super) fn of(invite: &Ask, response: &Response, way: Way) -> Option<Self> {
        let to = response.message.first("to")?.to_owned();
        let contact = response.message.first("contact").and_then(Address::parse);
        let mut routes = response.routes();
        routes.reverse();
        let way = Way { target: beside(way.target, contact.as_ref(), routes.is_empty()), ..way };
        let uri = contact.map_or_else(|| invite.uri.clone(), |contact| contact.uri.text);
        let last = Ask { uri, routes, to, headers: Vec::new(), sdp: None, ..invite.clone() };
        Some(Self { last, their_tag: response.to_tag()?, their_cseq: None, way })
    }

    /// The ACK of the 2xx that opened it.
    pub(super) fn ack(&self, cseq: u32) -> Ask {
        Ask { method: "ACK", cseq, ..self.last.clone() }
    }

    /// The next request of ours.
    pub(super) fn ask(&mut self, method: &'static str) -> Ask {
        self.last.cseq += 1;
        Ask { method, ..self.last.clone() }
    }

    /// A later request of theirs may say where they are now.
    pub(super) fn renew(&mut self, request: &Request) {
        if let Some(contact) = &request.contact {
            self.last.uri.clone_from(&contact.uri.text);
            self.way.target = beside(self.way.target, Some(contact), self.last.routes.is_empty());
        }
    }
}

/// Requests within a call go to the address that was called, so no answer can send us elsewhere. The port of their contact
/// counts where the address is the same; otherwise a proxy is between us.
fn beside(target: Target, contact: Option<&Address>, is_direct: bool) -> Target {
    let same = contact.map(|contact| &contact.uri).filter(|uri| uri.ip() == Some(target.address.ip().to_canonical()));
    match same {
        Some(uri) if is_direct && !target.transport.is_reliable() => {
            Target { address: SocketAddr::new(target.address.ip(), uri.port.unwrap_or(5060)), ..target }
        }
        _ => target,
    }
}
