//! What every conversation is, whoever hears and speaks for us: its clock, its agent, its tools, and its end.

use super::counts::Counts;
use super::minutes::Minutes;
use super::outcome::{Over, tag};
use super::pager::{Announcement, NotPaged, PageWish};
use super::speech::Turns;
use super::voiced::Voiced;
use super::voices::Voices;
use crate::agents::Link;
use crate::agents::port::{
    Failure, Ms, Paged, Refusal, Say, Stats, ToAgent, Tool, ToolCall, ToolResult, Utt, When, Why,
};
use crate::config::line::Line;
use crate::ledger::StreamNext;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Words of an agent that are obeyed in a row; then the line has its turn.
pub(super) const MOST_WORDS: usize = 64;
/// Until somebody looks again though nothing happens.
pub(super) const IDLE: Duration = Duration::from_secs(1);
/// Pages of one conversation that may be on their way.
const MOST_PAGES: usize = 4;

/// What comes of a tool.
pub(super) type Outcome = Result<Value, Refusal>;

/// The end that was decided, once what was said is heard.
#[derive(Debug)]
pub(super) struct Ending {
    pub end: Over,
    pub until: Instant,
}

/// A page that an agent asked for: its tool call, and what becomes of it.
pub(super) type Paging = (String, Pin<Box<dyn Future<Output = Outcome> + Send>>);

/// What conversations of both kinds keep.
pub(super) struct Course {
    pub begun: Instant,
    pub line: Arc<Line>,
    /// The call, and its caller's number as the carrier writes it.
    pub call: (String, String),
    pub link: Link,
    pub voices: Arc<Voices>,
    pub turns: Turns,
    /// Number of the last utterance of our own.
    pub house: u32,
    pub ending: Option<Ending>,
    pub over: Option<Over>,
    pub tags: BTreeMap<String, String>,
    pub minutes: Minutes,
    pub counts: Counts,
    /// Pages that begin or are refused soon, in order.
    pub pages: VecDeque<Paging>,
}

impl Course {
    /// A conversation that begins now.
    pub(super) fn new(
        line: Arc<Line>,
        call: (String, String),
        (link, voices): (Link, Arc<Voices>),
        now: Instant,
    ) -> Self {
        Self {
            begun: now,
            line,
            call,
            link,
            voices,
            turns: Turns::default(),
            house: 0,
            ending: None,
            over: None,
            tags: BTreeMap::new(),
            minutes: Minutes::default(),
            counts: Counts::default(),
            pages: VecDeque::new(),
        }
    }

    /// Milliseconds of the conversation.
    pub(super) fn ms(&self, now: Instant) -> Ms {
        u64::try_from(now.saturating_duration_since(self.begun).as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn tell(&mut self, now: Instant, word: ToAgent) {
        let at = self.ms(now);
        self.link.tell(at, word);
    }

    /// What became of a tool call.
    pub(super) fn answer(&mut self, id: String, outcome: Outcome, now: Instant) {
        self.tell(now, ToAgent::ToolResult(ToolResult { id, outcome, last: true }));
    }

    /// When the agent says more though nothing happens, and when an end no longer waits.
    pub(super) fn wakes(&self) -> [Option<Instant>; 2] {
        let agent = self.link.wakes().map(|at| self.begun + Duration::from_millis(at));
        [agent, self.ending.as_ref().map(|ending| ending.until)]
    }

    /// Whoever pages, and where.
    fn wish(&self, zone: String) -> PageWish {
        let (call, from) = self.call.clone();
        PageWish { zone, call, line: self.line.name.clone(), from }
    }

    /// The agent's words as sound for loudspeakers.
    fn voiced(&self, text: String) -> Voiced {
        let (voice, language) = (None, None);
        (self.voices.say)(&self.line, &Say { utt: Utt(0), text, voice, language, interruptible: false, last: true })
    }

    /// Pages what an agent gives; the answer comes when it plays, or does not.
    fn page(&mut self, id: String, zone: String, sound: Result<Voiced, NotPaged>, now: Instant) {
        let sound = match sound {
            _ if self.pages.len() >= MOST_PAGES => Err(NotPaged::of("busy", "too many pages at once")),
            Ok(Voiced::Mute) => Err(NotPaged::of("no_voice", "the line has no speech engine that could say the text")),
            sound => sound,
        };
        match sound {
            Ok(sound) => {
                let begins = (self.voices.announce)(Announcement { wish: self.wish(zone.clone()), sound });
                let answer = async move {
                    let begun = begins.await.map_err(refusal)?;
                    Ok(json!({ "page": begun.id, "zone": zone, "ms": begun.ms }))
                };
                self.pages.push_back((id, Box::pin(answer)));
            }
            Err(why) => self.answer(id, Err(refusal(why)), now),
        }
    }
}

fn refusal(why: NotPaged) -> Refusal {
    Refusal { reason: Some(why.word), ..Refusal::new("tool_failed", why.words) }
}

/// The first page that is decided; the others wait behind it, in the order in which they were asked for.
pub(super) async fn paged(pages: &mut VecDeque<Paging>) -> (String, Outcome) {
    let Some((_, first)) = pages.front_mut() else { return std::future::pending().await };
    let outcome = first.as_mut().await;
    match pages.pop_front() {
        Some((id, _)) => (id, outcome),
        None => std::future::pending().await,
    }
}

/// A conversation, as its tools and its end see it.
pub(super) trait Conversation {
    /// What it keeps.
    fn course(&mut self) -> &mut Course;

    /// Whether something was given to say that was not heard to its end.
    fn is_busy(&self) -> bool;

    /// How long an end waits for the last word to be heard.
    fn last_word(&self, now: Instant) -> Duration;

    /// Says nothing more.
    fn fall_silent(&mut self, now: Instant);

    /// Milliseconds of ours that were heard.
    fn heard_ms(&self, now: Instant) -> u64;

    /// Sends keys to whoever listens on the caller's side; what the agent is told of that.
    fn send_keys(&mut self, digits: &str) -> Value;

    /// The sound of an utterance of the agent's, for loudspeakers.
    fn sound_of(&self, utt: Utt) -> Result<Voiced, NotPaged>;

    /// The conversation is over: nothing more is said.
    fn end_now(&mut self, over: Over, now: Instant) {
        if self.course().over.is_some() {
            return;
        }
        self.fall_silent(now);
        let heard_ms = self.heard_ms(now);
        let course = self.course();
        let stats = Stats { turns: course.turns.count, interrupts: course.counts.interrupts(), heard_ms };
        course.tell(now, ToAgent::Stop { why: over.why, stats });
        course.over = Some(over);
    }

    /// Ends the conversation, at once or when the last word was heard.
    fn end(&mut self, end: Over, when: When, now: Instant) {
        if when == When::Now || !self.is_busy() {
            return self.end_now(end, now);
        }
        let until = now + self.last_word(now);
        self.course().ending.get_or_insert(Ending { end, until });
    }

    /// The agent is of no use any more. An end that was decided before stands.
    fn failed(&mut self, failure: &Failure, now: Instant) {
        let decided = self.course().ending.take();
        self.end_now(decided.map_or_else(|| Over::of_failure(failure), |ending| ending.end), now);
    }

    /// An end that waits for the last word does not wait for ever; and no conversation lasts longer than its line allows.
    fn end_what_is_due(&mut self, now: Instant) {
        let busy = self.is_busy();
        let course = self.course();
        let limit = Duration::from_secs(u64::from(course.line.agent.max_s));
        let too_long = now.saturating_duration_since(course.begun) >= limit;
        let ending = course.ending.take_if(|ending| now >= ending.until || !busy);
        if too_long {
            self.end_now(Over::new(StreamNext::Line, Why::Limit, "the longest conversation is over"), now);
        }
        if let Some(ending) = ending {
            self.end_now(ending.end, now);
        }
    }

    /// Words of the caller that call for help go before everything else. `true`: these do.
    fn calls_for_help(&mut self, words: &str, now: Instant) -> bool {
        let course = self.course();
        let calls = (course.voices.calls_for_help)(&course.line, words);
        if calls {
            let over = Over::emergency(&course.line, words, "an emergency word was said");
            self.end_now(over, now);
        }
        calls
    }

    /// The agent wants something done.
    fn use_tool(&mut self, call: ToolCall, now: Instant) {
        let ToolCall { id, tool, when } = call;
        if let Some(end) = Over::of_tool(&tool, &self.course().line) {
            let word = if when == When::Now { "now" } else { "after_speech" };
            self.course().answer(id, Ok(json!({ "when": word })), now);
            return self.end(end, when, now);
        }
        let outcome = match tool {
            Tool::Page { zone, what } => {
                let sound = match what {
                    Paged::Text(text) => Ok(self.course().voiced(text)),
                    Paged::Utterance(utt) => self.sound_of(utt),
                };
                return self.course().page(id, zone, sound, now);
            }
            Tool::SetTag { key, value } => tag(&mut self.course().tags, key, value).map(|()| json!({})),
            Tool::SendDigits { digits } => Ok(self.send_keys(&digits)),
            // These end the conversation: above.
            Tool::Transfer { .. } | Tool::TakeMessage { .. } | Tool::HangUp | Tool::Emergency { .. } => return,
        };
        self.course().answer(id, outcome, now);
    }
}
