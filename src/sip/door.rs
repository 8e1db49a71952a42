//! What is answered, what is let in, what is met with silence. The order is that of cost: what can be known from the
//! message alone comes here, before any state is looked at.
//!
//! | order | answer |
//! |---|---|
//! | not from an address that may speak to us at all | silence; the caller of [`judge`] sees to that before anything is read |
//! | empty lines: a keep-alive | silence |
//! | a response | given on, or dropped where it is broken |
//! | no start line, or no headers to answer with | silence |
//! | version | 505 |
//! | syntax | 400, and what is wrong |
//! | scheme of the URI | 416 |
//! | extensions required | 420 |
//! | method | 405 known, 501 unknown |
//!
//! An ACK is never answered, whatever is wrong with it.

use super::Transport;
use super::answer::Answer;
use super::echo::Echo;
use super::method::{ALLOW, Method};
use super::read::{Message, Start, Uri};
use super::request::{Request, Response};
use std::net::SocketAddr;

/// What becomes of a message.
#[derive(Debug)]
pub enum Verdict {
    /// Nothing.
    Silence,
    /// Answered without being remembered.
    Refuse(Box<Echo>, Answer),
    /// Let in.
    Request(Box<Request>),
    /// An answer to something that we asked.
    Response(Box<Response>),
}

/// Extensions that a caller may require.
const SUPPORTED: [&str; 1] = ["timer"];

/// Judges one message that came whole.
#[must_use]
pub fn judge(bytes: &[u8], source: SocketAddr, transport: Transport) -> Verdict {
    let Some(message) = Message::parse(bytes) else { return Verdict::Silence };
    let echo = || Echo::of(&message, source, transport);
    let refuse = |answer| echo().map_or(Verdict::Silence, |echo| Verdict::Refuse(Box::new(echo), answer));
    let method = match &message.start {
        Some(Start::Response { .. }) => {
            return Response::read(message).map_or(Verdict::Silence, |response| Verdict::Response(Box::new(response)));
        }
        None => return refuse(Answer::bad("Bad Start Line")),
        Some(Start::Request { method, .. }) if method == "ACK" => Method::Ack,
        Some(Start::Request { is_sip_2: false, .. }) => return refuse(Answer::new(505)),
        Some(Start::Request { method, .. }) => Method::parse(method),
    };
    let Some(echo) = echo() else { return Verdict::Silence };
    let refusing = echo.clone();
    let refuse = |answer| match method {
        Method::Ack => Verdict::Silence,
        _ => Verdict::Refuse(Box::new(refusing), answer),
    };
    match Request::read(message, echo, (source, transport)) {
        Ok(request) => match refusal(&request, transport) {
            Some(answer) => refuse(answer),
            None => Verdict::Request(Box::new(request)),
        },
        Err(broken) => refuse(Answer::bad(broken)),
    }
}

/// What is wrong with a request that is well formed.
fn refusal(request: &Request, transport: Transport) -> Option<Answer> {
    if !understood(&request.uri, transport) {
        return Some(Answer::new(416));
    }
    let wanted = request.words("require");
    let unknown: Vec<&str> = wanted
        .iter()
        .map(String::as_str)
        .filter(|tag| !SUPPORTED.iter().any(|known| known.eq_ignore_ascii_case(tag)))
        .collect();
    // Requirements of ACK and CANCEL are those of their INVITE.
    if !unknown.is_empty() && !matches!(request.method, Method::Ack | Method::Cancel) {
        let words = unknown.join(", ");
        return Some(Answer::new(420).with("Unsupported", words));
    }
    match request.method {
        Method::Refused(_) => Some(Answer::new(405).with("Allow", ALLOW)),
        Method::Unknown => Some(Answer::new(501).with("Allow", ALLOW)),
        _ => None,
    }
}

/// `sips:` promises a protected way, and only one of ours is.
fn understood(uri: &Uri, transport: Transport) -> bool {
    uri.scheme == "sip" || uri.scheme == "sips" && transport == Transport::Tls
}
