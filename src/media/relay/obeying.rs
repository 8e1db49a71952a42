//! What the agent says and wants.

use super::spoken::Piece;
use super::talk::Relayed;
use crate::agents::port::{FromAgent, Refusal, Say, ToAgent, Tool, ToolCall, ToolResult, Transcript, When, Who};
use crate::media::outcome::{Over, tag, unavailable};
use crate::media::talk::Ending;
use crate::media::utterance::Source;
use crate::twilio::relay;
use serde_json::json;
use std::time::{Duration, Instant};

/// How long an end waits for the last word to be heard, beyond what saying it takes, and at most.
const LAST_WORD: Duration = Duration::from_secs(2);
const LONGEST_WORD: Duration = Duration::from_secs(30);
/// Marks of an agent that may wait.
const MOST_MARKS: usize = 64;

impl Relayed {
    pub(super) fn obey(&mut self, word: FromAgent, now: Instant) {
        if self.over.is_some() {
            return;
        }
        match word {
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
            FromAgent::Failed(failure) => {
                let end = self.ending.take().map_or_else(|| Over::of_failure(&failure), |ending| ending.end);
                self.end_now(end, now);
            }
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
        match source {
            Source::Agent(_) => {
                if let Some(waited) = self.turns.answered(self.begun, now) {
                    self.counts.answer(waited);
                }
            }
            Source::House(_) => {
                if let Some(waited) = self.turns.filled(now) {
                    self.counts.filler(waited);
                }
            }
        }
    }

    /// "One moment", if nobody is speaking.
    fn fill(&mut self, now: Instant) {
        if self.spoken.is_busy() || self.is_hearing() {
            return;
        }
        self.house += 1;
        let (source, text) = (Source::House(self.house), self.line.agent.one_moment.clone());
        self.answers(source, now);
        self.spoken.say(source, &Piece { text: &text, language: None, interruptible: true, last: true });
    }

    fn mark(&mut self, name: String, now: Instant) {
        match self.spoken.last() {
            Some(last) if self.marks.len() < MOST_MARKS => self.marks.push((last, name)),
            last => self.tell(now, ToAgent::Mark { name, heard: last.is_none() }),
        }
    }

    /// The agent's own recognition, if it has any: words that call for help count whoever heard them.
    fn said(&mut self, said: &Transcript, now: Instant) {
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
            Tool::SendDigits { digits } => {
                self.out.push(relay::send_digits(&digits));
                Ok(json!({}))
            }
            _ => Err(unavailable(name)),
        };
        self.answer(id, outcome, now);
    }

    fn answer(&mut self, id: String, outcome: Result<serde_json::Value, Refusal>, now: Instant) {
        self.tell(now, ToAgent::ToolResult(ToolResult { id, outcome, last: true }));
    }

    /// Ends the conversation, at once or when the last word was heard.
    fn end(&mut self, end: Over, when: When, now: Instant) {
        if when == When::Now || !self.spoken.is_busy() {
            return self.end_now(end, now);
        }
        let until = now + (self.spoken.left(now) + LAST_WORD).min(LONGEST_WORD);
        self.ending.get_or_insert(Ending { end, until });
    }
}
