//! A conversation while it lasts: the caller on one side, an agent on the other, and the line between them.
//!
//! Nothing here waits, reads a clock or knows a socket: whoever runs a stream passes in what came and when, and sends what
//! is in [`Talk::out`]. `hearing.rs` is about the caller, `obeying.rs` about the agent.

use super::course::{Conversation, Course, IDLE, MOST_WORDS};
use super::eagerness::tuning;
use super::framer::Framer;
use super::kept::Kept;
use super::pager::NotPaged;
use super::playback::{Playback, Proof};
use super::speech::Speeches;
use super::utterance::Source;
use super::voiced::Voiced;
use super::voices::Saying;
use crate::agents::port::{BargeIn, Ended, ToAgent, Utt};
use crate::audio::{Ear, keys};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long an end waits for the last word to be heard.
const LAST_WORD: Duration = Duration::from_secs(10);

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

/// A question to the agent whether a speech is an interruption.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub speech: u32,
    /// Then it is.
    pub until: Instant,
}

/// A conversation.
pub(super) struct Talk {
    pub(super) course: Course,
    pub(super) playback: Playback,
    /// Sound of the agent's that it may page.
    pub(super) kept: Kept,
    /// Texts that are being made into sound, in order.
    pub(super) saying: VecDeque<Saying>,
    pub(super) ear: Ear,
    pub(super) framer: Framer,
    pub(super) speeches: Speeches,
    /// Who decides interruptions.
    pub(super) decides: BargeIn,
    pub(super) asked: Option<Asked>,
    pub(super) proofs: Vec<Proof>,
    /// To be sent to the carrier, in order.
    pub(super) out: Vec<Outgoing>,
    /// The carrier does not read: no more sound until it does.
    pub(super) blocked: bool,
}

impl Talk {
    /// A conversation that begins.
    pub(super) fn begin(course: Course) -> Self {
        let (ear, now) = (Ear::new(&tuning(&course.line.agent.barge_in)), course.begun);
        let mut talk = Self {
            kept: Kept::of(&course.line.agent),
            course,
            playback: Playback::default(),
            saying: VecDeque::new(),
            ear,
            framer: Framer::default(),
            speeches: Speeches::default(),
            decides: BargeIn::House,
            asked: None,
            proofs: Vec::new(),
            out: Vec::new(),
            blocked: false,
        };
        talk.course.tell(now, ToAgent::Begin);
        talk.settle(now);
        talk
    }

    /// Does all that is due after something came, or after some time.
    pub(super) fn settle(&mut self, now: Instant) {
        for _ in 0..MOST_WORDS {
            self.report(now);
            let at = self.course.ms(now);
            let Some(word) = self.course.link.next(at) else { break };
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
                    self.course.tell(now, ToAgent::Played(Ended { utt, heard_ms, complete: true }));
                }
                Proof::Played { source: Source::House(_), .. } => {}
                Proof::Mark { name, heard } => self.course.tell(now, ToAgent::Mark { name, heard }),
            }
        }
        self.proofs.clear();
    }

    fn heard_first(&mut self, source: Source, now: Instant) {
        match source {
            Source::Agent(utt) => {
                if let Some(waited) = self.course.turns.answered(self.course.begun, now) {
                    self.course.counts.answer(waited);
                }
                self.course.tell(now, ToAgent::Playing { utt });
            }
            Source::House(_) => {
                if let Some(waited) = self.course.turns.filled(now) {
                    self.course.counts.filler(waited);
                }
            }
        }
    }

    /// A question that nobody answered is a yes.
    fn give_up_waiting(&mut self, now: Instant) {
        if self.asked.is_some_and(|asked| now >= asked.until) {
            self.asked = None;
            self.cut_for_speech(now);
        }
        self.end_what_is_due(now);
    }

    /// When somebody must look again, whatever happens.
    pub(super) fn wakes(&self, now: Instant) -> Instant {
        let sound = self.playback.due_at(now).filter(|_| !self.blocked);
        let own = [sound, self.asked.map(|asked| asked.until)];
        self.course.wakes().into_iter().chain(own).flatten().fold(now + IDLE, Instant::min)
    }
}

impl Conversation for Talk {
    fn course(&mut self) -> &mut Course {
        &mut self.course
    }

    fn is_busy(&self) -> bool {
        self.playback.is_busy()
    }

    fn last_word(&self, _: Instant) -> Duration {
        LAST_WORD
    }

    fn fall_silent(&mut self, now: Instant) {
        self.silence(now);
    }

    fn heard_ms(&self, now: Instant) -> u64 {
        self.playback.heard_ms(now)
    }

    /// As tones behind what is being said: a stream knows no other way.
    fn send_keys(&mut self, digits: &str) -> Value {
        let sound = keys::mulaw(digits);
        let lasts = json!({ "ms": sound.len() / 8 });
        self.course.house += 1;
        let source = Source::House(self.course.house);
        self.playback.add(source, sound.into(), false);
        self.playback.finish(source, &mut self.proofs);
        lasts
    }

    fn sound_of(&self, utt: Utt) -> Result<Voiced, NotPaged> {
        self.kept.whole(utt).map(Voiced::Ready)
    }
}
