//! What the agent says and wants.

use super::spoken::Piece;
use super::talk::Relayed;
use crate::agents::port::{FromAgent, Say, ToAgent, Transcript, Who};
use crate::media::course::Conversation;
use crate::media::outcome::Over;
use crate::media::utterance::Source;
use crate::twilio::relay;
use std::time::Instant;

/// Marks of an agent that may wait.
const MOST_MARKS: usize = 64;

impl Relayed {
    pub(super) fn obey(&mut self, word: FromAgent, now: Instant) {
        if self.course.over.is_some() {
            return;
        }
        match word {
            FromAgent::Ready(ready) if !ready.speaks_first => self.greet_soon(now),
            FromAgent::Say(say) => self.say(&say, now),
            FromAgent::Play { utt, url, interruptible } => {
                self.answers(Source::Agent(utt), now);
                self.spoken.play(Source::Agent(utt), url, interruptible);
            }
            FromAgent::Language { language } => self.out.push(relay::language(&language)),
            FromAgent::Mark { name } => self.mark(name, now),
            FromAgent::Transcript(said) => self.said(&said, now),
            FromAgent::ToolCall(call) => self.use_tool(call, now),
            FromAgent::Late => self.fill(now),
            FromAgent::Stop { next, when } => self.end(Over::of_stop(next), when, now),
            FromAgent::Failed(failure) => self.failed(&failure, now),
            // Sound is for streams; what the carrier was given cannot be taken back; and who interrupts is its business.
            FromAgent::Ready(_)
            | FromAgent::Audio { .. }
            | FromAgent::AudioEnd { .. }
            | FromAgent::Clear { .. }
            | FromAgent::Verdict { .. }
            | FromAgent::BargeIn => {}
        }
    }

    fn say(&mut self, say: &Say, now: Instant) {
        let source = Source::Agent(say.utt);
        self.answers(source, now);
        let piece = Piece {
            text: &say.text,
            language: say.language.as_deref(),
            interruptible: say.interruptible,
            last: say.last,
        };
        self.spoken.say(source, &piece);
    }

    /// The caller gets an answer, or is asked to wait for it.
    fn answers(&mut self, source: Source, now: Instant) {
        self.greets = None;
        match source {
            Source::Agent(_) => {
                if let Some(waited) = self.course.turns.answered(self.course.begun, now) {
                    self.course.counts.answer(waited);
                }
            }
            Source::House(_) => {
                if let Some(waited) = self.course.turns.filled(now) {
                    self.course.counts.filler(waited);
                }
            }
        }
    }

    /// "One moment", if nobody is speaking.
    fn fill(&mut self, now: Instant) {
        if self.spoken.is_busy() || self.is_hearing() {
            return;
        }
        self.course.house += 1;
        let (source, text) = (Source::House(self.course.house), self.course.line.agent.one_moment.clone());
        self.answers(source, now);
        self.spoken.say(source, &Piece { text: &text, language: None, interruptible: true, last: true });
    }

    fn mark(&mut self, name: String, now: Instant) {
        match self.spoken.last() {
            Some(last) if self.marks.len() < MOST_MARKS => self.marks.push((last, name)),
            last => self.course.tell(now, ToAgent::Mark { name, heard: last.is_none() }),
        }
    }

    /// The agent's own recognition, if it has any: words that call for help count whoever heard them.
    fn said(&mut self, said: &Transcript, now: Instant) {
        if said.who == Who::Caller {
            self.calls_for_help(&said.text, now);
        }
    }
}
