//! What a token opens: it is genuine, in time, and was never used, or there is no stream. And how that stream ended.

use super::parts::Media;
use crate::base::{CallSid, Problem, ProblemKind};
use crate::ledger::{Key, OutboxEvent, Phase, Stored, StreamEnd, StreamNext, StreamOf, Unit, stream_end};
use crate::world::{PassError, StreamPass};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::time::timeout;

/// A carrier waits for the 101.
const CLAIM_PATIENCE: Duration = Duration::from_millis(250);
/// The caller waits for what follows.
const END_PATIENCE: Duration = Duration::from_millis(150);

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Token(PassError),
    Used,
}

impl Refused {
    /// The word of `stream_refusals_total`.
    pub(super) const fn word(self) -> &'static str {
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

    pub(super) fn problem(self) -> Problem {
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
        match self.0.ledger.store_patiently(unit, CLAIM_PATIENCE).await {
            Ok(Stored::Copy(_)) => Err(Refused::Used),
            Ok(Stored::First(_) | Stored::Spooled(_) | Stored::Remembered(_)) => Ok(()),
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
        if let Err(cause) = self.0.ledger.store_patiently(unit, END_PATIENCE).await {
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
