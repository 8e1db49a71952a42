//! A conversation in text while it lasts: the carrier's words of the caller on one side, an agent on the other.
//!
//! Nothing here waits, reads a clock or knows a socket: whoever runs it passes in what came and when, and sends what is in
//! [`Relayed::out`]. `obeying.rs` is about the agent.

use super::spoken::{News, Spoken};
use crate::agents::Link;
use crate::agents::port::{Cut, Ended, Interrupted, Ms, Stats, ToAgent, Transcript, Utt, Who, Why};
use crate::config::line::Line;
use crate::ledger::StreamNext;
use crate::media::counts::{Counts, Interruption, Odd};
use crate::media::minutes::Minutes;
use crate::media::outcome::Over;
use crate::media::speech::Turns;
use crate::media::talk::Ending;
use crate::media::utterance::Source;
use crate::media::voices::Voices;
use crate::twilio::relay::{Incoming, Side, read};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the carrier needs to find out that the caller has finished, as far as is known: words come this long after the last
/// voice.
const ENDPOINT: Duration = Duration::from_millis(500);
/// Words that the carrier began to tell are all there are when nothing is added to them for so long.
const UNFINISHED: Duration = Duration::from_secs(3);
/// The same while it says that the caller goes on speaking.
const MOST_SPEECH: Duration = Duration::from_secs(30);
/// Messages of ours that the carrier does not understand until we count as broken: it hangs up after ten.
const MOST_ERRORS: u32 = 3;
/// Words of an agent that are obeyed in a row; then the line has its turn.
const MOST_WORDS: usize = 64;
/// Messages that may wait for a carrier that does not read; until then the agent waits.
const MOST_OUT: usize = 64;
/// Until somebody looks again though nothing happens.
const IDLE: Duration = Duration::from_secs(1);

/// What the caller is saying.
#[derive(Debug)]
struct Hearing {
    began: Instant,
    /// When words came last.
    last: Instant,
    words: String,
}

/// A conversation in text.
pub(super) struct Relayed {
    pub(super) begun: Instant,
    pub(super) line: Arc<Line>,
    pub(super) link: Link,
    pub(super) voices: Arc<Voices>,
    pub(super) spoken: Spoken,
    hearing: Option<Hearing>,
    /// Number of the caller's last speech.
    speech: u32,
    /// Since when the carrier says that the caller speaks.
    caller_speaks: Option<Instant>,
    pub(super) turns: Turns,
    /// Number of the last utterance of our own.
    pub(super) house: u32,
    /// What the agent wants to know when it was heard.
    pub(super) marks: Vec<(Source, String)>,
    pub(super) ending: Option<Ending>,
    pub(super) over: Option<Over>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) minutes: Minutes,
    pub(super) counts: Counts,
    errors: u32,
    /// To be sent to the carrier, in order.
    pub(super) out: Vec<String>,
}

impl Relayed {
    /// A conversation that begins now.
    pub(super) fn begin(line: Arc<Line>, link: Link, voices: Arc<Voices>, now: Instant) -> Self {
        let mut talk = Self {
            begun: now,
            line,
            link,
            voices,
            spoken: Spoken::default(),
            hearing: None,
            speech: 0,
            caller_speaks: None,
            turns: Turns::default(),
            house: 0,
            marks: Vec::new(),
            ending: None,
            over: None,
            tags: BTreeMap::new(),
            minutes: Minutes::default(),
            counts: Counts::default(),
            errors: 0,
            out: Vec::new(),
        };
        if let Some(greeting) = talk.line.agent.relay().and_then(|relay| relay.greeting.clone()) {
            talk.house = 1;
            talk.spoken.greeted(Source::House(1), &greeting, now);
        }
        talk.tell(now, ToAgent::Begin);
        talk.settle(now);
        talk
    }

    pub(super) fn ms(&self, now: Instant) -> Ms {
        u64::try_from(now.saturating_duration_since(self.begun).as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn tell(&mut self, now: Instant, word: ToAgent) {
        let at = self.ms(now);
        self.link.tell(at, word);
    }

    /// Whether words of the caller are coming in.
    pub(super) const fn is_hearing(&self) -> bool {
        self.hearing.is_some()
    }

    /// Whether the carrier hears a voice, which may be that of a television.
    fn is_voiced(&self, now: Instant) -> bool {
        self.caller_speaks.is_some_and(|since| now.saturating_duration_since(since) < MOST_SPEECH)
    }

    /// Takes one text frame.
    pub(super) fn hear(&mut self, text: &str, now: Instant) {
        match read(text) {
            Ok(Incoming::Prompt { words, last, .. }) => self.prompt(words, last, now),
            Ok(Incoming::Dtmf(digit)) => self.key(digit, now),
            Ok(Incoming::Interrupt { heard, after_ms }) => self.interrupted(&heard, after_ms, now),
            Ok(Incoming::Speaking { who: Side::Agent, on }) => self.spoken.speaking(on, now),
            Ok(Incoming::Speaking { who: Side::Caller, on }) => self.caller_speaks = on.then_some(now),
            Ok(Incoming::Error) => self.not_understood(now),
            // A second setup is nobody's.
            Ok(Incoming::Setup(_) | Incoming::Unknown) => self.counts.odd(Odd::Unknown),
            Err(_malformed) => self.counts.odd(Odd::Malformed),
        }
        self.settle(now);
    }

    /// Words of the caller: so far, or all of them. Those that call for help go before everything else.
    fn prompt(&mut self, words: String, last: bool, now: Instant) {
        if self.over.is_some() {
            return;
        }
        if (self.voices.calls_for_help)(&self.line, &words) {
            self.note(Who::Caller, &words, now);
            return self.end_now(Over::emergency(&self.line, &words, "an emergency word was said"), now);
        }
        // Once the end is decided nothing else is listened to.
        if self.ending.is_some() || (words.trim().is_empty() && self.hearing.is_none()) {
            return;
        }
        if self.hearing.is_none() {
            self.began_to_speak(now);
        }
        if self.spoken.is_held() {
            self.counts.interruption(Interruption::Speech);
            self.cut(Cut::Speech, now);
        }
        if let Some(hearing) = &mut self.hearing {
            hearing.last = now;
            hearing.words.clone_from(&words);
        }
        if last {
            return self.has_spoken(now);
        }
        self.tell(now, ToAgent::Transcript(transcript(Who::Caller, words, false)));
    }

    fn began_to_speak(&mut self, now: Instant) {
        self.speech += 1;
        self.hearing = Some(Hearing { began: now, last: now, words: String::new() });
        self.turns.spoke_again();
        self.tell(now, ToAgent::SpeechStarted { speech: self.speech, during: None, decide_within_ms: None });
        if !self.spoken.is_held() {
            self.spoken.fell_silent(now);
            self.report(now);
        }
    }

    /// All words of a speech are known: it is the agent's turn.
    fn has_spoken(&mut self, now: Instant) {
        let Some(hearing) = self.hearing.take() else { return };
        self.note(Who::Caller, &hearing.words, now);
        self.turns.asked(now);
        self.tell(now, ToAgent::Transcript(transcript(Who::Caller, hearing.words, true)));
        let ms = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        let ended = ToAgent::SpeechEnded {
            speech: self.speech,
            duration_ms: ms(now.saturating_duration_since(hearing.began)),
            quiet_ms: ms(ENDPOINT),
        };
        self.tell(now, ended);
    }

    /// The carrier stopped in the middle of what we say, because it heard something.
    fn interrupted(&mut self, heard: &str, after_ms: u32, now: Instant) {
        let mut news = Vec::new();
        self.spoken.interrupted(heard, after_ms, now, &mut news);
        self.tell_news(news, now);
        // The last word is not said twice.
        if self.spoken.is_held() && self.ending.is_some() {
            self.cut(Cut::Speech, now);
        }
    }

    fn key(&mut self, digit: char, now: Instant) {
        if self.over.is_some() || self.ending.is_some() {
            return;
        }
        if self.spoken.is_held() {
            self.counts.interruption(Interruption::Key);
            self.cut(Cut::Dtmf, now);
        }
        self.tell(now, ToAgent::Dtmf { digit });
    }

    fn not_understood(&mut self, now: Instant) {
        self.errors += 1;
        self.counts.odd(Odd::Unknown);
        tracing::warn!(line = self.line.name, "the carrier did not understand a message of a conversation in text");
        if self.errors >= MOST_ERRORS {
            let reason = "the carrier does not understand what we send";
            self.end_now(Over::new(StreamNext::Failed, Why::AgentFailed, reason), now);
        }
    }

    /// What was being said will not be heard to its end; the agent is told.
    pub(super) fn cut(&mut self, why: Cut, now: Instant) {
        let Some(cut) = self.spoken.cut(now) else { return };
        self.note(Who::Agent, &cut.heard, now);
        for (_, name) in std::mem::take(&mut self.marks) {
            self.tell(now, ToAgent::Mark { name, heard: false });
        }
        let mut dropped = cut.dropped.into_iter();
        let (utt, heard, heard_ms, given_ms): (Utt, String, u32, u32) = match cut.source {
            Source::Agent(utt) => (utt, cut.heard, cut.heard_ms, cut.given_ms),
            Source::House(_) => match dropped.next() {
                Some(utt) => (utt, String::new(), 0, 0),
                None => return,
            },
        };
        let (heard_text, dropped) = (Some(heard), dropped.collect());
        let cut = Interrupted { utt, heard_ms, sent_ms: given_ms, given_ms, heard_text, dropped, why };
        self.tell(now, ToAgent::Interrupted(cut));
    }

    /// Keeps what was said.
    fn note(&mut self, who: Who, words: &str, now: Instant) {
        let said = transcript(who, words.to_owned(), true);
        self.minutes.take(&self.line, &said, now);
    }

    /// Does all that is due after something came, or after some time.
    pub(super) fn settle(&mut self, now: Instant) {
        for _ in 0..MOST_WORDS {
            self.report(now);
            if self.out.len() >= MOST_OUT {
                break;
            }
            let at = self.ms(now);
            let Some(word) = self.link.next(at) else { break };
            self.obey(word, now);
        }
        self.give_up_waiting(now);
        if self.over.is_none() && self.out.len() < MOST_OUT {
            self.spoken.hand(now, &mut self.out);
        }
        self.report(now);
    }

    /// Tells the agent what was heard.
    fn report(&mut self, now: Instant) {
        let mut news = Vec::new();
        self.spoken.follow(now, &mut news);
        self.tell_news(news, now);
    }

    fn tell_news(&mut self, news: Vec<News>, now: Instant) {
        for news in news {
            match news {
                News::Playing(Source::Agent(utt)) => self.tell(now, ToAgent::Playing { utt }),
                News::Playing(Source::House(_)) => {}
                News::Played { source, text, heard_ms } => {
                    self.note(Who::Agent, &text, now);
                    self.reached(source, now);
                    if let Source::Agent(utt) = source {
                        self.tell(now, ToAgent::Played(Ended { utt, heard_ms, complete: true }));
                    }
                }
            }
        }
    }

    /// Marks behind an utterance that was heard.
    fn reached(&mut self, heard: Source, now: Instant) {
        let all = std::mem::take(&mut self.marks);
        let (reached, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|(source, _)| *source == heard);
        self.marks = rest;
        for (_, name) in reached {
            self.tell(now, ToAgent::Mark { name, heard: true });
        }
    }

    /// An interruption without words was none; words that are not gone on with are all there are; an end does not wait for
    /// ever; and no conversation lasts longer than its line allows.
    fn give_up_waiting(&mut self, now: Instant) {
        if self.spoken.doubt_ends().is_some_and(|until| now >= until) && !self.is_voiced(now) {
            let mut news = Vec::new();
            self.counts.interruption(Interruption::Resumed);
            self.spoken.go_on(&mut news);
            self.tell_news(news, now);
        }
        if self.unfinished_at(now).is_some_and(|at| now >= at) {
            self.has_spoken(now);
        }
        let limit = Duration::from_secs(u64::from(self.line.agent.max_s));
        if now.saturating_duration_since(self.begun) >= limit && self.over.is_none() {
            self.end_now(Over::new(StreamNext::Line, Why::Limit, "the longest conversation is over"), now);
        }
        if let Some(ending) = self.ending.take_if(|ending| now >= ending.until || !self.spoken.is_busy()) {
            self.end_now(ending.end, now);
        }
    }

    fn unfinished_at(&self, now: Instant) -> Option<Instant> {
        let hearing = self.hearing.as_ref()?;
        Some(hearing.last + if self.is_voiced(now) { MOST_SPEECH } else { UNFINISHED })
    }

    /// The conversation is over: nothing more is said.
    pub(super) fn end_now(&mut self, over: Over, now: Instant) {
        if self.over.is_some() {
            return;
        }
        if let Some(cut) = self.spoken.cut(now) {
            self.note(Who::Agent, &cut.heard, now);
        }
        self.out.clear();
        let stats =
            Stats { turns: self.turns.count, interrupts: self.counts.interrupts(), heard_ms: self.spoken.heard_ms() };
        self.tell(now, ToAgent::Stop { why: over.why, stats });
        self.over = Some(over);
    }

    /// When somebody must look again, whatever happens.
    pub(super) fn wakes(&self, now: Instant) -> Instant {
        let agent = self.link.wakes().map(|at| self.begun + Duration::from_millis(at));
        let ending = self.ending.as_ref().map(|ending| ending.until);
        let all = [agent, ending, self.spoken.wakes(), self.unfinished_at(now)];
        all.into_iter().flatten().filter(|at| *at > now).fold(now + IDLE, Instant::min)
    }
}

pub(super) fn transcript(who: Who, text: String, last: bool) -> Transcript {
    Transcript { who, text, last, utt: None, start_ms: None, end_ms: None, interrupted: false }
}
