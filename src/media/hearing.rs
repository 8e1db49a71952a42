//! What comes from the caller: sound, keys, marks.

use super::counts::Interruption;
use super::framer::Framer;
use super::playback::CutOff;
use super::speech::News;
use super::talk::{Asked, Outgoing, Talk};
use super::utterance::{FRAME, Source};
use crate::agents::port::{BargeIn, Cut, During, Interrupted, ToAgent, Utt};
use crate::audio::Played;
use crate::twilio::stream::{Payload, SILENCE};
use std::time::{Duration, Instant};

/// How long an agent that is asked may think about an interruption. Silence is a yes.
const ASKED: Duration = Duration::from_millis(500);

impl Talk {
    /// Sound of the caller. `false`: it cannot be decoded.
    pub(super) fn sound(&mut self, payload: &Payload<'_>, timestamp: Option<u64>, now: Instant) -> bool {
        let mut framer = std::mem::take(&mut self.framer);
        let lost = framer.lost(timestamp);
        for _ in 0..Framer::made_up(lost) {
            self.hear(&[SILENCE; FRAME], now);
        }
        let mut gap_ms = u32::try_from(lost).unwrap_or(u32::MAX);
        let decoded = payload.decode(|piece| {
            framer.push(piece, |frame| {
                self.course.counts.frame();
                self.course.link.audio(frame, std::mem::take(&mut gap_ms));
                self.hear(frame, now);
            });
        });
        self.framer = framer;
        self.settle(now);
        decoded.is_ok()
    }

    fn hear(&mut self, frame: &[u8; FRAME], now: Instant) {
        let played = self.playback.beside(now);
        let heard = self.ear.hear(frame, played.as_ref().map(|played| played as Played<'_>));
        drop(played);
        if let Some(news) = self.speeches.follow(heard.voice, now) {
            self.follow(news, now);
        }
        if heard.barge_in {
            self.interrupted(now);
        }
    }

    fn follow(&mut self, news: News, now: Instant) {
        match news {
            News::Suspected => {
                if self.course.line.agent.hold && self.decides != BargeIn::Agent {
                    self.hold(now);
                }
            }
            News::Nothing => self.go_on(),
            News::Started(speech) => {
                self.course.turns.spoke_again();
                let asks = self.decides == BargeIn::Ask && self.may_cut();
                let word = ToAgent::SpeechStarted {
                    speech,
                    during: self.during(now),
                    decide_within_ms: asks.then_some(ASKED.as_millis() as u32),
                };
                self.course.tell(now, word);
                // While playback stands still the ear cannot know that it would have been interrupted.
                if self.playback.is_held() {
                    self.interrupted(now);
                }
            }
            News::Ended { speech, duration, quiet } => {
                self.course.turns.asked(self.speeches.last_voiced().unwrap_or(now));
                let ms = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
                self.course.tell(now, ToAgent::SpeechEnded { speech, duration_ms: ms(duration), quiet_ms: ms(quiet) });
            }
        }
    }

    fn during(&self, now: Instant) -> Option<During> {
        let (source, heard_ms) = self.playback.audible(now)?;
        Some(During { utt: source.utt()?, heard_ms })
    }

    fn may_cut(&self) -> bool {
        self.playback.is_busy() && self.playback.is_interruptible()
    }

    /// The caller speaks into what plays.
    fn interrupted(&mut self, now: Instant) {
        if !self.may_cut() || self.course.ending.is_some() {
            return self.go_on();
        }
        match self.decides {
            BargeIn::House => self.cut_for_speech(now),
            BargeIn::Ask => {
                if self.asked.is_none() {
                    self.asked = Some(Asked { speech: self.speeches.number(), until: now + ASKED });
                    self.hold(now);
                }
            }
            BargeIn::Agent => {}
        }
    }

    /// Pauses on suspicion; what was not heard is kept.
    pub(super) fn hold(&mut self, now: Instant) {
        if !self.may_cut() || !self.playback.is_audible() || self.playback.is_held() || self.course.ending.is_some() {
            return;
        }
        let clear = self.playback.has_sound_out();
        self.playback.hold(now);
        self.forget_unsent(clear);
    }

    /// It was not speech: playback goes on where it was heard last.
    pub(super) fn go_on(&mut self) {
        if self.playback.is_held() && self.asked.is_none() {
            self.playback.resume();
            self.course.counts.interruption(Interruption::Resumed);
        }
    }

    pub(super) fn cut_for_speech(&mut self, now: Instant) {
        if self.playback.is_busy() {
            self.course.counts.interruption(Interruption::Speech);
        }
        self.cut(Cut::Speech, now);
    }

    /// Cuts playback: from here on not one more frame of it is sent.
    pub(super) fn cut(&mut self, why: Cut, now: Instant) {
        self.asked = None;
        let clear = self.playback.has_sound_out();
        let cut = self.playback.cut(now, &mut self.proofs);
        self.forget_unsent(clear);
        self.saying.clear();
        if let Some(cut) = cut.and_then(told) {
            self.course.tell(now, ToAgent::Interrupted(Interrupted { why, ..cut }));
        }
    }

    /// Drops what is said without telling anybody: the conversation is over.
    pub(super) fn silence(&mut self, now: Instant) {
        let clear = self.playback.has_sound_out();
        let _cut = self.playback.cut(now, &mut self.proofs);
        self.proofs.clear();
        self.forget_unsent(clear);
        self.saying.clear();
    }

    fn forget_unsent(&mut self, clear: bool) {
        self.out.retain(|out| *out == Outgoing::Clear);
        if clear {
            self.out.push(Outgoing::Clear);
        }
    }

    /// A key ends what is being said, and is told.
    pub(super) fn key(&mut self, digit: char, now: Instant) {
        if self.may_cut() && self.course.ending.is_none() {
            self.course.counts.interruption(Interruption::Key);
            self.cut(Cut::Dtmf, now);
        }
        self.course.tell(now, ToAgent::Dtmf { digit });
        self.settle(now);
    }

    /// A mark came back. `false`: it is none of ours.
    pub(super) fn mark(&mut self, name: &str, now: Instant) -> bool {
        let ours = name.strip_prefix('m').and_then(|number| number.parse().ok());
        if let Some(number) = ours {
            self.playback.returned(number, now, &mut self.proofs);
            self.settle(now);
        }
        ours.is_some()
    }
}

/// What an agent is told of a cut: of its own utterances only.
fn told(cut: CutOff) -> Option<Interrupted> {
    let mut dropped = cut.dropped.into_iter();
    let (utt, heard_ms, sent_ms, given_ms): (Utt, u32, u32, u32) = match cut.source {
        Source::Agent(utt) => (utt, cut.heard_ms, cut.sent_ms, cut.given_ms),
        Source::House(_) => (dropped.next()?, 0, 0, 0),
    };
    Some(Interrupted {
        utt,
        heard_ms,
        sent_ms,
        given_ms,
        heard_text: None,
        dropped: dropped.collect(),
        why: Cut::Speech,
    })
}
