//! How a stream comes in: the token in its URL is genuine, in time, and was never used, or there is no socket.

use super::live::{Boards, LiveStream};
use super::memory::{Ends, Used};
use super::run;
use super::voices::Voices;
use crate::agents::Engines;
use crate::base::{CallSid, Clock, Meters, Problem, ProblemKind};
use crate::db::Db;
use crate::gate::{render, stream_token};
use crate::ledger::{Key, Ledger, OutboxEvent, Phase, Stored, StreamEnd, StreamNext, StreamOf, Unit, stream_end};
use crate::twiml::{self, Connect, Noun, Verb};
use crate::world::{PassError, StreamPass, Worlds};
use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::request;
use axum::response::Response;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A carrier waits for the 101.
const CLAIM_PATIENCE: Duration = Duration::from_millis(250);
/// The caller waits for what follows.
const END_PATIENCE: Duration = Duration::from_millis(150);
/// Read at once from a socket: a frame is under 400 bytes. The library's default would cost 128 KiB a stream.
const READ_BUFFER: usize = 4096;
/// Sound and its mark leave in one write.
const WRITE_BUFFER: usize = 4096;
/// Largest message, either way.
const MOST_BYTES: usize = 64 * 1024;
/// How long streams that were cut may take to leave.
const LEAVING: Duration = Duration::from_millis(1500);

/// The door stays open so long for webhooks of calls that were handed over.
const LINGER: Duration = Duration::from_millis(700);

/// What the room needs.
#[derive(Debug)]
pub struct Parts {
    /// Lines, and the key of tokens.
    pub worlds: Worlds,
    /// Where claims and ends go.
    pub ledger: Ledger,
    /// Where ends are read that another instance wrote.
    pub db: Db,
    /// Where the time comes from.
    pub clock: Clock,
    /// What is counted.
    pub meters: Arc<Meters>,
    /// Who talks.
    pub engines: Engines,
    /// Who makes text into sound, and knows emergency words.
    pub voices: Voices,
}

/// Live streams. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Media(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub worlds: Worlds,
    pub ledger: Ledger,
    db: Db,
    pub clock: Clock,
    pub meters: Arc<Meters>,
    pub engines: Engines,
    pub voices: Arc<Voices>,
    pub boards: Boards,
    pub ends: Ends,
    used: Used,
    /// Streams end now: the process stops.
    pub closing: CancellationToken,
    running: TaskTracker,
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Token(PassError),
    Used,
}

impl Refused {
    /// The word of `stream_refusals_total`.
    const fn word(self) -> &'static str {
        match self {
            Self::Token(PassError::Forged) => "forged",
            Self::Token(PassError::Expired) => "expired",
            Self::Used => "used",
        }
    }

    /// The same, and why, for a stream whose token came with its start.
    pub(super) const fn told(self) -> (&'static str, &'static str) {
        (self.word(), "the token of its start opens nothing")
    }

    fn problem(self) -> Problem {
        match self {
            Self::Token(PassError::Forged) => Problem::new(ProblemKind::Forbidden, "no stream was announced here"),
            Self::Token(PassError::Expired) => Problem::new(
                ProblemKind::Forbidden,
                "the time of this stream's URL is over: it lives about two minutes",
            ),
            Self::Used => Problem::new(ProblemKind::Conflict, "this stream's URL was used: each opens one stream"),
        }
    }
}

impl Media {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            worlds: parts.worlds,
            ledger: parts.ledger,
            db: parts.db,
            clock: parts.clock,
            meters: parts.meters,
            engines: parts.engines,
            voices: Arc::new(parts.voices),
            boards: Boards::default(),
            ends: Ends::default(),
            used: Used::default(),
            closing: CancellationToken::new(),
            running: TaskTracker::new(),
        }))
    }

    /// Answers a handshake whose signature is the carrier's. A URL without token is let in for as long as a start message
    /// with one may take.
    pub async fn open(&self, mut parts: request::Parts) -> Response {
        if self.0.closing.is_cancelled() {
            return render(&Problem::new(ProblemKind::Unavailable, "this instance stops"));
        }
        let pass = match stream_token(parts.uri.path()).map(|token| self.read(token)).transpose() {
            Ok(pass) => pass,
            Err(why) => return self.refuse(why),
        };
        let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
            return render(&Problem::new(ProblemKind::BadRequest, "a stream begins with a WebSocket handshake"));
        };
        if let Some(pass) = &pass
            && let Err(why) = self.claim(pass).await
        {
            return self.refuse(why);
        }
        let (media, counted) = (self.clone(), self.0.running.token());
        upgrade
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_write_buffer_size(MOST_BYTES)
            .max_message_size(MOST_BYTES)
            .max_frame_size(MOST_BYTES)
            .on_upgrade(async move |socket| {
                run::stream(media, socket, pass).await;
                drop(counted);
            })
    }

    /// Calls the agent of a stream that an answer announces, while the carrier connects.
    pub fn announced(&self, answer: &[u8]) {
        let Ok(parsed) = std::str::from_utf8(answer).map_err(drop).and_then(|text| twiml::parse(text).map_err(drop))
        else {
            return;
        };
        let streams = parsed.response.verbs.iter().filter_map(|verb| match verb {
            Verb::Connect(Connect { noun: Noun::Stream(stream), .. }) => Some(stream),
            _ => None,
        });
        for stream in streams {
            let told = stream.parameters.iter().map(|told| (told.name.clone(), told.value.clone()));
            let told: BTreeMap<String, String> = told.collect();
            let Some(Ok(pass)) = told.get(run::TOKEN).map(|token| self.read(token)) else { continue };
            if let Some(line) = self.0.worlds.current().line(&pass.line) {
                self.0.engines.prepare(&line.agent, &run::opening(&pass, line, &told));
            }
        }
    }

    fn refuse(&self, why: Refused) -> Response {
        self.0.meters.streams.refused.count(why.word());
        tracing::warn!(why = why.word(), "refused the handshake of a stream");
        render(&why.problem())
    }

    pub(super) fn read(&self, token: &str) -> Result<StreamPass, Refused> {
        StreamPass::read(token, &self.0.worlds.current(), self.0.clock.now()).map_err(Refused::Token)
    }

    /// Takes the token, in this process and for all instances. While the database is away this process's memory and the
    /// spool decide, as they do for webhooks.
    pub(super) async fn claim(&self, pass: &StreamPass) -> Result<(), Refused> {
        let now = self.0.clock.now();
        if !self.0.used.take((pass.call.clone(), pass.step), pass.forgotten_at(), now.timestamp()) {
            return Err(Refused::Used);
        }
        let unit = Unit::stream_opened(&stream_of(pass), key("opened", pass), now);
        match self.0.ledger.store(unit, CLAIM_PATIENCE).await {
            Ok(Stored::Copy(_)) => Err(Refused::Used),
            Ok(Stored::First(_) | Stored::Spooled(_)) => Ok(()),
            Err(cause) => {
                tracing::warn!(call.sid = pass.call.as_str(), %cause, "a stream opens without a row that says so");
                Ok(())
            }
        }
    }

    /// Keeps how a stream ended: in memory for the webhook that comes next, and in the timeline for another instance.
    pub(super) async fn keep_end(
        &self,
        pass: &StreamPass,
        (end, told): (&StreamEnd, Vec<OutboxEvent>),
        about: (&serde_json::Value, bool),
    ) {
        let now = self.0.clock.now();
        self.0.ends.remember((pass.call.clone(), pass.step), end.clone(), now.timestamp());
        let mut unit = Unit::stream_ended(&stream_of(pass), key("ended", pass), (now, end), about);
        told.into_iter().for_each(|event| unit.facts.event(event));
        if let Err(cause) = self.0.ledger.store(unit, END_PATIENCE).await {
            tracing::warn!(call.sid = pass.call.as_str(), %cause, "the end of a stream could not be stored");
        }
    }

    /// How the stream ended that this step of the call opened, if anybody knows in time.
    pub async fn end_of(&self, call: CallSid, step: u32) -> Option<StreamEnd> {
        let of = (call, step);
        if let Some(end) = self.0.ends.get(&of) {
            return Some(self.here(end));
        }
        if self.0.ledger.condition().phase() != Phase::Up {
            return None;
        }
        timeout(END_PATIENCE, stream_end(&self.0.db, &of.0, of.1)).await.ok()?.ok()?
    }

    /// A conversation that was cut because this process stops is not begun again by this process: it is the only one.
    fn here(&self, end: StreamEnd) -> StreamEnd {
        if self.0.closing.is_cancelled() && end.next == StreamNext::Again {
            StreamEnd { next: StreamNext::Failed, ..end }
        } else {
            end
        }
    }

    /// The live streams of this process.
    #[must_use]
    pub fn live(&self) -> Vec<LiveStream> {
        self.0.boards.all()
    }

    /// Waits for streams to end by themselves, at most `grace`; then ends them, so that their callers go on elsewhere.
    pub async fn drain(&self, grace: Duration) {
        self.0.running.close();
        if self.0.running.is_empty() {
            return;
        }
        tracing::info!(streams = self.0.running.len(), "waiting for live streams to end");
        if timeout(grace, self.0.running.wait()).await.is_ok() {
            return;
        }
        tracing::warn!(streams = self.0.running.len(), "handing live streams over");
        self.0.closing.cancel();
        let _ = timeout(LEAVING, self.0.running.wait()).await;
        // If nobody else is there, the carrier asks us what comes next.
        sleep(LINGER).await;
    }
}

fn stream_of(pass: &StreamPass) -> StreamOf {
    StreamOf { call: pass.call.clone(), step: pass.step, line: pass.line.clone() }
}

/// One key a stream and event: whoever of two instances is second finds the first.
fn key(what: &str, pass: &StreamPass) -> Key {
    let mut hash = Sha256::new();
    hash.update(b"stream ");
    hash.update(what.as_bytes());
    hash.update([0]);
    hash.update(pass.call.as_str().as_bytes());
    hash.update([0]);
    hash.update(pass.step.to_be_bytes());
    let mut key = Key::default();
    key.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    key
}
