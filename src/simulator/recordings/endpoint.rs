//! `GET` and `DELETE /2010-04-01/Accounts/{AC}/Recordings/{RE}` (PROTOCOL.md 7.9).

use super::{Recordings, tone};
use crate::base::{Secret, same};
use crate::simulator::SimulatorError;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The part of Twilio's REST API that serves recordings, for one account.
fn routes(recordings: Recordings, account_sid: &str, token: &Secret) -> Router {
    let pair = format!("{account_sid}:{}", token.expose());
    let expected = Secret::new(format!("Basic {}", STANDARD.encode(pair)));
    Router::new()
        .route(&format!("/2010-04-01/Accounts/{account_sid}/Recordings/{{file}}"), get(fetch).delete(remove))
        .with_state(recordings)
        .layer(middleware::from_fn_with_state(expected, authorise))
}

/// Serves recordings on this machine until it is dropped.
#[derive(Debug)]
pub struct MediaServer {
    address: SocketAddr,
    _stop: DropGuard,
}

impl MediaServer {
    /// Takes a free port on loopback.
    ///
    /// # Errors
    /// [`SimulatorError::Listen`].
    pub async fn start(recordings: Recordings, account_sid: &str, token: &Secret) -> Result<Self, SimulatorError> {
        let wrap = |source| SimulatorError::Listen { address: "127.0.0.1".to_owned(), source };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(wrap)?;
        let address = listener.local_addr().map_err(wrap)?;
        let stop = CancellationToken::new();
        let server = axum::serve(listener, routes(recordings, account_sid, token))
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        // Ends with the token; what it returns then says nothing.
        tokio::spawn(async move { server.await.ok() });
        Ok(Self { address, _stop: stop.drop_guard() })
    }

    /// What `TWILIO_API_BASE_URL` has to be for a service to find the recordings.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn authorise(State(expected): State<Secret>, headers: HeaderMap, request: Request, next: Next) -> Response {
    let given = headers.get(header::AUTHORIZATION).map_or(&b""[..], |value| value.as_bytes());
    if same(given, expected.expose().as_bytes()) {
        return next.run(request).await;
    }
    problem(StatusCode::UNAUTHORIZED, 20003, "Authenticate")
}

async fn fetch(State(recordings): State<Recordings>, Path(file): Path<String>) -> Response {
    let (sid, kind) = file.split_once('.').unwrap_or((&file, "wav"));
    let Some(seconds) = recordings.find(sid) else { return not_found(&file) };
    match kind {
        "wav" => ([(header::CONTENT_TYPE, "audio/x-wav")], tone::wav(seconds)).into_response(),
        "json" => axum::Json(serde_json::json!({
            "sid": sid, "status": "completed", "duration": seconds.to_string(), "channels": 1, "source": "RecordVerb"
        }))
        .into_response(),
        // An MP3 would have to be encoded; better none than a WAV under a false name.
        _ => problem(StatusCode::NOT_ACCEPTABLE, 20406, "The simulator serves recordings as .wav only"),
    }
}

async fn remove(State(recordings): State<Recordings>, Path(file): Path<String>) -> Response {
    let sid = file.split('.').next().unwrap_or(&file);
    if recordings.delete(sid) { StatusCode::NO_CONTENT.into_response() } else { not_found(&file) }
}

fn not_found(file: &str) -> Response {
    problem(StatusCode::NOT_FOUND, 20404, &format!("The requested resource /Recordings/{file} was not found"))
}

/// Twilio's error body (PROTOCOL.md 7.3).
fn problem(status: StatusCode, code: u32, message: &str) -> Response {
    let more_info = format!("https://www.twilio.com/docs/errors/{code}");
    let body = serde_json::json!({
        "code": code, "message": message, "more_info": more_info, "status": status.as_u16()
    });
    (status, axum::Json(body)).into_response()
}
