//! Opens a socket: no redirects, TLS everywhere but on loopback (the configuration has seen to that).

use crate::agents::session::Request;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};
use tokio_tungstenite::tungstenite::http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, handshake::client};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

/// An open socket.
pub(super) type Wire = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why there is none: the HTTP status, where an answer came, and words without secrets.
pub(super) type Refused = (Option<u16>, String);

/// Connects, and gives the subprotocol that was agreed. Many servers know of none and say nothing about it: they are asked
/// again without, because our library takes silence for a refusal.
pub(super) async fn dial(request: &Request) -> Result<(Wire, Option<String>), Refused> {
    match connect(request, &request.protocols).await {
        Err(Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(SubProtocolError::NoSubProtocol))) => {
            connect(request, &[]).await
        }
        done => done,
    }
    .map_err(refused)
}

async fn connect(request: &Request, protocols: &[String]) -> Result<(Wire, Option<String>), Error> {
    let upgrade = upgrade(request, protocols)?;
    let uri = upgrade.uri();
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("ws") { 80 } else { 443 });
    let stream = TcpStream::connect((host, port)).await?;
    // Without it a frame of 20 ms waits for the acknowledgement of the one before.
    stream.set_nodelay(true)?;
    let (wire, answer) = client_async_tls_with_config(upgrade, stream, Some(limits(request.most_bytes)), None).await?;
    let agreed = answer.headers().get(SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok((wire, agreed))
}

fn upgrade(request: &Request, protocols: &[String]) -> Result<client::Request, Error> {
    let mut upgrade = request.url.as_str().into_client_request()?;
    let headers = upgrade.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text);
    for (name, text) in &request.headers {
        let mut value = value(text.expose())?;
        value.set_sensitive(true);
        headers.insert(*name, value);
    }
    if !protocols.is_empty() {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, value(&protocols.join(", "))?);
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;
    use tokio_tungstenite::accept_async;

    #[tokio::test]
    async fn a_server_that_knows_no_subprotocols_is_asked_again_without() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("ws://{}/", listener.local_addr().expect("an address"));
        let server = async {
            for _ in 0..2 {
                let (socket, _) = listener.accept().await.expect("a caller");
                drop(accept_async(socket).await);
            }
        };
        let request = Request { url, protocols: vec!["a.1".into()], headers: Vec::new(), most_bytes: 1024 };
        let (dialled, ()) = tokio::join!(dial(&request), server);
        assert!(dialled.is_ok_and(|(_, agreed)| agreed.is_none()));
    }
}
