//! The port: connections, and the faults that strike on them.

use super::control;
use super::faults::{Fault, FaultKind};
use super::state::Twin;
use super::wire::{Answer, Refusal, Request, operation};
use axum::body::Body;
use axum::http::Response;
use axum::http::header::CONTENT_LENGTH;
use bytes::Bytes;
use futures_util::stream;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// More than any request has.
const MAX_BODY: usize = 1 << 20;
/// A slow answer comes in this many pieces, this far apart.
const PIECES: usize = 40;
const PAUSE: Duration = Duration::from_millis(250);

/// Breaks a connection off instead of answering.
#[derive(Debug, thiserror::Error)]
#[error("cut off, as asked")]
struct Cut;

/// Serves until `stop` fires; connections end with it, held or not.
pub(super) async fn serve(listener: TcpListener, twin: Twin, stop: CancellationToken) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        // A connection that is gone before we had it is no reason to stop.
        let Ok((socket, _)) = accepted else { continue };
        let _ = socket.set_nodelay(true);
        let (twin, stop) = (twin.clone(), stop.clone());
        tokio::spawn(async move { stop.run_until_cancelled(connection(socket, twin)).await });
    }
}

async fn connection(socket: TcpStream, twin: Twin) {
    let service = service_fn(move |request| {
        let twin = twin.clone();
        async move { respond(&twin, request).await }
    });
    // How a connection ends says nothing: we cut some of them ourselves.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
}

async fn respond(twin: &Twin, request: hyper::Request<Incoming>) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(Body::new(body), MAX_BODY).await.map_err(|_| Cut)?;
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let request = Request::read(head.method, target, &head.headers, &body);
    if request.path.starts_with("/twin") {
        return Ok(control::answer(twin, &request).await.into_response());
    }
    let operation = operation(&request.method, &request.path);
    let fault = twin.draw(&operation, &request.path);
    let place = twin.note(&request, operation, fault.as_ref());
    let response = match fault {
        Some(fault) => strike(twin, (&request, place), &fault).await?,
        None => twin.answer(&request, place).into_response(),
    };
    twin.note_status(place, response.status().as_u16());
    Ok(response)
}

/// Answers a request that a fault has struck.
async fn strike(twin: &Twin, (request, place): (&Request, usize), fault: &Fault) -> Result<Response<Body>, Cut> {
    let answer = fault.kind.has_effect().then(|| twin.answer(request, place));
    match (fault.kind, answer) {
        (FaultKind::Status(status) | FaultKind::StatusAfter(status), _) => {
            let mut answer = Answer::from(Refusal::of_status(status));
            answer.retry_after = fault.retry_after;
            Ok(answer.into_response())
        }
        (FaultKind::Slow, Some(answer)) => Ok(slowly(answer)),
        (FaultKind::CutMidway, Some(answer)) => Ok(torn(answer)),
        (FaultKind::TimeoutAfter, Some(answer)) => {
            twin.hold().await;
            Ok(answer.into_response())
        }
        (FaultKind::TimeoutBefore, _) => {
            twin.hold().await;
            Err(Cut)
        }
        _ => Err(Cut),
    }
}

/// The head says how long the body is, and then only half of it comes.
fn torn(mut answer: Answer) -> Response<Body> {
    let whole = std::mem::take(&mut answer.body);
    let half = whole.get(..whole.len() / 2).unwrap_or_default();
    let pieces = [Ok(Bytes::copy_from_slice(half)), Err(Cut)];
    let torn = stream::unfold(pieces.into_iter(), |mut left| async move {
        // What has come so far leaves while we seem to think about the rest.
        tokio::task::yield_now().await;
        Some((left.next()?, left))
    });
    let mut response = answer.with_body(Body::from_stream(torn));
    response.headers_mut().insert(CONTENT_LENGTH, whole.len().into());
    response
}

/// The status comes at once, the body bit by bit.
fn slowly(mut answer: Answer) -> Response<Body> {
    let bytes = std::mem::take(&mut answer.body);
    let size = bytes.len().div_ceil(PIECES).max(1);
    let pieces: Vec<_> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
    let trickle = stream::unfold(pieces.into_iter(), |mut left| async move {
        let piece = left.next()?;
        tokio::time::sleep(PAUSE).await;
        Some((Ok::<_, Infallible>(piece), left))
    });
    answer.with_body(Body::from_stream(trickle))
}
