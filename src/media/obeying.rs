//! What the agent says and wants.

use super::counts::Interruption;
use super::outcome::{Over, tag, unavailable};
use super::talk::{Ending, Talk};
use super::utterance::Source;
use super::voices::{Saying, Voiced};
use crate::agents::port::{
    Cut, Failure, FromAgent, Refusal, Say, ToAgent, Tool, ToolCall, ToolResult, Transcript, Utt, When, Who, Why,
};
use crate::audio::keys;
use crate::ledger::StreamNext;
use bytes::Bytes;
use serde_json::json;
use std::time::{Duration, Instant};

/// How long an end waits for the last word to be heard.
const LAST_WORD: Duration = Duration::from_secs(10);

impl Talk {
    pub(super) fn obey(&mut self, word: FromAgent, now: Instant) {
        if self.over.is_some() {
            return;
        }
        match word {
            FromAgent::Ready(ready) => self.decides = ready.barge_in,
            FromAgent::Audio { utt, data, interruptible } => {
                self.playback.add(Source::Agent(utt), data, interruptible);
            }
            FromAgent::AudioEnd { utt } => self.playback.finish(Source::Agent(utt), &mut self.proofs),
            FromAgent::Say(say) => self.say(Source::Agent(say.utt), say, now),
            FromAgent::Clear { utt } => self.clear(utt, now),
            FromAgent::Mark { name } => self.playback.mark(name, &mut self.proofs),
            FromAgent::Verdict { speech, confirm } => self.judged(speech, confirm, now),
            FromAgent::BargeIn => self.cut_for_speech(now),
            FromAgent::Transcript(said) => self.said(&said, now),
            FromAgent::ToolCall(call) => self.use_tool(call, now),
            FromAgent::Late => self.fill(now),
            FromAgent::Stop { next, when } => self.end(Over::of_stop(next), when, now),
            // Words for a carrier that speaks; here we do.
            FromAgent::Play { .. } | FromAgent::Language { .. } => {}
            FromAgent::Failed(failure) => self.failed(&failure, now),
        }
    }

    /// The agent is of no use any more. An end that was decided before stands.
    fn failed(&mut self, failure: &Failure, now: Instant) {
        let end = self.ending.take().map_or_else(|| Over::of_failure(failure), |ending| ending.end);
        self.end_now(end, now);
    }

    /// Ends the conversation, at once or when the last word was heard.
    fn end(&mut self, end: Over, when: When, now: Instant) {
        if when == When::Now || !self.playback.is_busy() {
            return self.end_now(end, now);
        }
        self.ending.get_or_insert(Ending { end, until: now + LAST_WORD });
    }

    /// Says a text in the line's voice, where somebody can.
    fn say(&mut self, source: Source, say: Say, now: Instant) {
        // Its place in the order, whoever is ready first.
        self.playback.add(source, Bytes::new(), say.interruptible);
        match (self.voices.say)(&self.line, &say) {
            Voiced::Ready(sound) => {
                self.playback.add(source, sound, say.interruptible);
                self.playback.finish(source, &mut self.proofs);
            }
            Voiced::Later(sound) => self.saying.push_back(Saying { source, sound }),
            Voiced::Mute => self.mute(source, now),
        }
    }

    /// A text has become sound.
    pub(super) fn spoken(&mut self, source: Source, sound: Option<Bytes>, now: Instant) {
        match sound {
            Some(sound) => {
                self.playback.add(source, sound, true);
                self.playback.finish(source, &mut self.proofs);
            }
            None => self.mute(source, now),
        }
        self.settle(now);
    }

    /// An agent whose words nobody can say is of no use; "one moment" can be done without.
    fn mute(&mut self, source: Source, now: Instant) {
        match source {
            Source::Agent(_) => {
                let end = Over::new(StreamNext::Failed, Why::AgentFailed, "no voice for the agent's words");
                self.end_now(end, now);
            }
            Source::House(_) => self.playback.finish(source, &mut self.proofs),
        }
    }

    /// "One moment", if nothing plays.
    fn fill(&mut self, now: Instant) {
        if self.playback.is_audible() || self.speeches.is_speaking() {
            return;
        }
        self.house += 1;
        let text = self.line.agent.one_moment.clone();
        let say = Say { utt: Utt(0), text, voice: None, language: None, interruptible: true, last: true };
        self.say(Source::House(self.house), say, now);
    }

    /// The agent takes back what it said.
    fn clear(&mut self, utt: Option<Utt>, now: Instant) {
        if let Some(utt) = utt
            && self.playback.drop_waiting(Source::Agent(utt))
        {
            return;
        }
        let names_another =
            utt.is_some_and(|utt| self.playback.audible(now).is_some_and(|(source, _)| source != Source::Agent(utt)));
        if !names_another {
            if self.playback.is_busy() {
                self.counts.interruption(Interruption::Agent);
            }
            self.cut(Cut::AgentClear, now);
        }
    }

    fn judged(&mut self, speech: u32, confirm: bool, now: Instant) {
        if self.asked.take_if(|asked| asked.speech == speech).is_none() {
            return;
        }
        if confirm { self.cut_for_speech(now) } else { self.go_on() }
    }

    /// Words of the caller that call for help go before everything else.
    fn said(&mut self, said: &Transcript, now: Instant) {
        self.minutes.take(&self.line, said, now);
        if said.who == Who::Caller && (self.voices.calls_for_help)(&self.line, &said.text) {
            self.end_now(Over::emergency(&self.line, &said.text, "an emergency word was said"), now);
        }
    }

    fn use_tool(&mut self, call: ToolCall, now: Instant) {
        let ToolCall { id, tool, when } = call;
        if let Some(end) = Over::of_tool(&tool, &self.line) {
            let word = if when == When::Now { "now" } else { "after_speech" };
            self.answer(id, Ok(json!({ "when": word })), now);
            return self.end(end, when, now);
        }
        let name = tool.name();
        let outcome = match tool {
            Tool::SetTag { key, value } => tag(&mut self.tags, key, value).map(|()| json!({})),
            Tool::SendDigits { digits } => Ok(self.send_keys(&digits)),
            _ => Err(unavailable(name)),
        };
        self.answer(id, outcome, now);
    }

    /// Keys for whoever listens on the caller's side, as tones behind what is being said: a stream knows no other way.
    fn send_keys(&mut self, digits: &str) -> serde_json::Value {
        let sound = keys::mulaw(digits);
        let lasts = json!({ "ms": sound.len() / 8 });
        self.house += 1;
        let source = Source::House(self.house);
        self.playback.add(source, sound.into(), false);
        self.playback.finish(source, &mut self.proofs);
        lasts
    }

    fn answer(&mut self, id: String, outcome: Result<serde_json::Value, Refusal>, now: Instant) {
        self.tell(now, ToAgent::ToolResult(ToolResult { id, outcome, last: true }));
    }
}
