//! A conversation in `switchboard-agent/1`, from the dial to the farewell.

use super::auth::Auth;
use super::incoming::{self, Incoming, MOST_BYTES};
use super::outgoing::{self, PROTOCOL, SUBPROTOCOL};
use super::talk::Talk;
use crate::agents::desk::{Due, Life, Sign, offer};
use crate::agents::port::{Cause, Failure, FromAgent, Ms, Opening, Ready, ToAgent, Who};
use crate::agents::session::{Act, Acts, Heard, Request, Session, Socket};
use crate::agents::sound::Format;
use crate::base::{Clock, Secret};
use crate::config::agent::Agent;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;

/// Messages that make no sense, until the agent counts as broken.
const MOST_BAD: u32 = 3;
/// Frames of the caller that wait for `ready`.
const HELD: usize = 25;
/// A second break within this time is not mended.
const BREAKS_APART_MS: Ms = 60_000;

/// Close codes of the protocol.
mod close {
    pub(super) const DONE: u16 = 1000;
    pub(super) const UNAUTHORISED: u16 = 4001;
    pub(super) const VERSION: u16 = 4002;
    pub(super) const NOT_READY: u16 = 4003;
    pub(super) const STALLED: u16 = 4004;
    pub(super) const BAD: u16 = 1008;
    pub(super) const FULL: u16 = 4029;
}

/// How far the conversation is.
#[derive(Debug)]
enum Stage {
    /// Until then.
    Dialling(Ms),
    /// Open, and the caller is not there yet.
    Waiting,
    /// `start` was sent; `ready` must come until then.
    Starting(Ms),
    Talking,
    Over,
}

/// One conversation.
pub(in crate::agents) struct Neutral {
    setting: Setting,
    stage: Stage,
    socket: Socket,
    begun: bool,
    /// The moment that `t` counts from.
    started: Ms,
    bad: u32,
    life: Life,
    /// When the connection broke the last time.
    broke: Option<Ms>,
    held: VecDeque<(Bytes, u32)>,
    talk: Talk,
    /// Of the upgrade, for the proof.
    id: String,
    headers: Vec<(&'static str, Secret)>,
}

/// What does not change during a call.
pub(in crate::agents) struct Setting {
    pub(in crate::agents) agent: Arc<Agent>,
    pub(in crate::agents) url: String,
    pub(in crate::agents) auth: Auth,
    pub(in crate::agents) opening: Opening,
    pub(in crate::agents) clock: Clock,
}

impl Neutral {
    pub(in crate::agents) fn new(setting: Setting) -> Self {
        let agent = &setting.agent;
        let talk = Talk::new(agent);
        Self {
            setting,
            stage: Stage::Waiting,
            socket: 0,
            begun: false,
            started: 0,
            bad: 0,
            life: Life::new(0),
            broke: None,
            held: VecDeque::new(),
            talk,
            id: String::new(),
            headers: Vec::new(),
        }
    }

    fn dial(&mut self, at: Ms, acts: &mut Acts) {
        self.socket += 1;
        let call = self.setting.opening.call.as_str();
        let shown = self.setting.auth.show(&self.setting.url, call, self.socket, self.setting.clock.now());
        (self.id, self.headers) = (shown.id, shown.headers);
        self.stage = Stage::Dialling(at + Ms::from(self.setting.agent.patience.connect_ms));
        acts.push_back(Act::Dial(self.socket));
    }

    fn opened(&mut self, at: Ms, agreed: Option<&str>, acts: &mut Acts) {
        self.life = Life::new(at);
        if agreed.is_some_and(|agreed| agreed != SUBPROTOCOL) {
            return self.fail(close::VERSION, Cause::Denied, "the agent chose another subprotocol", acts);
        }
        self.stage = Stage::Waiting;
        if self.begun {
            self.start(at, acts);
        }
    }

    fn start(&mut self, at: Ms, acts: &mut Acts) {
        let agent = &self.setting.agent;
        let said: Vec<(Who, &str)> = self.talk.book.lines().collect();
        let resume = self.broke.map(|_| ("connection_lost", said));
        let start = outgoing::start(agent, &self.setting.opening, &offer(agent, true), resume);
        self.stage = Stage::Starting(at + Ms::from(agent.patience.ready_ms));
        self.started = at;
        acts.push_back(Act::Text(self.socket, start));
    }

    /// The first message must be `ready`, and fit.
    fn ready(&mut self, at: Ms, greeting: &incoming::Greeting<'_>, acts: &mut Acts) {
        if greeting.protocol.as_deref().is_some_and(|protocol| protocol != PROTOCOL) {
            return self.fail(close::VERSION, Cause::Denied, "the agent speaks another version", acts);
        }
        if !self.setting.auth.proved(&self.id, greeting.proof.as_deref()) {
            return self.fail(close::UNAUTHORISED, Cause::Denied, "the agent did not prove who it is", acts);
        }
        let formats = (Format::named(&greeting.sound_in), Format::named(&greeting.sound_out));
        let (Some(sound_in), Some(sound_out)) = formats else {
            acts.push_back(Act::Text(
                self.socket,
                outgoing::error("audio_format", "choose formats of the offer", true),
            ));
            return self.fail(close::BAD, Cause::Denied, "the agent wants a format that was not offered", acts);
        };
        let again = self.broke.is_some();
        self.stage = Stage::Talking;
        self.talk.agreed(greeting, sound_in, sound_out);
        if !again {
            acts.push_back(Act::Say(FromAgent::Ready(Ready {
                speaks_first: greeting.speaks_first,
                barge_in: greeting.barge_in,
                text_only: greeting.text_only,
                name: greeting.name.chars().take(64).collect(),
            })));
        }
        if greeting.speaks_first || again {
            self.talk.vigil.first(at);
        }
        for (data, gap_ms) in std::mem::take(&mut self.held) {
            self.audio(at, &data, gap_ms, acts);
        }
    }

    fn audio(&mut self, at: Ms, data: &[u8], gap_ms: u32, acts: &mut Acts) {
        let t = at.saturating_sub(self.started);
        if let Some(act) = self.talk.audio(self.socket, t, data, gap_ms) {
            acts.push_back(act);
        }
    }

    fn hold(&mut self, data: Bytes, gap_ms: u32) {
        if self.held.len() >= HELD {
            self.held.pop_front();
        }
        self.held.push_back((data, gap_ms));
    }

    fn text(&mut self, at: Ms, text: &str, acts: &mut Acts) {
        match incoming::read(text) {
            Ok(Incoming::Nothing) => {}
            Ok(Incoming::Ping { id }) => acts.push_back(Act::Text(self.socket, outgoing::pong(self.t(at), id))),
            Ok(Incoming::Error { code, fatal }) => self.complained(&code, fatal, acts),
            Ok(Incoming::Ready(greeting)) if matches!(self.stage, Stage::Starting(_)) => {
                self.ready(at, &greeting, acts)
            }
            Ok(Incoming::Stop { failed: true, .. }) => {
                self.fail(close::DONE, Cause::Declined, "the agent says that it failed", acts);
            }
            Ok(Incoming::Stop { declined: true, .. }) => {
                self.fail(close::DONE, Cause::Declined, "the agent declines the call", acts);
            }
            Ok(message) if matches!(self.stage, Stage::Talking) => self.talk.heard(at, self.socket, message, acts),
            // Nothing is wrong with the words, only with the moment.
            Ok(_) => self.bad(("bad_message", "`ready` comes first, and once"), acts),
            Err(bad) => self.bad(bad, acts),
        }
    }

    fn binary(&mut self, at: Ms, frame: &[u8], acts: &mut Acts) {
        match incoming::read_binary(frame) {
            Ok((utt, sound, last)) if matches!(self.stage, Stage::Talking) && self.setting.agent.relay().is_none() => {
                self.talk.sound((at, self.socket), &utt, (sound.to_vec(), true), acts);
                if last {
                    self.talk.sound_ended(at, &utt, None, acts);
                }
            }
            Ok(_) => self.bad(("bad_message", "`ready` comes first"), acts),
            Err(bad) => self.bad(bad, acts),
        }
    }

    fn bad(&mut self, (code, words): incoming::Bad, acts: &mut Acts) {
        self.bad += 1;
        acts.push_back(Act::Text(self.socket, outgoing::error(code, words, self.bad >= MOST_BAD)));
        acts.push_back(Act::Note("bad_message", words.to_owned()));
        if self.bad >= MOST_BAD {
            self.fail(close::BAD, Cause::Malformed, "three messages made no sense", acts);
        }
    }

    fn complained(&mut self, code: &str, fatal: bool, acts: &mut Acts) {
        let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
        acts.push_back(Act::Note("agent_error", format!("the agent reports {code}")));
        if fatal {
            self.fail(close::DONE, Cause::Declined, "the agent reports a fatal error", acts);
        }
    }

    fn closed(&mut self, at: Ms, code: Option<u16>, acts: &mut Acts) {
        if code == Some(close::FULL) {
            return self.fail(close::DONE, Cause::Declined, "the agent is full", acts);
        }
        let mended = self.setting.agent.reconnect
            && self.begun
            && !matches!(self.stage, Stage::Starting(_))
            && self.broke.is_none_or(|broke| at >= broke + BREAKS_APART_MS);
        if !mended {
            let code = code.map_or_else(|| "without a word".to_owned(), |code| format!("with {code}"));
            return self.fail(close::DONE, Cause::Closed, &format!("the agent closed {code}"), acts);
        }
        acts.push_back(Act::Note("reconnect", "the agent's connection broke".to_owned()));
        self.broke = Some(at);
        self.talk.broke(acts);
        self.dial(at, acts);
    }

    fn fail(&mut self, code: u16, cause: Cause, detail: &str, acts: &mut Acts) {
        if matches!(self.stage, Stage::Over) {
            return;
        }
        self.stage = Stage::Over;
        acts.push_back(Act::Close(self.socket, code));
        acts.push_back(Act::Say(FromAgent::Failed(Failure { cause, detail: detail.to_owned() })));
    }

    fn t(&self, at: Ms) -> Ms {
        at.saturating_sub(self.started)
    }
}

impl Session for Neutral {
    fn begin(&mut self, at: Ms, acts: &mut Acts) {
        self.dial(at, acts);
    }

    fn told(&mut self, at: Ms, word: ToAgent, acts: &mut Acts) {
        match word {
            ToAgent::Begin => {
                self.begun = true;
                if matches!(self.stage, Stage::Waiting) {
                    self.start(at, acts);
                }
            }
            ToAgent::Audio { data, gap_ms } if matches!(self.stage, Stage::Talking) => {
                self.audio(at, &data, gap_ms, acts);
            }
            ToAgent::Audio { data, gap_ms } => self.hold(data, gap_ms),
            ToAgent::Stop { why, stats } if !matches!(self.stage, Stage::Over) => {
                self.stage = Stage::Over;
                acts.push_back(Act::Text(self.socket, outgoing::stop(why, stats)));
                acts.push_back(Act::Close(self.socket, close::DONE));
            }
            word => {
                let (talks, t) = (matches!(self.stage, Stage::Talking), self.t(at));
                let mut sent = Acts::new();
                self.talk.told(at, (self.socket, t), word, &mut sent);
                // While nobody is there to be told, only the stream's part of it counts.
                acts.extend(sent.into_iter().filter(|act| talks || !matches!(act, Act::Text(..) | Act::Binary(..))));
            }
        }
    }

    fn left(&mut self, _at: Ms, acts: &mut Acts) {
        if !matches!(self.stage, Stage::Over) {
            self.stage = Stage::Over;
            acts.push_back(Act::Close(self.socket, close::DONE));
        }
    }

    fn heard(&mut self, at: Ms, socket: Socket, news: Heard<'_>, acts: &mut Acts) {
        if socket != self.socket || matches!(self.stage, Stage::Over) {
            return;
        }
        self.life.heard();
        match news {
            Heard::Open(agreed) => self.opened(at, agreed, acts),
            Heard::Refused(status, words) => {
                let cause = match status {
                    Some(401 | 403) => Cause::Denied,
                    Some(429 | 503) => Cause::Declined,
                    _ => Cause::Refused,
                };
                self.fail(close::DONE, cause, words, acts);
            }
            Heard::Text(text) => self.text(at, text, acts),
            Heard::Binary(frame) => self.binary(at, frame, acts),
            Heard::Alive => {}
            Heard::Closed(code) => self.closed(at, code, acts),
            Heard::Stuck => self.fail(close::STALLED, Cause::Stalled, "the agent does not read", acts),
        }
    }

    fn tick(&mut self, at: Ms, acts: &mut Acts) {
        match self.stage {
            Stage::Over => {}
            Stage::Dialling(until) if at >= until => {
                self.fail(close::DONE, Cause::Late, "no connection in time", acts);
            }
            Stage::Starting(until) if at >= until => {
                self.fail(close::NOT_READY, Cause::Late, "not ready in time", acts);
            }
            Stage::Dialling(_) => {}
            Stage::Waiting | Stage::Starting(_) | Stage::Talking => self.watch(at, acts),
        }
    }

    fn wakes(&self) -> Option<Ms> {
        match self.stage {
            Stage::Over => None,
            Stage::Dialling(until) => Some(until),
            Stage::Starting(until) => Some(until.min(self.life.wakes())),
            Stage::Waiting => Some(self.life.wakes()),
            Stage::Talking => self.talk.wakes().into_iter().chain([self.life.wakes()]).min(),
        }
    }

    fn request(&self, _socket: Socket) -> Request {
        Request {
            url: self.setting.url.clone(),
            protocols: vec![SUBPROTOCOL.to_owned()],
            headers: self.headers.clone(),
            most_bytes: 4 * MOST_BYTES,
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }
}

impl Neutral {
    /// Deadlines of an open socket.
    fn watch(&mut self, at: Ms, acts: &mut Acts) {
        match self.life.tick(at, self.talk.vigil.is_waiting()) {
            Some(Sign::Ping) => acts.push_back(Act::Ping(self.socket)),
            Some(Sign::Dead) => return self.fail(close::STALLED, Cause::Dead, "no sign of life", acts),
            None => {}
        }
        if !matches!(self.stage, Stage::Talking) {
            return;
        }
        match self.talk.vigil.tick(at) {
            Some(Due::Late) => acts.push_back(Act::Say(FromAgent::Late)),
            Some(Due::Failed) => return self.fail(close::STALLED, Cause::Late, "no answer in time", acts),
            None => {}
        }
        if self.talk.is_dry(at, acts) {
            return self.fail(close::STALLED, Cause::Dry, "an utterance stopped in its middle", acts);
        }
        self.talk.tick(at, self.socket, acts);
    }

    /// Text that is kept, for tests.
    #[cfg(test)]
    pub(super) fn kept_bytes(&self) -> usize {
        self.talk.utterances.letters() + self.held.len() * 160
    }
}
