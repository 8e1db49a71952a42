//! The way to a WebSocket: the handshake is signed over the `wss://` URL of the document (PROTOCOL.md 1.5), and goes to
//! where the service really listens.

use super::answer::Fault;
use super::client::Client;
use crate::twilio::signature::{self, Body};
use reqwest::Url;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Error};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

/// A socket that is open.
pub(in crate::simulator) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Twilio gives up connecting after five seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// Media is small and there are many sockets: the default is 128 KiB each.
const READ_BUFFER: usize = 8 * 1024;
/// Nobody sends ten minutes of sound at once.
const LONGEST_MESSAGE: usize = 8 << 20;

/// What went wrong, in Twilio's codes (PROTOCOL.md 4.9).
const TIMEOUT: u32 = 31901;
const REFUSED: u32 = 31902;
const BROKEN_PIPE: u32 = 31903;
const HANDSHAKE: u32 = 31920;
const CLOSED: u32 = 31921;
const MALFORMED: u32 = 31923;
const PROTOCOL: u32 = 31924;

impl Client {
    /// Opens the socket that a document names. `turn` says which instance gets it.
    pub(in crate::simulator) async fn open_socket(&self, wss: &str, turn: usize) -> Result<Socket, Fault> {
        let request = self.upgrade(wss, turn)?;
        let timeout = |_| Fault::new(TIMEOUT, "Stream - WebSocket - Connection Timeout");
        tokio::time::timeout(PATIENCE, connect(request)).await.map_err(timeout)?
    }

    fn upgrade(&self, wss: &str, turn: usize) -> Result<Request, Fault> {
        let malformed = || Fault::new(MALFORMED, format!("Stream - malformed URL: `{wss}`"));
        // The rest of the house knows the service by its http address.
        let http = wss.strip_prefix("wss://").map(|rest| format!("https://{rest}")).ok_or_else(malformed)?;
        let url = Url::parse(&http).map_err(|_| malformed())?;
        let (mut there, proxied) = match self.target().way_to_socket(&url, turn) {
            Some(way) => (way.url, way.proxied),
            None if self.roams() => (url, None),
            None => {
                let host = url.host_str().unwrap_or("?");
                return Err(Fault::new(REFUSED, format!("not connected: {host} is not the host under test")));
            }
        };
        let scheme = if there.scheme() == "https" { "wss" } else { "ws" };
        there.set_scheme(scheme).map_err(|()| malformed())?;
        let mut request = there.as_str().into_client_request().map_err(|_| malformed())?;
        let signature = signature::sign(self.token(), wss, Body::Query);
        let mut headers = vec![("user-agent", "Twilio.TmeWs/1.0".to_owned()), ("x-twilio-signature", signature)];
        if let Some((host, proto)) = proxied {
            headers.extend([("host", host), ("x-forwarded-proto", proto)]);
        }
        for (name, value) in headers {
            let value = HeaderValue::from_str(&value).map_err(|_| malformed())?;
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        Ok(request)
    }
}

async fn connect(request: Request) -> Result<Socket, Fault> {
    let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let plain = request.uri().scheme_str() == Some("ws");
    let port = request.uri().port_u16().unwrap_or(if plain { 80 } else { 443 });
    let refused = |why: std::io::Error| Fault::new(REFUSED, format!("Stream - WebSocket - Connection Refused: {why}"));
    let stream = TcpStream::connect((host, port)).await.map_err(refused)?;
    // Frames are small and must not wait for each other.
    stream.set_nodelay(true).map_err(refused)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(READ_BUFFER)
        .max_message_size(Some(LONGEST_MESSAGE))
        .max_frame_size(Some(LONGEST_MESSAGE));
    match client_async_tls_with_config(request, stream, Some(config), None).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => {
            let status = response.status();
            Err(Fault::new(HANDSHAKE, format!("Stream - WebSocket - Handshake Error: the answer is {status}, not 101")))
        }
        Err(why) => Err(Fault::new(HANDSHAKE, format!("Stream - WebSocket - Handshake Error: {why}"))),
    }
}

/// What a socket's error is in Twilio's codes.
pub(in crate::simulator) fn socket_fault(why: &tungstenite::Error) -> Fault {
    let text = |what: &str| format!("Stream - WebSocket - {what}: {why}");
    match why {
        Error::Io(io) if io.kind() == ErrorKind::BrokenPipe => Fault::new(BROKEN_PIPE, text("Broken Pipe")),
        Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)
        | Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Io(_) => Fault::new(CLOSED, text("Close Error")),
        _ => Fault::new(PROTOCOL, text("Protocol Error")),
    }
}

/// What a close code says, if it says anything bad.
pub(in crate::simulator) fn close_fault(code: u16, reason: &str) -> Option<Fault> {
    let fine = matches!(code, 1000 | 1001 | 1005);
    let why = || format!("Stream - WebSocket - Close Error: closed with {code} {reason}");
    (!fine).then(|| Fault::new(CLOSED, why().trim_end().to_owned()))
}

/// The server takes nothing any more.
pub(in crate::simulator) fn stuck() -> Fault {
    Fault::new(BROKEN_PIPE, "Stream - WebSocket - Broken Pipe: the server has read nothing for five seconds")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_some_close_codes_are_clean() {
        let codes: Vec<_> = [1000, 1001, 1005, 1002, 1008, 1011].map(|code| close_fault(code, "").is_none()).into();
        assert_eq!(codes, [true, true, true, false, false, false]);
        assert_eq!(close_fault(1011, "oops").unwrap().code, 31921);
    }
}
