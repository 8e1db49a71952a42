//! A conversation in text while it lasts: the carrier's words of the caller on one side, an agent on the other.
//!
//! Nothing here waits, reads a clock or knows a socket: whoever runs it passes in what came and when, and sends what is in
//! [`Relayed::out`]. `obeying.rs` is about the agent.

use super::spoken::{News, Piece, Spoken};
use crate::agents::port::{Cut, Ended, Interrupted, ToAgent, Transcript, Utt, Who, Why};
use crate::ledger::StreamNext;
use crate::media::counts::{Interruption, Odd};
use crate::media::course::{Conversation, Course, IDLE, MOST_WORDS};
use crate::media::outcome::Over;
use crate::media::pager::NotPaged;
use crate::media::utterance::Source;
use crate::media::voiced::Voiced;
use crate::twilio::relay::{self, Incoming, Side, read};
use serde_json::{Value, json};
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
/// Nobody hears nothing for longer.
const SILENCE: Duration = Duration::from_millis(1_800);
/// How long an agent that said that it waits for the caller may still be the first to speak.
const POLITE: Duration = Duration::from_millis(700);
/// Messages that may wait for a carrier that does not read; until then the agent waits.
const MOST_OUT: usize = 64;
/// How long an end waits for the last word to be heard, beyond what saying it takes, and at most.
const LAST_WORD: Duration = Duration::from_secs(2);
const LONGEST_WORD: Duration = Duration::from_secs(30);

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
    pub(super) course: Course,
    pub(super) spoken: Spoken,
    hearing: Option<Hearing>,
    /// Number of the caller's last speech.
    speech: u32,
    /// Since when the carrier says that the caller speaks.
    caller_speaks: Option<Instant>,
    /// When a caller is greeted whom nobody has greeted by then.
    pub(super) greets: Option<Instant>,
    /// What the agent wants to know when it was heard.
    pub(super) marks: Vec<(Source, String)>,
    errors: u32,
    /// To be sent to the carrier, in order.
    pub(super) out: Vec<String>,
}

impl Relayed {
    /// A conversation that begins.
    pub(super) fn begin(course: Course) -> Self {
        let now = course.begun;
        let mut talk = Self {
            course,
            spoken: Spoken::default(),
            hearing: None,
            speech: 0,
            caller_speaks: None,
            greets: None,
            marks: Vec::new(),
            errors: 0,
            out: Vec::new(),
        };
        if let Some(greeting) = talk.course.line.agent.relay().and_then(|relay| relay.greeting.clone()) {
            talk.course.house = 1;
            talk.spoken.greeted(Source::House(1), &greeting, now);
        }
        talk.course.tell(now, ToAgent::Begin);
        talk.settle(now);
        talk
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
            Ok(Incoming::Setup(_) | Incoming::Unknown) => self.course.counts.odd(Odd::Unknown),
            Err(_malformed) => self.course.counts.odd(Odd::Malformed),
        }
        self.settle(now);
    }

    /// The agent waits for the caller, and the line has no greeting: silence would be taken for a dead line. Who speaks at once
    /// though he did not say so comes first.
    pub(super) fn greet_soon(&mut self, now: Instant) {
        if self.course.line.agent.relay().is_some_and(|relay| relay.greeting.is_none()) {
            let latest = (self.course.begun + SILENCE).max(now);
            self.greets = Some(latest.min(now + POLITE));
        }
    }

    fn greet(&mut self, now: Instant) {
        if self.greets.take_if(|at| now >= *at).is_none() || self.spoken.is_busy() || self.is_hearing() {
            return;
        }
        let (text, language) = (self.course.voices.hello)(&self.course.line);
        self.course.house += 1;
        self.spoken.say(Source::House(self.course.house), &Piece { text, language, interruptible: true, last: true });
    }

    /// Words of the caller: so far, or all of them. Those that call for help go before everything else.
    fn prompt(&mut self, words: String, last: bool, now: Instant) {
        if self.course.over.is_some() {
            return;
        }
        if self.calls_for_help(&words, now) {
            return self.note(Who::Caller, &words, now);
        }
        // Once the end is decided nothing else is listened to.
        if self.course.ending.is_some() || (words.trim().is_empty() && self.hearing.is_none()) {
            return;
        }
        if self.hearing.is_none() {
            self.began_to_speak(now);
        }
        if self.spoken.is_held() {
            self.course.counts.interruption(Interruption::Speech);
            self.cut(Cut::Speech, now);
        }
        if let Some(hearing) = &mut self.hearing {
            hearing.last = now;
            hearing.words.clone_from(&words);
        }
        if last {
            return self.has_spoken(now);
        }
        self.course.tell(now, ToAgent::Transcript(transcript(Who::Caller, words, false)));
    }

    fn began_to_speak(&mut self, now: Instant) {
        self.greets = None;
        self.speech += 1;
        self.hearing = Some(Hearing { began: now, last: now, words: String::new() });
        self.course.turns.spoke_again();
        self.course.tell(now, ToAgent::SpeechStarted { speech: self.speech, during: None, decide_within_ms: None });
        if !self.spoken.is_held() {
            self.spoken.fell_silent(now);
            self.report(now);
        }
    }

    /// All words of a speech are known: it is the agent's turn.
    fn has_spoken(&mut self, now: Instant) {
        let Some(hearing) = self.hearing.take() else { return };
        self.note(Who::Caller, &hearing.words, now);
        self.course.turns.asked(now);
        self.course.tell(now, ToAgent::Transcript(transcript(Who::Caller, hearing.words, true)));
        let ms = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        let ended = ToAgent::SpeechEnded {
            speech: self.speech,
            duration_ms: ms(now.saturating_duration_since(hearing.began)),
            quiet_ms: ms(ENDPOINT),
        };
        self.course.tell(now, ended);
    }

    /// The carrier stopped in the middle of what we say, because it heard something.
    fn interrupted(&mut self, heard: &str, after_ms: u32, now: Instant) {
        let mut news = Vec::new();
        self.spoken.interrupted(heard, after_ms, now, &mut news);
        self.tell_news(news, now);
        // The last word is not said twice.
        if self.spoken.is_held() && self.course.ending.is_some() {
            self.cut(Cut::Speech, now);
        }
    }

    fn key(&mut self, digit: char, now: Instant) {
        if self.course.over.is_some() || self.course.ending.is_some() {
            return;
        }
        if self.spoken.is_held() {
            self.course.counts.interruption(Interruption::Key);
            self.cut(Cut::Dtmf, now);
        }
        self.greets = None;
        self.course.tell(now, ToAgent::Dtmf { digit });
    }

    fn not_understood(&mut self, now: Instant) {
        self.errors += 1;
        self.course.counts.odd(Odd::Unknown);
        tracing::warn!(
            line = self.course.line.name,
            "the carrier did not understand a message of a conversation in text"
        );
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
            self.course.tell(now, ToAgent::Mark { name, heard: false });
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
        self.course.tell(now, ToAgent::Interrupted(cut));
    }

    /// Keeps what was said.
    fn note(&mut self, who: Who, words: &str, now: Instant) {
        let said = transcript(who, words.to_owned(), true);
        self.course.minutes.take(&self.course.line, &said, now);
    }

    /// Does all that is due after something came, or after some time.
    pub(super) fn settle(&mut self, now: Instant) {
        for _ in 0..MOST_WORDS {
            self.report(now);
            if self.out.len() >= MOST_OUT {
                break;
            }
            let at = self.course.ms(now);
            let Some(word) = self.course.link.next(at) else { break };
            self.obey(word, now);
        }
        self.give_up_waiting(now);
        self.greet(now);
        if self.course.over.is_none() && self.out.len() < MOST_OUT {
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
                News::Playing(Source::Agent(utt)) => self.course.tell(now, ToAgent::Playing { utt }),
                News::Playing(Source::House(_)) => {}
                News::Played { source, text, heard_ms } => {
                    self.note(Who::Agent, &text, now);
                    self.reached(source, now);
                    if let Source::Agent(utt) = source {
                        self.course.tell(now, ToAgent::Played(Ended { utt, heard_ms, complete: true }));
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
            self.course.tell(now, ToAgent::Mark { name, heard: true });
        }
    }

    /// An interruption without words was none; words that are not gone on with are all there are; an end does not wait for
    /// ever; and no conversation lasts longer than its line allows.
    fn give_up_waiting(&mut self, now: Instant) {
        if self.spoken.doubt_ends().is_some_and(|until| now >= until) && !self.is_voiced(now) {
            let mut news = Vec::new();
            self.course.counts.interruption(Interruption::Resumed);
            self.spoken.go_on(&mut news);
            self.tell_news(news, now);
        }
        if self.unfinished_at(now).is_some_and(|at| now >= at) {
            self.has_spoken(now);
        }
        self.end_what_is_due(now);
    }

    fn unfinished_at(&self, now: Instant) -> Option<Instant> {
        let hearing = self.hearing.as_ref()?;
        Some(hearing.last + if self.is_voiced(now) { MOST_SPEECH } else { UNFINISHED })
    }

    /// When somebody must look again, whatever happens.
    pub(super) fn wakes(&self, now: Instant) -> Instant {
        let own = [self.spoken.wakes(), self.unfinished_at(now), self.greets];
        let all = self.course.wakes().into_iter().chain(own).flatten();
        all.filter(|at| *at > now).fold(now + IDLE, Instant::min)
    }
}

impl Conversation for Relayed {
    fn course(&mut self) -> &mut Course {
        &mut self.course
    }

    fn is_busy(&self) -> bool {
        self.spoken.is_busy()
    }

    /// Beyond what saying it takes.
    fn last_word(&self, now: Instant) -> Duration {
        (self.spoken.left(now) + LAST_WORD).min(LONGEST_WORD)
    }

    fn fall_silent(&mut self, now: Instant) {
        if let Some(cut) = self.spoken.cut(now) {
            self.note(Who::Agent, &cut.heard, now);
        }
        self.out.clear();
    }

    fn heard_ms(&self, _: Instant) -> u64 {
        self.spoken.heard_ms()
    }

    fn send_keys(&mut self, digits: &str) -> Value {
        self.out.push(relay::send_digits(digits));
        json!({})
    }

    fn sound_of(&self, _: Utt) -> Result<Voiced, NotPaged> {
        Err(NotPaged::of("unplayable", "there is no sound in text"))
    }
}

pub(super) fn transcript(who: Who, text: String, last: bool) -> Transcript {
    Transcript { who, text, last, utt: None, start_ms: None, end_ms: None, interrupted: false }
}
