//! The port to whoever has live streams: who takes a socket, and who knows how a stream ended.

use super::answer::render;
use super::webhook::Route;
use crate::base::{CallSid, Problem, ProblemKind};
use crate::ledger::StreamEnd;
use crate::twilio::form::Form;
use axum::http::request;
use axum::response::Response;
use bytes::Bytes;
use std::pin::Pin;

/// Takes the socket of a stream whose handshake is known to be the carrier's.
pub type Sockets = Box<dyn Fn(request::Parts) -> Later<Response> + Send + Sync>;

/// How the stream ended that a step of a call opened, if anybody knows.
pub type Ends = Box<dyn Fn(CallSid, u32) -> Later<Option<StreamEnd>> + Send + Sync>;

/// Told of an answer that announces a stream, before it leaves: whoever talks may be called while the carrier connects.
pub type Announced = Box<dyn Fn(&Bytes) + Send + Sync>;

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Whoever has live streams.
pub struct Streams {
    /// Takes their sockets.
    pub open: Sockets,
    /// Asked before the decision about what follows a stream, which looks nothing up.
    pub ends: Ends,
    /// Told before the answer leaves.
    pub announced: Announced,
}

impl Streams {
    /// Nobody has: the carrier reports a stream error and goes on with the verb behind the stream.
    #[must_use]
    pub fn none() -> Self {
        let refusal = || render(&Problem::new(ProblemKind::NotFound, "there are no live streams here"));
        Self {
            open: Box::new(move |_| Box::pin(async move { refusal() })),
            ends: Box::new(|_, _| Box::pin(async { None })),
            announced: Box::new(|_| {}),
        }
    }

    /// Tells of an answer that announces a stream.
    pub(super) fn tell(&self, route: Route, answer: &Bytes) {
        const SOCKET: &[u8] = b"/twilio/ws/";
        if matches!(route, Route::Dtmf | Route::Stream) && answer.windows(SOCKET.len()).any(|part| part == SOCKET) {
            (self.announced)(answer);
        }
    }

    /// How the stream ended whose end a webhook tells; its URL carries the step behind the one that opened it.
    pub(super) async fn end(&self, route: Route, fields: &Form<'_>, state: &Form<'_>) -> Option<StreamEnd> {
        if route != Route::Stream || fields.get("StreamEvent").is_some() {
            return None;
        }
        let call = CallSid::parse(fields.get("CallSid")?)?;
        let step = state.get("n")?.parse::<u32>().ok()?.checked_sub(1)?;
        (self.ends)(call, step).await
    }
}
