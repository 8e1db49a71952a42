//! How a stream comes in, and how those that are in leave when the process stops.

use super::books;
use super::live::LiveStream;
use super::parts::Media;
use super::passes::Refused;
use super::run;
use super::socket::Socket;
use crate::base::{Problem, ProblemKind};
use crate::gate::{render, stream_token};
use crate::twiml::{self, Noun, Parameter, RelayNoun, Verb};
use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::request;
use axum::response::Response;
use std::collections::BTreeMap;
use std::future::ready;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Read at once from a socket: a frame is under 400 bytes, and longer messages make room for themselves. The library's
/// default would cost 128 KiB a stream.
const READ_BUFFER: usize = 1024;
/// Sound and its mark leave in one write.
const WRITE_BUFFER: usize = 4096;
/// Largest message, either way.
const MOST_BYTES: usize = 64 * 1024;
/// How long streams that were cut may take to leave.
const LEAVING: Duration = Duration::from_millis(1500);

/// The door stays open so long for webhooks of calls that were handed over.
const LINGER: Duration = Duration::from_millis(700);

impl Media {
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
        let begin = move |socket| {
            // A task of its own: that of the handshake has room for all that a handshake needs.
            media.0.running.clone().spawn(run::stream(media, Socket::new(socket), pass));
            drop(counted);
            ready(())
        };
        upgrade
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_write_buffer_size(MOST_BYTES)
            .max_message_size(MOST_BYTES)
            .max_frame_size(MOST_BYTES)
            .on_upgrade(begin)
    }

    /// Calls the agent of a stream that an answer announces, while the carrier connects.
    pub fn announced(&self, answer: &[u8]) {
        let Ok(parsed) = std::str::from_utf8(answer).map_err(drop).and_then(|text| twiml::parse(text).map_err(drop))
        else {
            return;
        };
        let nouns = parsed.response.verbs.iter().filter_map(|verb| match verb {
            Verb::Connect(connect) => Some(&connect.noun),
            _ => None,
        });
        for noun in nouns {
            let told: BTreeMap<String, String> = parameters(noun).collect();
            let Some(Ok(pass)) = told.get(books::TOKEN).map(|token| self.read(token)) else { continue };
            if pass.zone.is_some() {
                continue;
            }
            if let Some(line) = pass.line_in(&self.0.worlds.current()) {
                self.0.engines.prepare(&line.agent, &books::opening(&pass, line, &told));
            }
        }
    }

    fn refuse(&self, why: Refused) -> Response {
        self.0.meters.streams.refused.count(why.word());
        tracing::warn!(why = why.word(), "refused the handshake of a stream");
        render(&why.problem())
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

/// What a socket is told of its call.
fn parameters(noun: &Noun) -> Box<dyn Iterator<Item = (String, String)> + '_> {
    let pair = |told: &Parameter| (told.name.clone(), told.value.clone());
    match noun {
        Noun::Stream(stream) => Box::new(stream.parameters.iter().map(pair)),
        Noun::ConversationRelay(relay) => Box::new(relay.nouns.iter().filter_map(move |noun| match noun {
            RelayNoun::Parameter(parameter) => Some(pair(parameter)),
            RelayNoun::Language(_) => None,
        })),
    }
}
