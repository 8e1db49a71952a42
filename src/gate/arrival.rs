//! Reading a request: what was signed, byte for byte, and who sent it.

use crate::ledger::Key;
use crate::twilio::form::Form;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request, header};
use bytes::Bytes;
use ipnet::IpNet;
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Largest body that is read. Twilio's own are under 4 KiB.
pub const MOST_BYTES: usize = 64 * 1024;

/// A body may take this long; whoever stops in the middle of one does not keep the socket.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// A request that has been read.
#[derive(Debug)]
pub(super) struct Arrival {
    pub method: Method,
    /// Path and query as received: what follows the public URL in the signed text.
    pub target: String,
    pub headers: HeaderMap,
    pub peer: IpAddr,
    pub body: Bytes,
}

/// Twilio's fields, and how they take part in the signature (PROTOCOL.md 1.1, 1.4).
#[derive(Debug)]
pub(super) enum Fields<'a> {
    /// POST of a form: decoded fields are signed.
    Body(Form<'a>),
    /// GET: everything is in the URL.
    Query(Form<'a>),
    /// Anything else: the URL carries the body's hash, and there are no fields.
    Raw { bytes: &'a [u8], none: Form<'a> },
}

impl<'a> Fields<'a> {
    pub(super) const fn form(&self) -> &Form<'a> {
        match self {
            Self::Body(form) | Self::Query(form) | Self::Raw { none: form, .. } => form,
        }
    }
}

/// Why a request could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Over [`MOST_BYTES`].
    TooLarge,
    /// The connection broke, or the body stopped coming.
    Broken,
}

impl Arrival {
    pub(super) async fn read(request: Request<Body>) -> Result<Self, Unreadable> {
        Self::read_within(BODY_PATIENCE, request).await
    }

    async fn read_within(patience: Duration, request: Request<Body>) -> Result<Self, Unreadable> {
        let (parts, body) = request.into_parts();
        let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > MOST_BYTES) {
            return Err(Unreadable::TooLarge);
        }
        let body = tokio::time::timeout(patience, axum::body::to_bytes(body, MOST_BYTES)).await;
        let body = body.map_err(|_elapsed| Unreadable::Broken)?.map_err(|error| {
            let text = error.to_string();
            if text.contains("length limit") { Unreadable::TooLarge } else { Unreadable::Broken }
        })?;
        Ok(Self { body, ..Self::without_body(&parts) })
    }

    /// A request that has no body to wait for: a handshake.
    pub(super) fn without_body(parts: &Parts) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Self {
            method: parts.method.clone(),
            target: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            headers: parts.headers.clone(),
            peer: peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip()),
            body: Bytes::new(),
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn signature(&self) -> Option<&str> {
        self.header("x-twilio-signature")
    }

    pub(super) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    pub(super) fn is_get(&self) -> bool {
        self.method == Method::GET
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        if self.is_get() {
            return Fields::Query(Form::parse(self.query().as_bytes()));
        }
        let content_type = self.header("content-type").unwrap_or("");
        let media_type = content_type.split(';').next().unwrap_or("").trim();
        let form = media_type.is_empty() || media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        if form {
            Fields::Body(Form::parse(&self.body))
        } else {
            Fields::Raw { bytes: &self.body, none: Form::default() }
        }
    }

    /// Exactly what was signed, hashed: target, then the sorted fields (or the raw body).
    pub(super) fn key(&self, fields: &Fields<'_>) -> Key {
        let mut hash = Sha256::new();
        hash.update(self.method.as_str().as_bytes());
        hash.update(self.target.as_bytes());
        match fields {
            Fields::Body(form) => {
                for (name, value) in form.iter() {
                    hash.update([0]);
                    hash.update(name.as_bytes());
                    hash.update([0]);
                    hash.update(value.as_bytes());
                }
            }
            Fields::Query(_) => {}
            Fields::Raw { bytes, .. } => hash.update(bytes),
        }
        let digest = hash.finalize();
        let mut key = Key::default();
        key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        key
    }

    /// Who sent it: the peer, or behind a trusted proxy the last address in `X-Forwarded-For` that is no trusted
    /// proxy itself. Read from the end: each proxy appends, so what a stranger wrote himself stands before and is
    /// never reached.
    pub(super) fn client(&self, trusted: &[IpNet]) -> IpAddr {
        let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
        let peer = self.peer.to_canonical();
        if !is_trusted(&peer) {
            return peer;
        }
        let values = self.headers.get_all("x-forwarded-for").into_iter();
        let parts: Vec<&[u8]> = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).collect();
        parts.into_iter().rev().map_while(address).find(|address| !is_trusted(address)).unwrap_or(peer)
    }
}

/// One part of `X-Forwarded-For`; some proxies add the port. A socket that serves both families names IPv4 clients
/// `::ffff:…`; networks are written for the plain address.
fn address(part: &[u8]) -> Option<IpAddr> {
    let part = std::str::from_utf8(part).ok()?.trim();
    let address = part.parse().or_else(|_| part.parse().map(|with_port: SocketAddr| with_port.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    fn arrival(peer: &str, forwarded: &str) -> Arrival {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().expect("a header value"));
        let peer = peer.parse().expect("an address");
        Arrival { method: Method::POST, target: "/twilio/voice?v=1".to_owned(), headers, peer, body: Bytes::new() }
    }

    #[test]
    fn only_a_trusted_proxy_may_name_the_client() {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        assert_eq!(arrival("203.0.113.9", "198.51.100.1").client(&trusted).to_string(), "203.0.113.9");
        assert_eq!(arrival("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2").client(&trusted).to_string(), "198.51.100.1");
        assert_eq!(arrival("10.0.0.1", "nonsense").client(&trusted).to_string(), "10.0.0.1");
    }

    #[test]
    fn what_a_stranger_wrote_before_the_proxy_spoils_nothing() {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        let client = |forwarded| arrival("10.0.0.1", forwarded).client(&trusted).to_string();
        assert_eq!(client("x, 198.51.100.1"), "198.51.100.1");
        assert_eq!(client("10.9.9.9, , 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(client("6.6.6.6, 198.51.100.1:4711"), "198.51.100.1");
        let mut two = arrival("10.0.0.1", "198.51.100.1");
        let junk = axum::http::HeaderValue::from_bytes(b"\xff, 198.51.100.2").expect("a header value");
        two.headers.append("x-forwarded-for", junk);
        assert_eq!(two.client(&trusted).to_string(), "198.51.100.2");
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address_it_stands_for() {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        let client = |peer, forwarded| arrival(peer, forwarded).client(&trusted).to_string();
        assert_eq!(client("::ffff:10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(client("::ffff:10.0.0.1", "198.51.100.1, ::ffff:10.0.0.2"), "198.51.100.1");
        assert_eq!(client("::ffff:203.0.113.9", "198.51.100.1"), "203.0.113.9");
    }

    #[tokio::test]
    async fn a_body_that_stops_coming_does_not_keep_the_socket() {
        let half = futures_util::stream::once(async { Ok::<_, std::io::Error>("CallSid=CA") });
        let stalled = Body::from_stream(half.chain(futures_util::stream::pending()));
        let request = Request::post("/twilio/voice").body(stalled).expect("a request");
        let read = Arrival::read_within(Duration::ZERO, request).await;
        assert_eq!(read.map(|arrival| arrival.body), Err(Unreadable::Broken));
    }

    #[test]
    fn the_key_depends_on_target_and_fields_but_not_on_their_order() {
        let one = arrival("10.0.0.1", "");
        let key = |body: &[u8]| one.key(&Fields::Body(Form::parse(body)));
        assert_eq!(key(b"a=1&b=2"), key(b"b=2&a=1"));
        assert_ne!(key(b"a=1&b=2"), key(b"a=1&b=3"));
        assert_ne!(key(b"a=12&b="), key(b"a=1&b=2"));
        let mut other = arrival("10.0.0.1", "");
        other.target = "/twilio/voice?v=2".to_owned();
        assert_ne!(key(b"a=1"), other.key(&Fields::Body(Form::parse(b"a=1"))));
    }
}
