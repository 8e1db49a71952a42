//! A conversation while it lasts: the caller on one side, an agent on the other, and the line between them.
//!
//! Nothing here waits, reads a clock or knows a socket: whoever runs a stream passes in what came and when, and sends what
//! is in [`Talk::out`]. `hearing.rs` is about the caller, `obeying.rs` about the agent.

use super::counts::Counts;
use super::eagerness::tuning;
use super::framer::Framer;
use super::minutes::Minutes;
use super::outcome::Over;
use super::playback::{Playback, Proof};
use super::speech::{Speeches, Turns};
use super::utterance::Source;
use super::voices::{Saying, Voices};
use crate::agents::Link;
use crate::agents::port::{BargeIn, Ended, Ms, Stats, ToAgent, Why};
use crate::audio::Ear;
use crate::config::line::Line;
use crate::ledger::StreamNext;
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What waits to be sent to the carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outgoing {
    /// Sound.
    Sound(Bytes),
    /// A mark behind it.
    Mark(u32),
    /// Forget what was not played.
    Clear,
}

/// The end that was decided, once what was said is heard.
#[derive(Debug)]
pub(super) struct Ending {
    pub end: Over,
    pub until: Instant,
}

/// A question to the agent whether a speech is an interruption.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub speech: u32,
    /// Then it is.
    pub until: Instant,
}

/// A conversation.
pub(super) struct Talk {
    pub(super) begun: Instant,
    pub(super) line: Arc<Line>,
    pub(super) link: Link,
    pub(super) playback: Playback,
    pub(super) voices: Arc<Voices>,
    /// Texts that are being made into sound, in order.
    pub(super) saying: VecDeque<Saying>,
    pub(super) ear: Ear,
    pub(super) framer: Framer,
    pub(super) speeches: Speeches,
    pub(super) turns: Turns,
    /// Who decides interruptions.
    pub(super) decides: BargeIn,
    pub(super) asked: Option<Asked>,
    pub(super) proofs: Vec<Proof>,
    /// Number of the last utterance of our own.
    pub(super) house: u32,
    pub(super) ending: Option<Ending>,
    pub(super) over: Option<Over>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) minutes: Minutes,
    pub(super) counts: Counts,
    /// To be sent to the carrier, in order.
    pub(super) out: Vec<Outgoing>,
    /// The carrier does not read: no more sound until it does.
    pub(super) blocked: bool,
}

/// Words of an agent that are obeyed in a row; then the line has its turn.
const MOST_WORDS: usize = 64;

/// Until somebody looks again though nothing happens.
const IDLE: Duration = Duration::from_secs(1);

impl Talk {
    /// A conversation that begins now.
    pub(super) fn begin(line: Arc<Line>, link: Link, voices: Arc<Voices>, now: Instant) -> Self {
        let ear = Ear::new(&tuning(&line.agent.barge_in));
        let mut talk = Self {
            begun: now,
            line,
            link,
            playback: Playback::default(),
            voices,
            saying: VecDeque::new(),
            ear,
            framer: Framer::default(),
            speeches: Speeches::default(),
            turns: Turns::default(),
            decides: BargeIn::House,
            asked: None,
            proofs: Vec::new(),
            house: 0,
            ending: None,
            over: None,
            tags: BTreeMap::new(),
            minutes: Minutes::default(),
            counts: Counts::default(),
            out: Vec::new(),
            blocked: false,
        };
        talk.tell(now, ToAgent::Begin);
        talk.settle(now);
        talk
    }

    /// Milliseconds of the stream.
    pub(super) fn ms(&self, now: Instant) -> Ms {
        u64::try_from(now.saturating_duration_since(self.begun).as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn tell(&mut self, now: Instant, word: ToAgent) {
        let at = self.ms(now);
        self.link.tell(at, word);
    }

    /// Does all that is due after something came, or after some time.
    pub(super) fn settle(&mut self, now: Instant) {
        for _ in 0..MOST_WORDS {
            self.report(now);
            let at = self.ms(now);
            let Some(word) = self.link.next(at) else { break };
            self.obey(word, now);
        }
        self.report(now);
        self.give_up_waiting(now);
        while !self.blocked
            && let Some(chunk) = self.playback.due(now)
        {
            self.out.extend([Outgoing::Sound(chunk.sound), Outgoing::Mark(chunk.mark)]);
        }
    }

    /// Tells the agent what marks proved.
    fn report(&mut self, now: Instant) {
        for place in 0..self.proofs.len() {
            let Some(proof) = self.proofs.get(place).cloned() else { break };
            match proof {
                Proof::Playing(source) => self.heard_first(source, now),
                Proof::Played { source: Source::Agent(utt), heard_ms } => {
                    self.tell(now, ToAgent::Played(Ended { utt, heard_ms, complete: true }));
                }
                Proof::Played { source: Source::House(_), .. } => {}
                Proof::Mark { name, heard } => self.tell(now, ToAgent::Mark { name, heard }),
            }
        }
        self.proofs.clear();
    }

    fn heard_first(&mut self, source: Source, now: Instant) {
        match source {
            Source::Agent(utt) => {
                if let Some(waited) = self.turns.answered(self.begun, now) {
                    self.counts.answer(waited);
                }
                self.tell(now, ToAgent::Playing { utt });
            }
            Source::House(_) => {
                if let Some(waited) = self.turns.filled(now) {
                    self.counts.filler(waited);
                }
            }
        }
    }

    /// A question that nobody answered is a yes; an end that waits for the last word does not wait for ever; and no
    /// conversation lasts longer than its line allows.
    fn give_up_waiting(&mut self, now: Instant) {
        if self.asked.is_some_and(|asked| now >= asked.until) {
            self.asked = None;
            self.cut_for_speech(now);
        }
        let limit = Duration::from_secs(u64::from(self.line.agent.max_s));
        if now.saturating_duration_since(self.begun) >= limit && self.over.is_none() {
            self.end_now(Over::new(StreamNext::Line, Why::Limit, "the longest conversation is over"), now);
        }
        if let Some(ending) = self.ending.take_if(|ending| now >= ending.until || !self.playback.is_busy()) {
            self.end_now(ending.end, now);
        }
    }

    /// The conversation is over: nothing more is said.
    pub(super) fn end_now(&mut self, over: Over, now: Instant) {
        if self.over.is_some() {
            return;
        }
        self.silence(now);
        let stats = Stats {
            turns: self.turns.count,
            interrupts: self.counts.interrupts(),
            heard_ms: self.playback.heard_ms(now),
        };
        self.tell(now, ToAgent::Stop { why: over.why, stats });
        self.over = Some(over);
    }

    /// When somebody must look again, whatever happens.
    pub(super) fn wakes(&self, now: Instant) -> Instant {
        let agent = self.link.wakes().map(|at| self.begun + Duration::from_millis(at));
        let sound = self.playback.due_at(now).filter(|_| !self.blocked);
        let others = [agent, sound, self.asked.map(|asked| asked.until)];
        let ending = self.ending.as_ref().map(|ending| ending.until);
        others.into_iter().chain([ending]).flatten().fold(now + IDLE, Instant::min)
    }
}
