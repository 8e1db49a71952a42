//! The conversation itself, on whichever socket carries it.

use super::incoming::{Event, Fault, Response};
use super::outgoing::Pen;
use super::responses::Responses;
use super::words::Words;
use crate::agents::desk::{Book, DRY_MS, Received, Tools, Utterances, Vigil};
use crate::agents::port::{Cause, Cut, FromAgent, Interrupted, Ms, ToAgent, ToolCall, Transcript, Who};
use crate::agents::session::{Act, Acts, Socket};
use crate::agents::sound::{Format, Inwards, Outwards};
use crate::audio::g711::SILENCE;
use crate::config::agent::{Agent, Realtime};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::sync::Arc;

/// A whole answer arrives within a second; three minutes of speech are an answer that nobody wants to hear.
const AHEAD_MS: u32 = 180_000;
/// Keys that belong together come within this time.
const KEYS_MS: Ms = 1_500;
/// Their ears wait for silence that never comes, when the carrier stops sending in mid-speech.
const LOST_MS: Ms = 750;
/// Sound that makes up for a gap, at most and at once.
const PADDING: usize = 8_000;
/// A retry waits at most so long.
const RETRY_MS: Ms = 1_000;

/// Why it is over.
pub(super) type Broken = (Cause, &'static str);

/// An accepted tool that ends the conversation, until the farewell has come.
pub(super) struct Farewell {
    pub(super) call: ToolCall,
    /// The answer that says goodbye.
    pub(super) response: Option<String>,
    pub(super) until: Ms,
}

/// Who said what, and what is owed.
pub(super) struct Talk {
    pub(super) utterances: Utterances,
    pub(super) vigil: Vigil,
    pub(super) book: Book,
    pub(super) pen: Pen,
    pub(super) tools: Tools,
    pub(super) responses: Responses,
    words: Words,
    outwards: Outwards,
    inwards: Inwards,
    format: Format,
    /// The item that `inwards` is in the middle of.
    reading: Option<String>,
    trusts_vendor: bool,
    /// Their ears hear speech.
    hears_speech: bool,
    /// A turn of the caller has no answer yet.
    unanswered: bool,
    last_voice: Option<Ms>,
    last_sound: Ms,
    padded: bool,
    /// An answer is to be asked for as soon as none runs.
    asks: bool,
    retried: bool,
    retry_at: Option<Ms>,
    reset_ms: Ms,
    pub(super) farewell: Option<Farewell>,
    keys: String,
    keys_at: Ms,
}

impl Talk {
    pub(super) fn new(agent: &Arc<Agent>, set: &Realtime) -> Self {
        Self {
            utterances: Utterances::new(AHEAD_MS),
            vigil: Vigil::new(agent.patience),
            book: Book::default(),
            pen: Pen::default(),
            tools: Tools::new(Arc::clone(agent)),
            words: Words::default(),
            responses: Responses::default(),
            outwards: Outwards::new(Format::Mulaw),
            inwards: Inwards::new(Format::Mulaw),
            format: Format::Mulaw,
            reading: None,
            trusts_vendor: set.trust_vendor_vad,
            hears_speech: false,
            unanswered: false,
            last_voice: None,
            last_sound: 0,
            padded: false,
            asks: false,
            retried: false,
            retry_at: None,
            reset_ms: 0,
            farewell: None,
            keys: String::new(),
            keys_at: 0,
        }
    }

    /// What the server has confirmed.
    pub(super) fn agreed(&mut self, sound_in: Format, sound_out: Format) {
        (self.outwards, self.inwards) = (Outwards::new(sound_in), Inwards::new(sound_out));
        (self.format, self.reading) = (sound_out, None);
    }

    /// Asks for an answer, now or when the one that runs is done.
    pub(super) fn respond(&mut self, socket: Socket, instructions: Option<&str>, acts: &mut Acts) {
        self.asks = self.responses.active().is_some();
        if !self.asks {
            acts.push_back(Act::Text(socket, self.pen.respond(instructions)));
        }
    }

    /// The connection is gone: what came is played to its end. Whether the caller is owed an answer.
    pub(super) fn broke(&mut self, acts: &mut Acts) -> bool {
        let owed = self.responses.active().is_some() || self.unanswered || self.vigil.is_waiting() || self.asks;
        for utt in self.utterances.close_all() {
            acts.push_back(Act::Say(FromAgent::AudioEnd { utt }));
        }
        self.responses.forget();
        (self.reading, self.hears_speech, self.asks, self.retry_at) = (None, false, false, None);
        owed
    }

    /// Nobody speaks, nobody is waited for.
    pub(super) fn is_quiet(&self) -> bool {
        self.responses.active().is_none()
            && !self.utterances.busy()
            && !self.hears_speech
            && !self.vigil.is_speaking()
            && !self.vigil.is_waiting()
            && self.farewell.is_none()
            && self.retry_at.is_none()
    }

    /// A frame of the caller; a gap before it is filled, or their ears would wait for the end of it.
    pub(super) fn audio(&mut self, at: Ms, socket: Socket, (data, gap_ms): (&[u8], u32), acts: &mut Acts) {
        (self.last_sound, self.padded) = (at, false);
        if gap_ms > 0 {
            let silence = vec![SILENCE; (gap_ms as usize * 8).min(PADDING)];
            self.append(socket, &silence, acts);
        }
        self.append(socket, data, acts);
    }

    fn append(&mut self, socket: Socket, mulaw: &[u8], acts: &mut Acts) {
        let sound = self.outwards.write(mulaw);
        acts.push_back(Act::Text(socket, self.pen.append(&sound)));
    }

    /// The stream's words.
    pub(super) fn told(&mut self, at: Ms, socket: Socket, word: ToAgent, acts: &mut Acts) {
        match word {
            ToAgent::SpeechStarted { .. } => self.vigil.speech_started(),
            ToAgent::SpeechEnded { quiet_ms, .. } => {
                let last = at.saturating_sub(Ms::from(quiet_ms));
                self.last_voice = Some(last);
                // What their ears have not heard they will not answer.
                let expected = (self.hears_speech || self.unanswered) && !self.utterances.busy();
                self.vigil.speech_ended(last, expected);
            }
            ToAgent::Interrupted(cut) => self.interrupted(at, socket, &cut, acts),
            ToAgent::Playing { utt } => {
                self.utterances.playing(at, utt);
                self.vigil.answered();
            }
            ToAgent::Played(ended) => {
                let said = self.utterances.played(&ended);
                self.agent_said(at, said, acts);
            }
            ToAgent::Dtmf { digit } => {
                if self.keys.len() < 64 {
                    self.keys.push(digit);
                }
                self.keys_at = at + KEYS_MS;
            }
            ToAgent::Transcript(said) => self.book.note(&said),
            ToAgent::ToolResult(result) => {
                if let Some(result) = self.tools.answered(result).filter(|result| result.last) {
                    self.output(at, socket, &result, acts);
                }
            }
            ToAgent::Begin | ToAgent::Audio { .. } | ToAgent::Mark { .. } | ToAgent::Stop { .. } => {}
        }
    }

    /// Playback was cut: the model shall remember what was heard, and nothing more.
    fn interrupted(&mut self, at: Ms, socket: Socket, cut: &Interrupted, acts: &mut Acts) {
        let received_ms = self.utterances.received_ms(cut.utt);
        let item = self.utterances.name(cut.utt).map(str::to_owned);
        let later = self.utterances.names(&cut.dropped);
        let said = self.utterances.interrupted(cut);
        let items: Vec<String> = item.iter().chain(&later).cloned().collect();
        if let Some(running) = self.responses.discard(&items) {
            acts.push_back(Act::Text(socket, self.pen.cancel(&running)));
        }
        let heard_ms = cut.heard_ms.min(received_ms);
        let short = heard_ms < received_ms;
        for (item, heard_ms) in item
            .into_iter()
            .filter(|_| short)
            .map(|item| (item, heard_ms))
            .chain(later.into_iter().map(|item| (item, 0)))
        {
            let index = self.responses.content_index(&item);
            acts.push_back(Act::Text(socket, self.pen.truncate(&item, index, heard_ms)));
        }
        if cut.why != Cut::Speech && !self.vigil.is_speaking() {
            self.vigil.answered();
        }
        self.agent_said(at, said, acts);
    }

    fn agent_said(&mut self, at: Ms, said: Option<Transcript>, acts: &mut Acts) {
        if let Some(said) = said {
            self.words.agent(said);
        }
        self.tell_words(at, acts);
    }

    fn tell_words(&mut self, at: Ms, acts: &mut Acts) {
        while let Some(said) = self.words.next(at) {
            self.book.note(&said);
            acts.push_back(Act::Say(FromAgent::Transcript(said)));
        }
    }

    fn caller_said(&mut self, at: Ms, said: Option<Transcript>, acts: &mut Acts) {
        if let Some(said) = said {
            self.book.note(&said);
            acts.push_back(Act::Say(FromAgent::Transcript(said)));
        }
        self.tell_words(at, acts);
    }

    /// An event of the server.
    pub(super) fn event(&mut self, at: Ms, socket: Socket, event: &Event<'_>, acts: &mut Acts) -> Result<(), Broken> {
        let item = event.item_id.as_deref().unwrap_or_default();
        let response = event.response_id.as_deref().unwrap_or_default();
        match &*event.kind {
            "input_audio_buffer.speech_started" => self.speech_started(acts),
            "input_audio_buffer.speech_stopped" => self.hears_speech = false,
            "input_audio_buffer.committed" => self.committed(at, item),
            "conversation.item.input_audio_transcription.delta" => {
                let said = event.delta.as_deref().and_then(|delta| self.words.more(item, delta));
                acts.extend(said.map(|said| Act::Say(FromAgent::Transcript(said))));
            }
            "conversation.item.input_audio_transcription.completed" => {
                let said = self.words.complete(item, event.transcript.as_deref().unwrap_or_default());
                self.caller_said(at, said, acts);
            }
            "conversation.item.input_audio_transcription.failed" => {
                _ = self.words.complete(item, "");
                acts.push_back(Act::Note("transcription_failed", "the caller's words are not known".to_owned()));
                self.tell_words(at, acts);
            }
            "response.created" => self.created(event.response.as_ref()),
            "response.output_audio.delta" => self.sound(at, (response, item), event, acts),
            "response.output_audio.done" => self.sound_ended(at, item, acts),
            "response.output_audio_transcript.delta" => self.caption(at, response, item, event),
            "response.output_audio_transcript.done" => {
                if let Some(words) = event.transcript.as_deref() {
                    self.utterances.correct(item, words);
                }
            }
            "response.function_call_arguments.done" => self.called(at, response, event, acts),
            "response.done" => return self.done(at, socket, event.response.as_ref(), acts),
            "rate_limits.updated" => {
                let limits = event.rate_limits.iter().flatten();
                let reset = limits.filter(|limit| limit.name.is_some()).filter_map(|limit| limit.reset_seconds);
                self.reset_ms = (reset.fold(0.0, f64::max).clamp(0.0, 3_600.0) * 1_000.0) as Ms;
            }
            _ => {}
        }
        Ok(())
    }

    fn speech_started(&mut self, acts: &mut Acts) {
        self.hears_speech = true;
        if self.trusts_vendor && self.utterances.busy() {
            acts.push_back(Act::Say(FromAgent::BargeIn));
        }
    }

    /// Their ears have a whole turn: an answer is due from the caller's last voice on.
    fn committed(&mut self, at: Ms, item: &str) {
        (self.hears_speech, self.unanswered) = (false, true);
        self.words.turn(at, item);
        if !self.vigil.is_speaking() && !self.vigil.is_waiting() && !self.utterances.busy() {
            let last = self.last_voice.filter(|last| at < last + 3_000).unwrap_or(at);
            self.vigil.speech_ended(last, true);
        }
    }

    fn created(&mut self, response: Option<&Response<'_>>) {
        let Some(id) = response.and_then(|response| response.id.as_deref()) else { return };
        self.responses.created(id);
        (self.asks, self.unanswered, self.retry_at) = (false, false, None);
        if let Some(farewell) = &mut self.farewell
            && farewell.response.is_none()
        {
            farewell.response = Some(id.to_owned());
        }
    }

    fn sound(&mut self, at: Ms, (response, item): (&str, &str), event: &Event<'_>, acts: &mut Acts) {
        let data = event.delta.as_deref().and_then(|delta| STANDARD.decode(delta.as_bytes()).ok());
        let Some(data) = data.filter(|_| !self.responses.is_discarded(response)) else { return };
        let first = self.responses.sounded(response, item, event.content_index.unwrap_or(0));
        if first && self.format == Format::Mulaw && looks_like_pcm(&data) {
            acts.push_back(Act::Note("format", "PCM comes where mu-law was agreed: it is read as PCM".to_owned()));
            (self.format, self.inwards) = (Format::Pcm(24_000), Inwards::new(Format::Pcm(24_000)));
        }
        if self.reading.as_deref() != Some(item) {
            _ = self.inwards.finish();
            self.reading = Some(item.to_owned());
        }
        let data = self.inwards.read(data);
        self.keep(at, item, data, acts);
    }

    fn keep(&mut self, at: Ms, item: &str, data: Bytes, acts: &mut Acts) {
        match self.utterances.sound(at, item, data.len(), true) {
            Received::Kept(utt, interruptible) => {
                self.words.opened(utt);
                self.vigil.answered();
                acts.push_back(Act::Say(FromAgent::Audio { utt, data, interruptible }));
            }
            Received::Overflow => {
                acts.push_back(Act::Note("audio_overflow", "an answer is longer than three minutes".to_owned()));
            }
            Received::Unknown => {}
        }
    }

    fn sound_ended(&mut self, at: Ms, item: &str, acts: &mut Acts) {
        if self.reading.as_deref() == Some(item) {
            self.reading = None;
            let tail = self.inwards.finish();
            if !tail.is_empty() {
                self.keep(at, item, tail, acts);
            }
        }
        acts.extend(self.utterances.close(item).map(|utt| Act::Say(FromAgent::AudioEnd { utt })));
    }

    /// Words of an answer come a little before their sound: what has come by now is where they begin.
    fn caption(&mut self, at: Ms, response: &str, item: &str, event: &Event<'_>) {
        let Some(words) = event.delta.as_deref().filter(|_| !self.responses.is_discarded(response)) else { return };
        let Some(utt) = self.utterances.open(at, item, true) else { return };
        self.words.opened(utt);
        let begins = self.utterances.received_ms(utt);
        self.utterances.caption(item, begins, words);
    }

    fn done(&mut self, at: Ms, socket: Socket, done: Option<&Response<'_>>, acts: &mut Acts) -> Result<(), Broken> {
        let Some(done) = done else { return Ok(()) };
        let id = done.id.as_deref().unwrap_or_default();
        let (items, sounded) = self.responses.done(id);
        for item in items {
            self.sound_ended(at, &item, acts);
        }
        if self.farewell.as_ref().is_some_and(|farewell| farewell.response.as_deref() == Some(id)) {
            acts.extend(self.accepted().map(|call| Act::Say(FromAgent::ToolCall(call))));
        }
        if done.status.as_deref() == Some("failed") {
            return self.response_failed(
                at,
                done.status_details.as_ref().and_then(|details| details.error.as_ref()),
                acts,
            );
        }
        self.retried = false;
        self.send_outputs(at, socket, acts);
        if self.asks {
            self.respond(socket, None, acts);
        } else if !sounded && done.status.as_deref() == Some("completed") && self.vigil.is_waiting() && !self.unanswered
        {
            // It chose to say nothing: nothing is due, unless a function's answer is.
            if self.responses.active().is_none() && self.tools.wakes().is_none() && self.farewell.is_none() {
                self.vigil.answered();
            }
        }
        Ok(())
    }

    /// One retry, when the limit is lifted within a second.
    fn response_failed(&mut self, at: Ms, fault: Option<&Fault<'_>>, acts: &mut Acts) -> Result<(), Broken> {
        let word = fault.map_or("other", Fault::word);
        acts.push_back(Act::Note("response_failed", format!("an answer failed: {word}")));
        if fault.is_some_and(Fault::is_fatal) {
            return Err((Cause::Denied, "the account is refused"));
        }
        if self.retried {
            return Err((Cause::Late, "two answers in a row failed"));
        }
        let wait = if self.reset_ms < RETRY_MS { self.reset_ms } else { 0 };
        (self.retried, self.retry_at) = (true, Some(at + wait));
        self.vigil.working(at);
        Ok(())
    }

    /// An error event. Most are survivable.
    pub(super) fn fault(&mut self, fault: &Fault<'_>, acts: &mut Acts) -> Result<(), Broken> {
        let event: String =
            fault.event_id.as_deref().unwrap_or("none").chars().filter(char::is_ascii_graphic).take(32).collect();
        acts.push_back(Act::Note("agent_error", format!("{} about {event}", fault.word())));
        if fault.is_fatal() { Err((Cause::Denied, "the account is refused")) } else { Ok(()) }
    }

    /// What was said so far, for a server that knows nothing of it; and an answer, if one is owed.
    pub(super) fn replay(&mut self, at: Ms, socket: Socket, owed: bool, acts: &mut Acts) {
        self.tell_words(Ms::MAX, acts);
        let lines: Vec<(Who, String)> = self.book.lines().map(|(who, text)| (who, text.to_owned())).collect();
        for (who, text) in lines {
            acts.push_back(Act::Text(socket, self.pen.said(who, &text)));
        }
        if owed {
            self.vigil.first(at);
            self.respond(socket, None, acts);
        }
    }

    pub(super) fn is_dry(&self, at: Ms) -> bool {
        !self.vigil.is_speaking() && self.utterances.dry_at(DRY_MS).is_some_and(|dry| at >= dry)
    }

    pub(super) fn tick(&mut self, at: Ms, socket: Socket, acts: &mut Acts) {
        while let Some(answer) = self.tools.tick(at) {
            self.output(at, socket, &answer, acts);
        }
        if self.retry_at.is_some_and(|retry| at >= retry) {
            self.retry_at = None;
            self.respond(socket, None, acts);
        }
        if !self.keys.is_empty() && at >= self.keys_at {
            let keys = std::mem::take(&mut self.keys);
            acts.push_back(Act::Text(socket, self.pen.said(Who::Caller, &format!("(I pressed the keys {keys}.)"))));
            self.vigil.working(at);
            self.respond(socket, None, acts);
        }
        if self.hears_speech && !self.padded && at >= self.last_sound + LOST_MS {
            self.padded = true;
            self.append(socket, &[SILENCE; PADDING], acts);
        }
        let waits = |farewell: &Farewell| at < farewell.until;
        if self.farewell.as_ref().is_some_and(|farewell| !waits(farewell)) && self.responses.active().is_none() {
            acts.extend(self.accepted().map(|call| Act::Say(FromAgent::ToolCall(call))));
        }
        self.tell_words(at, acts);
    }

    pub(super) fn wakes(&self) -> Option<Ms> {
        let dry = self.utterances.dry_at(DRY_MS).filter(|_| !self.vigil.is_speaking());
        let keys = (!self.keys.is_empty()).then_some(self.keys_at);
        let lost = (self.hears_speech && !self.padded).then_some(self.last_sound + LOST_MS);
        let farewell = self.farewell.as_ref().filter(|_| self.responses.active().is_none()).map(|it| it.until);
        let timers =
            [dry, keys, lost, farewell, self.retry_at, self.vigil.wakes(), self.tools.wakes(), self.words.wakes()];
        timers.into_iter().flatten().min()
    }
}

/// In 16 bit samples of speech every second byte is near 0 or 255, and the bytes between are anything.
fn looks_like_pcm(data: &[u8]) -> bool {
    let near = |byte: &u8| *byte < 0x10 || *byte >= 0xf0;
    let share = |first: usize| {
        let bytes = data.iter().skip(first).step_by(2).take(800);
        let (all, near) = bytes.fold((0, 0), |(all, count), byte| (all + 1, count + u32::from(near(byte))));
        f64::from(near) / f64::from(all.max(1))
    };
    data.len() >= 480 && share(1) > 0.8 && share(0) < 0.4
}
