//! Opens a socket: no redirects, TLS everywhere but on loopback (the configuration has seen to that).

use crate::agents::session::Request;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, handshake::client};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

/// An open socket.
pub(super) type Wire = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why there is none: the HTTP status, where an answer came, and words without secrets.
pub(super) type Refused = (Option<u16>, String);

/// Connects, and gives the subprotocol that was agreed.
pub(super) async fn dial(request: &Request) -> Result<(Wire, Option<String>), Refused> {
    let upgrade = upgrade(request)?;
    let uri = upgrade.uri();
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("ws") { 80 } else { 443 });
    let stream = TcpStream::connect((host, port)).await.map_err(|error| (None, error.to_string()))?;
    // Without it a frame of 20 ms waits for the acknowledgement of the one before.
    stream.set_nodelay(true).map_err(|error| (None, error.to_string()))?;
    let (wire, answer) =
        client_async_tls_with_config(upgrade, stream, Some(limits(request.most_bytes)), None).await.map_err(refused)?;
    let agreed = answer.headers().get(SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok((wire, agreed))
}

fn upgrade(request: &Request) -> Result<client::Request, Refused> {
    let mut upgrade = request.url.as_str().into_client_request().map_err(refused)?;
    let headers = upgrade.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| (None, "a header cannot be sent".to_owned()));
    for (name, text) in &request.headers {
        let mut value = value(text.expose())?;
        value.set_sensitive(true);
        headers.insert(*name, value);
    }
    if !request.protocols.is_empty() {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, value(&request.protocols.join(", "))?);
    }
    Ok(upgrade)
}

/// Small buffers: there is one of these a call.
fn limits(most_bytes: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(8 * 1_024)
        .write_buffer_size(0)
        .max_write_buffer_size(256 * 1_024)
        .max_message_size(Some(most_bytes))
        .max_frame_size(Some(most_bytes))
}

fn refused(error: Error) -> Refused {
    match error {
        Error::Http(answer) => (Some(answer.status().as_u16()), format!("answered {}", answer.status().as_u16())),
        other => (None, other.to_string()),
    }
}
