//! The conversation itself: what both sides tell each other between `ready` and `stop`.

use super::incoming::{self, Greeting, Incoming};
use super::outgoing::{self, AHEAD_MS, Cutting, DECIDE_MS};
use crate::agents::desk::{Asked, Asking, Book, DRY_MS, Received, Tools, Utterances, Vigil};
use crate::agents::port::{BargeIn, Cut, FromAgent, Interrupted, Ms, Say, ToAgent, Transcript, Who};
use crate::agents::session::{Act, Acts, Socket};
use crate::agents::sound::{Format, Inwards, Outwards};
use crate::config::agent::Agent;
use bytes::Bytes;
use std::sync::Arc;

/// A pause inside an utterance that is worth counting.
const PAUSE_MS: Ms = 600;
/// How often a full queue is looked at.
const PRESSURE_MS: Ms = 250;

/// Who said what, and what is owed.
pub(super) struct Talk {
    pub(super) utterances: Utterances,
    pub(super) vigil: Vigil,
    pub(super) tools: Tools,
    pub(super) book: Book,
    binary: bool,
    text_only: bool,
    /// The carrier hears and speaks.
    by_carrier: bool,
    barge_in: BargeIn,
    /// `None`: everything.
    wants: Option<Vec<String>>,
    outwards: Outwards,
    inwards: Inwards,
    /// The utterance that `inwards` is in the middle of.
    reading: Option<String>,
    pressure: &'static str,
    pressure_at: Ms,
    /// The pause that was counted last.
    paused: Option<Ms>,
}

impl Talk {
    pub(super) fn new(agent: &Arc<Agent>) -> Self {
        Self {
            utterances: Utterances::new(AHEAD_MS),
            vigil: Vigil::new(agent.patience),
            tools: Tools::new(Arc::clone(agent)),
            book: Book::default(),
            binary: false,
            text_only: false,
            by_carrier: agent.relay().is_some(),
            barge_in: BargeIn::House,
            wants: None,
            outwards: Outwards::new(Format::Mulaw),
            inwards: Inwards::new(Format::Mulaw),
            reading: None,
            pressure: "ok",
            pressure_at: 0,
            paused: None,
        }
    }

    pub(super) fn agreed(&mut self, greeting: &Greeting<'_>, sound_in: Format, sound_out: Format) {
        self.binary = greeting.binary;
        self.text_only = greeting.text_only || self.by_carrier;
        self.barge_in = greeting.barge_in;
        self.wants = greeting.wants.as_ref().map(|wants| wants.iter().map(ToString::to_string).collect());
        (self.outwards, self.inwards) = (Outwards::new(sound_in), Inwards::new(sound_out));
    }

    /// The connection is gone: what came is played to its end.
    pub(super) fn broke(&mut self, acts: &mut Acts) {
        for utt in self.utterances.close_all() {
            acts.push_back(Act::Say(FromAgent::AudioEnd { utt }));
        }
        self.reading = None;
    }

    /// A frame of the caller, if the agent wants sound.
    pub(super) fn audio(&mut self, socket: Socket, t: Ms, data: &[u8], gap_ms: u32) -> Option<Act> {
        if self.text_only {
            return None;
        }
        let sound = self.outwards.write(data);
        Some(if self.binary {
            Act::Binary(socket, outgoing::audio_binary(t, &sound, gap_ms))
        } else {
            Act::Text(socket, outgoing::audio(t, &sound, gap_ms))
        })
    }

    fn wants(&self, what: &str) -> bool {
        self.wants.as_ref().is_none_or(|wants| wants.iter().any(|wanted| wanted == what))
    }

    /// The stream's words.
    pub(super) fn told(&mut self, at: Ms, (socket, t): (Socket, Ms), word: ToAgent, acts: &mut Acts) {
        let message = match word {
            ToAgent::SpeechStarted { speech, during, decide_within_ms } => {
                self.vigil.speech_started();
                let during = during.as_ref().and_then(|during| Some((self.utterances.name(during.utt)?, during)));
                let decide = decide_within_ms.map(|ms| ms.min(DECIDE_MS)).filter(|_| self.barge_in == BargeIn::Ask);
                self.wants("speech").then(|| outgoing::speech_started(t, speech, during, decide))
            }
            ToAgent::SpeechEnded { speech, duration_ms, quiet_ms } => {
                self.vigil.speech_ended(at.saturating_sub(Ms::from(quiet_ms)), !self.utterances.busy());
                self.wants("speech").then(|| outgoing::speech_ended(t, speech, duration_ms))
            }
            ToAgent::Interrupted(cut) => self.interrupted(t, &cut, acts),
            ToAgent::Playing { utt } => {
                self.utterances.playing(at, utt);
                self.vigil.answered();
                self.utterances.name(utt).map(|name| outgoing::playing(t, name))
            }
            ToAgent::Played(ended) => {
                let said = self.utterances.played(&ended);
                let name = self.utterances.name(ended.utt);
                let message = name.map(|name| outgoing::played(t, name, ended.heard_ms, ended.complete));
                self.note(said, acts);
                message
            }
            ToAgent::Mark { name, heard } => Some(outgoing::mark(t, &name, heard)),
            ToAgent::Dtmf { digit } => self.wants("dtmf").then(|| outgoing::dtmf(t, digit)),
            ToAgent::Transcript(said) => {
                self.book.note(&said);
                self.wants("transcript").then(|| outgoing::transcript(&said))
            }
            ToAgent::ToolResult(result) => self.tools.answered(result).map(|result| outgoing::tool_result(&result)),
            ToAgent::Begin | ToAgent::Audio { .. } | ToAgent::Stop { .. } => None,
        };
        acts.extend(message.map(|message| Act::Text(socket, message)));
    }

    fn interrupted(&mut self, t: Ms, cut: &Interrupted, acts: &mut Acts) -> Option<String> {
        let said = self.utterances.interrupted(cut);
        let dropped = self.utterances.names(&cut.dropped);
        let utt = self.utterances.name(cut.utt)?;
        let received_ms = self.utterances.received_ms(cut.utt).max(cut.given_ms);
        let heard_text = said.as_ref().map(|said| said.text.as_str());
        let cutting = Cutting { utt, received_ms, heard_text, dropped: &dropped };
        let message = outgoing::interrupted(t, cut, &cutting);
        if cut.why != Cut::Speech && !self.vigil.is_speaking() {
            self.vigil.answered();
        }
        self.note(said, acts);
        Some(message)
    }

    fn note(&mut self, said: Option<Transcript>, acts: &mut Acts) {
        if let Some(said) = said {
            self.book.note(&said);
            acts.push_back(Act::Say(FromAgent::Transcript(said)));
        }
    }

    /// The agent's words.
    pub(super) fn heard(&mut self, at: Ms, socket: Socket, message: Incoming<'_>, acts: &mut Acts) {
        match message {
            Incoming::Audio { .. } if self.by_carrier => Self::not_in_text(socket, acts),
            Incoming::Clear { .. } if self.by_carrier => Self::not_in_text(socket, acts),
            Incoming::Audio { utt, data, interruptible } => self.sound((at, socket), &utt, (data, interruptible), acts),
            Incoming::AudioEnd { utt, text } => self.sound_ended(at, &utt, text.as_deref(), acts),
            Incoming::Caption { utt, at_ms, text } if !self.utterances.caption(&utt, at_ms, &text) => {
                self.unknown(socket, acts);
            }
            Incoming::Say(words) => self.say(at, socket, &words, acts),
            Incoming::Play { utt, url, interruptible } => self.play((at, socket), &utt, (&url, interruptible), acts),
            Incoming::Language { language } if self.by_carrier => {
                acts.push_back(Act::Say(FromAgent::Language { language: language.into_owned() }));
            }
            Incoming::Language { .. } => Self::only_in_text(socket, acts),
            Incoming::Clear { utt } => {
                let number = utt.as_deref().map(|name| self.utterances.number(name));
                match number {
                    Some(None) => self.unknown(socket, acts),
                    number => acts.push_back(Act::Say(FromAgent::Clear { utt: number.flatten() })),
                }
            }
            Incoming::Mark { name } => acts.push_back(Act::Say(FromAgent::Mark { name: name.into_owned() })),
            Incoming::Verdict { speech, confirm } if self.barge_in == BargeIn::Ask => {
                acts.push_back(Act::Say(FromAgent::Verdict { speech, confirm }));
            }
            Incoming::Transcript(line) => self.transcript(*line, acts),
            Incoming::ToolCall { id, name, args, when } => {
                // Who was not waited for is not waited for because he wants something done.
                if self.vigil.is_waiting() {
                    self.vigil.working(at);
                }
                let (utterances, by_carrier) = (&self.utterances, self.by_carrier);
                let utt = |name: &str| utterances.paged(name, by_carrier);
                let asked = self.tools.ask(at, &Asking { id: &id, name: &name, args: &args, when, utt: &utt });
                match asked {
                    Asked::Do(call) => acts.push_back(Act::Say(FromAgent::ToolCall(call))),
                    Asked::Running => {}
                    Asked::Answer(answer) => acts.push_back(Act::Text(socket, outgoing::tool_result(&answer))),
                }
            }
            Incoming::Stop { next, when, .. } => {
                self.vigil.answered();
                acts.push_back(Act::Say(FromAgent::Stop { next, when }));
            }
            _ => {}
        }
    }

    /// Sound of the agent, as it writes it.
    pub(super) fn sound(&mut self, from: (Ms, Socket), name: &str, given: (Vec<u8>, bool), acts: &mut Acts) {
        let (data, interruptible) = given;
        if self.reading.as_deref() != Some(name) {
            // What the filter holds of another utterance is not worth a click.
            _ = self.inwards.finish();
            self.reading = Some(name.to_owned());
        }
        let data = self.inwards.read(data);
        self.keep(from, name, (data, interruptible), acts);
    }

    fn keep(&mut self, (at, socket): (Ms, Socket), name: &str, given: (Bytes, bool), acts: &mut Acts) {
        let (data, interruptible) = given;
        match self.utterances.sound(at, name, data.len(), interruptible) {
            Received::Kept(utt, interruptible) => {
                self.vigil.answered();
                acts.push_back(Act::Say(FromAgent::Audio { utt, data, interruptible }));
                self.pressed(at, socket, acts);
            }
            Received::Overflow => {
                let words = "more than 10 seconds wait to be played; this was thrown away";
                acts.push_back(Act::Text(socket, outgoing::error("audio_overflow", words, false)));
            }
            Received::Unknown => self.unknown(socket, acts),
        }
    }

    pub(super) fn sound_ended(&mut self, at: Ms, name: &str, text: Option<&str>, acts: &mut Acts) {
        if self.reading.as_deref() == Some(name) {
            self.reading = None;
            let tail = self.inwards.finish();
            if !tail.is_empty() {
                // A tail is a few milliseconds: it never meets the limit, and needs no answer if it does.
                self.keep((at, 0), name, (tail, true), acts);
            }
        }
        if let Some(text) = text {
            self.utterances.words(name, text);
        }
        if let Some(utt) = self.utterances.close(name) {
            acts.push_back(Act::Say(FromAgent::AudioEnd { utt }));
        }
    }

    /// Words, whole or a piece of them. Our own engine wants whole utterances; a carrier speaks pieces as they come.
    fn say(&mut self, at: Ms, socket: Socket, words: &incoming::Words<'_>, acts: &mut Acts) {
        let name = &*words.utt;
        let Some(utt) = self.utterances.open(at, name, words.interruptible) else {
            return self.unknown(socket, acts);
        };
        if !self.utterances.piece(at, name, &words.text, self.by_carrier) {
            let text =
                outgoing::error("too_large", "an utterance has at most 65536 bytes; this was thrown away", false);
            acts.push_back(Act::Text(socket, text));
        }
        if words.last {
            self.utterances.close(name);
        } else if !self.by_carrier {
            return;
        }
        self.vigil.answered();
        let text = if self.by_carrier { words.text.to_string() } else { self.utterances.text(name) };
        acts.push_back(Act::Say(FromAgent::Say(Say {
            utt,
            text,
            voice: words.voice.as_deref().map(str::to_owned),
            language: words.language.as_deref().map(str::to_owned),
            interruptible: words.interruptible,
            last: words.last,
        })));
    }

    /// Sound that the carrier fetches.
    fn play(&mut self, (at, socket): (Ms, Socket), name: &str, (url, interruptible): (&str, bool), acts: &mut Acts) {
        if !self.by_carrier {
            return Self::only_in_text(socket, acts);
        }
        let Some(utt) = self.utterances.open(at, name, interruptible) else { return self.unknown(socket, acts) };
        self.utterances.close(name);
        self.vigil.answered();
        acts.push_back(Act::Say(FromAgent::Play { utt, url: url.to_owned(), interruptible }));
    }

    fn not_in_text(socket: Socket, acts: &mut Acts) {
        let words = "the carrier speaks in this call: say text; what it was given cannot be taken back";
        acts.push_back(Act::Text(socket, outgoing::error("not_in_text", words, false)));
    }

    fn only_in_text(socket: Socket, acts: &mut Acts) {
        let words = "only where the carrier speaks (mode text)";
        acts.push_back(Act::Text(socket, outgoing::error("only_in_text", words, false)));
    }

    fn transcript(&mut self, line: incoming::Line<'_>, acts: &mut Acts) {
        let incoming::Line { who, text, last, start_ms, end_ms } = line;
        if who == Who::Agent {
            // The timeline gets it when it has been heard.
            return self.utterances.words_of_last(&text);
        }
        let said = Transcript { who, text: text.into_owned(), last, utt: None, start_ms, end_ms, interrupted: false };
        self.note(Some(said), acts);
    }

    fn unknown(&self, socket: Socket, acts: &mut Acts) {
        let words = "the utterance is over, was cut, or never began";
        acts.push_back(Act::Text(socket, outgoing::error("unknown_utterance", words, false)));
    }

    fn pressed(&mut self, at: Ms, socket: Socket, acts: &mut Acts) {
        let queued_ms = self.utterances.queued_ms(at);
        let state = match queued_ms {
            queued if queued >= AHEAD_MS / 10 * 9 => "full",
            queued if queued >= AHEAD_MS / 2 => "slow",
            _ => "ok",
        };
        self.pressure_at = at + PRESSURE_MS;
        if state != self.pressure {
            self.pressure = state;
            acts.push_back(Act::Text(socket, outgoing::pressure(queued_ms, state)));
        }
    }

    /// Whether the utterance that is playing has stopped for good; a shorter pause is counted, once.
    pub(super) fn is_dry(&mut self, at: Ms, acts: &mut Acts) -> bool {
        if self.vigil.is_speaking() {
            return false;
        }
        if let Some(pause) = self.utterances.dry_at(PAUSE_MS).filter(|pause| at >= *pause)
            && self.paused != Some(pause)
        {
            self.paused = Some(pause);
            acts.push_back(Act::Note("dry", "an utterance pauses in its middle".to_owned()));
        }
        self.utterances.dry_at(DRY_MS).is_some_and(|dry| at >= dry)
    }

    pub(super) fn tick(&mut self, at: Ms, socket: Socket, acts: &mut Acts) {
        while let Some(answer) = self.tools.tick(at) {
            acts.push_back(Act::Text(socket, outgoing::tool_result(&answer)));
        }
        if self.pressure != "ok" && at >= self.pressure_at {
            self.pressed(at, socket, acts);
        }
    }

    pub(super) fn wakes(&self) -> Option<Ms> {
        let pause = self.utterances.dry_at(PAUSE_MS).filter(|pause| self.paused != Some(*pause));
        let dry = [pause, self.utterances.dry_at(DRY_MS)].into_iter().flatten().filter(|_| !self.vigil.is_speaking());
        let pressure = (self.pressure != "ok").then_some(self.pressure_at);
        dry.chain(self.vigil.wakes()).chain(self.tools.wakes()).chain(pressure).min()
    }
}
