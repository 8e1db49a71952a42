//! What the agent says and wants.

use super::counts::Interruption;
use super::course::Conversation;
use super::outcome::Over;
use super::talk::Talk;
use super::utterance::Source;
use super::voiced::Voiced;
use super::voices::Saying;
use crate::agents::port::{Cut, FromAgent, Say, Transcript, Utt, Who, Why};
use crate::ledger::StreamNext;
use bytes::Bytes;
use std::time::Instant;

impl Talk {
    pub(super) fn obey(&mut self, word: FromAgent, now: Instant) {
        if self.course.over.is_some() {
            return;
        }
        match word {
            FromAgent::Ready(ready) => self.decides = ready.barge_in,
            FromAgent::Audio { utt, data, interruptible } => {
                self.kept.add(utt, &data);
                self.playback.add(Source::Agent(utt), data, interruptible);
            }
            FromAgent::AudioEnd { utt } => {
                self.kept.finish(utt);
                self.playback.finish(Source::Agent(utt), &mut self.proofs);
            }
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

    /// Says a text in the line's voice, where somebody can.
    fn say(&mut self, source: Source, say: Say, now: Instant) {
        // Its place in the order, whoever is ready first.
        self.playback.add(source, Bytes::new(), say.interruptible);
        match (self.course.voices.say)(&self.course.line, &say) {
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
        self.course.house += 1;
        let text = self.course.line.agent.one_moment.clone();
        let say = Say { utt: Utt(0), text, voice: None, language: None, interruptible: true, last: true };
        self.say(Source::House(self.course.house), say, now);
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
                self.course.counts.interruption(Interruption::Agent);
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
        self.course.minutes.take(&self.course.line, said, now);
        if said.who == Who::Caller {
            self.calls_for_help(&said.text, now);
        }
    }
}
