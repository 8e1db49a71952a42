//! Sockets of a conversation: the first, the next one when an hour is nearly over, and the one after a break.

use super::incoming::{self, Event};
use super::talk::{Broken, Talk};
use crate::agents::desk::{Due, Life, Sign, offer};
use crate::agents::port::{BargeIn, Cause, Failure, FromAgent, Ms, Opening, Ready, ToAgent};
use crate::agents::session::{Act, Acts, Heard, Request, Session, Socket};
use crate::agents::sound::Format;
use crate::base::{Clock, Secret};
use crate::config::agent::{self, Agent};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;
use url::form_urlencoded;

/// Longest message: one of the server's may hold seconds of sound.
const MOST_BYTES: usize = 1024 * 1024;
/// Frames of the caller that wait until their format is agreed.
const HELD: usize = 25;
/// `session.created` may take so long while nobody waits.
const CREATED_MS: Ms = 5_000;
/// An hour is the longest session: the next one is opened early, takes over in a quiet moment, and takes over anyway.
const RECYCLE_MS: Ms = 50 * 60_000;
const FORCED_MS: Ms = 58 * 60_000;
/// A next session that failed is tried again after this.
const AGAIN_MS: Ms = 30_000;
/// How long queued sound may still play before a conversation goes on after a break.
const PLAYOUT_MS: Ms = 3_000;
const NORMAL: u16 = 1000;

/// What does not change during a call.
pub(in crate::agents) struct Setting {
    pub(in crate::agents) agent: Arc<Agent>,
    pub(in crate::agents) set: agent::Realtime,
    pub(in crate::agents) key: Secret,
    pub(in crate::agents) opening: Opening,
    pub(in crate::agents) clock: Clock,
}

/// How far a socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Dialling,
    /// Until `session.created`.
    Opened,
    /// Until `session.updated`.
    Updating,
    Ready,
}

/// One socket.
struct Line {
    socket: Socket,
    stage: Stage,
    /// The stage must be over by then.
    until: Ms,
    opened: Ms,
    life: Life,
    update: String,
    formats: (Format, Format),
    /// When the next one shall take its place.
    recycle: Ms,
}

/// One conversation.
pub(in crate::agents) struct Realtime {
    setting: Setting,
    talk: Talk,
    line: Line,
    /// The last socket; numbers are never used twice.
    dialled: Socket,
    /// The line is gone; the spare one will take its place.
    gone: Option<Ms>,
    spare: Option<Line>,
    /// The caller is owed an answer by the next line.
    owed: bool,
    begun: bool,
    over: bool,
    held: VecDeque<(Bytes, u32)>,
}

impl Realtime {
    pub(in crate::agents) fn new(setting: Setting) -> Self {
        Self {
            talk: Talk::new(&setting.agent, &setting.set),
            line: Line::new(1, Ms::MAX),
            dialled: 1,
            gone: None,
            spare: None,
            owed: false,
            begun: false,
            over: false,
            held: VecDeque::new(),
            setting,
        }
    }

    fn is_talking(&self) -> bool {
        self.line.stage == Stage::Ready && self.gone.is_none()
    }

    /// Deadlines of a caller who waits are shorter than those of one who hears a menu.
    fn hurry(&mut self, at: Ms) {
        let ready_ms = Ms::from(self.setting.agent.patience.ready_ms);
        if matches!(self.line.stage, Stage::Opened | Stage::Updating) {
            self.line.until = self.line.until.min(at + ready_ms);
        }
    }

    fn greet(&mut self, at: Ms, acts: &mut Acts) {
        for (data, gap_ms) in std::mem::take(&mut self.held) {
            self.talk.audio(at, self.line.socket, (&data, gap_ms), acts);
        }
        if let Some(greeting) = self.setting.set.greeting.clone() {
            self.talk.vigil.first(at);
            self.talk.respond(self.line.socket, Some(&greeting), acts);
        }
    }

    fn hold(&mut self, data: Bytes, gap_ms: u32) {
        if self.held.len() >= HELD {
            self.held.pop_front();
        }
        self.held.push_back((data, gap_ms));
    }

    /// News of a line on its way to be ready.
    fn prepare(&mut self, at: Ms, line: &mut Line, news: Heard<'_>, acts: &mut Acts) -> Result<(), Broken> {
        match news {
            Heard::Open(_) => {
                (line.stage, line.until, line.opened) = (Stage::Opened, at + CREATED_MS, at);
                (line.life, line.recycle) = (Life::new(at), at + RECYCLE_MS);
                Ok(())
            }
            Heard::Refused(Some(401 | 403), _) => Err((Cause::Denied, "the key is refused")),
            Heard::Refused(Some(429), _) => Err((Cause::Declined, "too many sessions")),
            Heard::Refused(..) => Err((Cause::Refused, "no connection")),
            Heard::Closed(_) => Err((Cause::Closed, "closed before it was ready")),
            Heard::Stuck => Err((Cause::Stalled, "the server does not read")),
            Heard::Text(text) => match serde_json::from_str::<Event<'_>>(text) {
                Ok(event) => self.agree(at, line, &event, acts),
                Err(_) => Ok(()),
            },
            Heard::Binary(_) | Heard::Alive => Ok(()),
        }
    }

    fn agree(&mut self, at: Ms, line: &mut Line, event: &Event<'_>, acts: &mut Acts) -> Result<(), Broken> {
        match (&*event.kind, line.stage) {
            ("session.created", Stage::Opened) => {
                if let Some(expires) = event.session.as_ref().and_then(|session| session.expires_at) {
                    line.recycle = line.recycle.min(at + self.most_of(expires));
                }
                let Setting { agent, set, opening, .. } = &self.setting;
                let (update, id) = self.talk.pen.session(agent, set, opening, offer(agent, false));
                (line.stage, line.update) = (Stage::Updating, id);
                acts.push_back(Act::Text(line.socket, update));
                Ok(())
            }
            ("session.updated", Stage::Updating) => {
                line.formats =
                    confirmed(event).ok_or((Cause::Denied, "the server confirms no format that we speak"))?;
                if line.formats.1 != Format::Mulaw {
                    let words = "mu-law was asked and something else confirmed: it is converted".to_owned();
                    acts.push_back(Act::Note("format", words));
                }
                (line.stage, line.until) = (Stage::Ready, Ms::MAX);
                Ok(())
            }
            ("error", _) => {
                let Some(fault) = &event.error else { return Ok(()) };
                self.talk.fault(fault, acts)?;
                let ours = fault.event_id.as_deref() == Some(line.update.as_str()) && !line.update.is_empty();
                if ours { Err((Cause::Denied, "the server refuses the session's settings")) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    /// Five sixths of what a session has left.
    fn most_of(&self, expires: i64) -> Ms {
        let left = expires.saturating_sub(self.setting.clock.now().timestamp());
        Ms::try_from(left.clamp(60, 24 * 3_600)).unwrap_or(60) * 1_000 / 6 * 5
    }

    /// News of the line that talks.
    fn conversation(&mut self, at: Ms, news: Heard<'_>, acts: &mut Acts) {
        let outcome = match news {
            Heard::Text(text) => match serde_json::from_str::<Event<'_>>(text) {
                Ok(event) => match (&*event.kind, &event.error) {
                    ("error", Some(fault)) if fault.word() == "session_expired" => return self.broke(at, true, acts),
                    ("error", Some(fault)) => self.talk.fault(fault, acts),
                    // A later change of format is believed like the first.
                    ("session.updated", _) => {
                        if let Some((sound_in, sound_out)) = confirmed(&event).filter(|now| *now != self.line.formats) {
                            self.line.formats = (sound_in, sound_out);
                            self.talk.agreed(sound_in, sound_out);
                        }
                        Ok(())
                    }
                    _ => self.talk.event(at, self.line.socket, &event, acts),
                },
                Err(_) => {
                    acts.push_back(Act::Note("bad_event", "an event could not be read".to_owned()));
                    Ok(())
                }
            },
            Heard::Closed(_) => return self.broke(at, false, acts),
            Heard::Stuck => Err((Cause::Stalled, "the server does not read")),
            Heard::Open(_) | Heard::Refused(..) | Heard::Binary(_) | Heard::Alive => Ok(()),
        };
        if let Err(broken) = outcome {
            self.fail(broken, acts);
        }
    }

    /// The line that talked is gone: the spare one goes on, or a new one, or nobody.
    fn broke(&mut self, at: Ms, expired: bool, acts: &mut Acts) {
        if self.gone.is_some() {
            return;
        }
        if !expired && !self.setting.agent.reconnect && self.spare.is_none() {
            return self.fail((Cause::Closed, "the server closed"), acts);
        }
        acts.push_back(Act::Close(self.line.socket, NORMAL));
        acts.push_back(Act::Note("reconnect", "the session is gone; the next one takes over".to_owned()));
        self.owed |= self.talk.broke(acts);
        self.gone = Some(at);
        if self.spare.is_none() {
            self.dial_spare(at, acts);
        }
    }

    fn dial_spare(&mut self, at: Ms, acts: &mut Acts) {
        let patience = &self.setting.agent.patience;
        self.dialled += 1;
        let line = Line::new(self.dialled, at + Ms::from(patience.connect_ms) + Ms::from(patience.ready_ms));
        acts.push_back(Act::Dial(line.socket));
        self.spare = Some(line);
    }

    fn spare_failed(&mut self, at: Ms, broken: Broken, acts: &mut Acts) {
        if let Some(spare) = self.spare.take() {
            acts.push_back(Act::Close(spare.socket, NORMAL));
            self.line.recycle = at + AGAIN_MS;
        }
        if self.gone.is_some() {
            self.fail(broken, acts);
        }
    }

    /// The spare line takes over: at once after a break (when what is queued has been heard), else when nobody speaks.
    fn take_over(&mut self, at: Ms, acts: &mut Acts) {
        if self.spare.as_ref().is_none_or(|spare| spare.stage != Stage::Ready) {
            return;
        }
        let now = match self.gone {
            Some(since) => !self.talk.utterances.busy() || at >= since + PLAYOUT_MS,
            None => self.talk.is_quiet() || at >= self.line.opened + FORCED_MS,
        };
        let Some(spare) = self.spare.take_if(|_| now) else { return };
        if self.gone.take().is_none() {
            self.owed |= self.talk.broke(acts);
            acts.push_back(Act::Close(self.line.socket, NORMAL));
        }
        self.line = spare;
        self.talk.agreed(self.line.formats.0, self.line.formats.1);
        let owed = std::mem::take(&mut self.owed);
        self.talk.replay(at, self.line.socket, owed, acts);
        for (data, gap_ms) in std::mem::take(&mut self.held) {
            self.talk.audio(at, self.line.socket, (&data, gap_ms), acts);
        }
    }

    fn ready(&mut self, at: Ms, acts: &mut Acts) {
        self.talk.agreed(self.line.formats.0, self.line.formats.1);
        let trusts = self.setting.set.trust_vendor_vad;
        acts.push_back(Act::Say(FromAgent::Ready(Ready {
            speaks_first: self.setting.set.greeting.is_some(),
            barge_in: if trusts { BargeIn::Agent } else { BargeIn::House },
            text_only: false,
            name: self.setting.set.model.clone(),
        })));
        if self.begun {
            self.greet(at, acts);
        }
    }

    fn fail(&mut self, (cause, detail): Broken, acts: &mut Acts) {
        if self.over {
            return;
        }
        self.end(acts);
        match self.talk.accepted() {
            Some(call) => acts.push_back(Act::Say(FromAgent::ToolCall(call))),
            None => {
                let failure = Failure { cause, detail: detail.to_owned() };
                acts.push_back(Act::Say(FromAgent::Failed(failure)));
            }
        }
    }

    fn end(&mut self, acts: &mut Acts) {
        self.over = true;
        acts.push_back(Act::Close(self.line.socket, NORMAL));
        acts.extend(self.spare.take().map(|spare| Act::Close(spare.socket, NORMAL)));
    }
}

impl Line {
    fn new(socket: Socket, until: Ms) -> Self {
        Self {
            socket,
            stage: Stage::Dialling,
            until,
            opened: 0,
            life: Life::new(0),
            update: String::new(),
            formats: (Format::Mulaw, Format::Mulaw),
            recycle: Ms::MAX,
        }
    }
}

/// What the server says it speaks.
fn confirmed(event: &Event<'_>) -> Option<(Format, Format)> {
    let audio = event.session.as_ref()?.audio.as_ref()?;
    let sound = |side: &Option<incoming::Side<'_>>| side.as_ref()?.format.as_ref()?.sound();
    Some((sound(&audio.input)?, sound(&audio.output)?))
}

impl Session for Realtime {
    fn begin(&mut self, at: Ms, acts: &mut Acts) {
        self.line = Line::new(1, at + Ms::from(self.setting.agent.patience.connect_ms));
        acts.push_back(Act::Dial(1));
    }

    fn told(&mut self, at: Ms, word: ToAgent, acts: &mut Acts) {
        match word {
            _ if self.over => {}
            ToAgent::Begin => {
                self.begun = true;
                if self.is_talking() { self.greet(at, acts) } else { self.hurry(at) }
            }
            ToAgent::Audio { data, gap_ms } if self.is_talking() && self.begun => {
                self.talk.audio(at, self.line.socket, (&data, gap_ms), acts);
            }
            ToAgent::Audio { data, gap_ms } => self.hold(data, gap_ms),
            ToAgent::Stop { .. } => self.end(acts),
            word => {
                let talks = self.is_talking();
                let mut sent = Acts::new();
                self.talk.told(at, self.line.socket, word, &mut sent);
                acts.extend(sent.into_iter().filter(|act| talks || !matches!(act, Act::Text(..))));
                self.take_over(at, acts);
            }
        }
    }

    fn left(&mut self, _at: Ms, acts: &mut Acts) {
        if !self.over {
            self.end(acts);
        }
    }

    fn heard(&mut self, at: Ms, socket: Socket, news: Heard<'_>, acts: &mut Acts) {
        if self.over {
            return;
        }
        if let Some(mut spare) = self.spare.take_if(|spare| spare.socket == socket) {
            spare.life.heard();
            let outcome = self.prepare(at, &mut spare, news, acts);
            self.spare = Some(spare);
            return match outcome {
                Ok(()) => self.take_over(at, acts),
                Err(broken) => self.spare_failed(at, broken, acts),
            };
        }
        if socket != self.line.socket || self.gone.is_some() {
            return;
        }
        self.line.life.heard();
        if self.line.stage == Stage::Ready {
            return self.conversation(at, news, acts);
        }
        let mut line = std::mem::replace(&mut self.line, Line::new(socket, Ms::MAX));
        let outcome = self.prepare(at, &mut line, news, acts);
        self.line = line;
        match outcome {
            Err(broken) => self.fail(broken, acts),
            Ok(()) if self.line.stage == Stage::Ready => self.ready(at, acts),
            Ok(()) if self.begun => self.hurry(at),
            Ok(()) => {}
        }
    }

    fn tick(&mut self, at: Ms, acts: &mut Acts) {
        if self.over {
            return;
        }
        if self.line.stage != Stage::Ready && at >= self.line.until {
            return self.fail((Cause::Late, "not ready in time"), acts);
        }
        if self.spare.as_ref().is_some_and(|spare| spare.stage != Stage::Ready && at >= spare.until) {
            self.spare_failed(at, (Cause::Late, "the next session was not ready in time"), acts);
        }
        if self.line.stage == Stage::Dialling || self.over {
            return;
        }
        if self.gone.is_none() {
            match self.line.life.tick(at, self.talk.vigil.is_waiting()) {
                Some(Sign::Ping) => acts.push_back(Act::Ping(self.line.socket)),
                Some(Sign::Dead) => return self.fail((Cause::Dead, "no sign of life"), acts),
                None => {}
            }
        }
        if self.line.stage == Stage::Ready {
            self.watch(at, acts);
        }
    }

    fn wakes(&self) -> Option<Ms> {
        if self.over {
            return None;
        }
        let ready = self.line.stage == Stage::Ready;
        let talk = self.talk.wakes().filter(|_| ready);
        let life = (self.line.stage != Stage::Dialling && self.gone.is_none()).then(|| self.line.life.wakes());
        let stage = (!ready).then_some(self.line.until);
        let spare = self.spare.as_ref().map(|spare| match (spare.stage, self.gone) {
            (Stage::Ready, Some(since)) => since + PLAYOUT_MS,
            (Stage::Ready, None) => self.line.opened + FORCED_MS,
            _ => spare.until,
        });
        let recycle = (ready && self.begun && self.spare.is_none()).then_some(self.line.recycle);
        [talk, life, stage, spare, recycle].into_iter().flatten().min()
    }

    fn request(&self, _socket: Socket) -> Request {
        let Setting { set, key, .. } = &self.setting;
        let model: String = form_urlencoded::byte_serialize(set.model.as_bytes()).collect();
        Request {
            url: format!("{}/realtime?model={model}", set.base_url.trim_end_matches('/')),
            protocols: Vec::new(),
            headers: vec![("authorization", Secret::new(format!("Bearer {}", key.expose())))],
            most_bytes: MOST_BYTES,
        }
    }

    fn is_over(&self) -> bool {
        self.over
    }
}

impl Realtime {
    /// Deadlines of a conversation that runs.
    fn watch(&mut self, at: Ms, acts: &mut Acts) {
        match self.talk.vigil.tick(at) {
            Some(Due::Late) => acts.push_back(Act::Say(FromAgent::Late)),
            Some(Due::Failed) => return self.fail((Cause::Late, "no answer in time"), acts),
            None => {}
        }
        if self.talk.is_dry(at) {
            return self.fail((Cause::Dry, "an utterance stopped in its middle"), acts);
        }
        let mut sent = Acts::new();
        self.talk.tick(at, self.line.socket, &mut sent);
        let talks = self.gone.is_none();
        acts.extend(sent.into_iter().filter(|act| talks || !matches!(act, Act::Text(..))));
        if self.spare.is_none() && self.begun && at >= self.line.recycle {
            self.dial_spare(at, acts);
        }
        self.take_over(at, acts);
    }
}
