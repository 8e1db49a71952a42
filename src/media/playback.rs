//! What the caller hears: utterances in order, sent a little ahead of time, and how much of them was heard.
//!
//! Time is counted along the line: what has been sent plays until [`Playback::line_end`], and each chunk moves that end by
//! exactly its own length, so nothing drifts however late a tick comes. At most [`LEAD`] is sent ahead. Every chunk has a
//! mark behind it; the carrier gives marks back when their sound was played, or at once after a `clear`.

use super::trail::Trail;
use super::utterance::{FRAME, Source, Utterance, as_ms, length};
use crate::agents::port::Utt;
use bytes::Bytes;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How far ahead of what plays sound is sent, at most.
pub(super) const LEAD: Duration = Duration::from_millis(200);
/// From here on also a smaller piece is sent, so that the line does not run dry while an agent is slow.
const LOW: Duration = Duration::from_millis(60);
/// A mark may correct our clock by this much: the carrier's clock differs from ours by parts of a million, and a mark that
/// comes too early or too late for other reasons must not tear the pace.
const SLEW: Duration = Duration::from_micros(500);
/// Marks of an agent that may wait.
const MOST_MARKS: usize = 64;
/// Sound that may wait, two minutes: whoever gives more is cut.
const MOST_WAITING: usize = 120 * 8000;

/// The sound of one message, and the number of the mark behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub sound: Bytes,
    pub mark: u32,
}

/// What a mark that came back proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The first sound of an utterance was heard.
    Playing(Source),
    /// All of it was.
    Played { source: Source, heard_ms: u32 },
    /// An agent's mark was reached, or it never will be.
    Mark { name: String, heard: bool },
}

/// Playback that was cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CutOff {
    /// What was audible.
    pub source: Source,
    pub heard_ms: u32,
    pub sent_ms: u32,
    /// Sent, or waiting to be.
    pub given_ms: u32,
    /// Utterances of the agent behind it.
    pub dropped: Vec<Utt>,
}

/// A chunk on its way, until its mark comes back.
#[derive(Debug)]
struct Pending {
    mark: u32,
    source: Source,
    /// Bytes of the utterance that are heard when the mark comes back.
    upto: u64,
    /// A `clear` went out since: the mark comes back, but its sound was not heard.
    cleared: bool,
}

/// What the caller hears.
#[derive(Debug, Default)]
pub(super) struct Playback {
    /// In order; an utterance stays until all of it was heard.
    queue: VecDeque<Utterance>,
    pending: VecDeque<Pending>,
    /// Marks of the agent: the bytes of which utterance must be heard.
    agent_marks: VecDeque<(Source, u64, String)>,
    trail: Trail,
    line_end: Option<Instant>,
    way: Way,
    next_mark: u32,
    /// Utterances of the agent up to this one are over; what still comes of them is dropped.
    closed: u32,
    held: bool,
    /// The agent had nothing to send when we looked last: a gap is not our delay.
    starved: bool,
    /// 20 ms frames that left later than they should have been heard.
    pub late_frames: u64,
    /// 20 ms frames sent.
    pub frames_out: u64,
    /// Milliseconds heard of utterances that are over.
    heard_ms: u64,
}

/// How long after the end of its sound, as we count it, a mark is back.
#[derive(Debug, Default)]
struct Way {
    seen: u32,
    shortest: f64,
}

impl Way {
    /// Marks that are listened to before one is believed: the fastest of them was not held up.
    const FIRST: u32 = 8;

    fn measured(&mut self, seconds: f64) -> Option<f64> {
        if self.seen >= Self::FIRST {
            return Some(self.shortest);
        }
        self.shortest = if self.seen == 0 { seconds } else { self.shortest.min(seconds) };
        self.seen += 1;
        None
    }
}

impl Playback {
    /// Adds sound of an utterance; a new one goes behind those that wait.
    pub(super) fn add(&mut self, source: Source, sound: Bytes, interruptible: bool) {
        let Some(utterance) = self.utterance(source, interruptible) else { return };
        if utterance.waiting + sound.len() <= MOST_WAITING {
            utterance.add(sound);
        }
        self.starved = false;
    }

    /// The utterance is complete.
    pub(super) fn finish(&mut self, source: Source, proofs: &mut Vec<Proof>) {
        if let Some(utterance) = self.utterance(source, true) {
            utterance.complete = true;
        }
        self.retire(proofs);
    }

    fn utterance(&mut self, source: Source, interruptible: bool) -> Option<&mut Utterance> {
        if let Source::Agent(utt) = source
            && utt.0 <= self.closed
        {
            return None;
        }
        let place = self.queue.iter().position(|utterance| utterance.source == source);
        let place = place.unwrap_or_else(|| {
            self.queue.push_back(Utterance::new(source, interruptible));
            self.queue.len() - 1
        });
        self.queue.get_mut(place)
    }

    /// Whether something was given that has not been heard to its end.
    pub(super) fn is_busy(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Whether sound is on the line now, or about to be.
    pub(super) fn is_audible(&self) -> bool {
        self.queue.iter().any(|utterance| utterance.sent > utterance.acked || utterance.waiting > 0)
    }

    /// Whether what is audible may be cut.
    pub(super) fn is_interruptible(&self) -> bool {
        self.queue.front().is_none_or(|utterance| utterance.interruptible)
    }

    /// When the next chunk is due at the latest, if something waits.
    pub(super) fn due_at(&self, now: Instant) -> Option<Instant> {
        let waits = !self.held && self.queue.iter().any(|utterance| utterance.waiting > 0);
        waits.then(|| self.line_end.map_or(now, |end| end.checked_sub(LOW).unwrap_or(now)))
    }

    /// The next chunk, if it is time for it. Ask until there is none.
    pub(super) fn due(&mut self, now: Instant) -> Option<Chunk> {
        if self.held {
            return None;
        }
        let ahead = self.line_end.map_or(Duration::ZERO, |end| end.saturating_duration_since(now));
        let place = self.queue.iter().position(|utterance| !utterance.is_sent())?;
        let utterance = self.queue.get_mut(place)?;
        let piece = utterance.piece(ahead < LOW);
        if piece == 0 {
            self.starved = true;
            return None;
        }
        if ahead + length(piece as u64) > LEAD {
            return None;
        }
        let begin = self.begin(now);
        let utterance = self.queue.get_mut(place)?;
        let sound = utterance.take(piece, begin);
        self.next_mark += 1;
        let mark = self.next_mark;
        self.pending.push_back(Pending { mark, source: utterance.source, upto: utterance.sent, cleared: false });
        self.line_end = Some(begin + length(sound.len() as u64));
        self.frames_out += (sound.len() / FRAME) as u64;
        self.trail.push(begin, sound.clone());
        self.starved = false;
        Some(Chunk { sound, mark })
    }

    /// When the next chunk begins to play: where the last one ends, or now, if that is past.
    fn begin(&mut self, now: Instant) -> Instant {
        match self.line_end {
            Some(end) if end >= now => end,
            Some(end) => {
                if !self.starved && self.is_mid_sentence() {
                    let late = now.saturating_duration_since(end);
                    self.late_frames += late.as_millis().div_ceil(20) as u64;
                }
                now
            }
            None => now,
        }
    }

    fn is_mid_sentence(&self) -> bool {
        self.queue.front().is_some_and(|utterance| utterance.sent > 0)
    }

    /// A mark came back.
    pub(super) fn returned(&mut self, mark: u32, now: Instant, proofs: &mut Vec<Proof>) {
        while let Some(pending) = self.pending.pop_front_if(|pending| pending.mark <= mark) {
            if pending.cleared {
                continue;
            }
            self.heard(&pending, now, proofs);
        }
        self.retire(proofs);
    }

    fn heard(&mut self, pending: &Pending, now: Instant, proofs: &mut Vec<Proof>) {
        if let Some(utterance) = self.queue.iter_mut().find(|utterance| utterance.source == pending.source) {
            if utterance.acked == 0 {
                proofs.push(Proof::Playing(utterance.source));
            }
            utterance.acknowledge(pending.upto, now);
        }
        self.agent_marks.retain(|(source, upto, name)| {
            let reached = *source == pending.source && *upto <= pending.upto;
            if reached {
                proofs.push(Proof::Mark { name: name.clone(), heard: true });
            }
            !reached
        });
        self.follow_the_carrier(now);
    }

    /// The carrier's clock is not ours. What is still out ends when it has been played after this moment, and the way of
    /// the mark, which stays the same: what it changes by is the clocks' difference.
    fn follow_the_carrier(&mut self, now: Instant) {
        let Some(end) = self.line_end else { return };
        let out: u64 = self.queue.iter().map(|utterance| utterance.sent - utterance.acked).sum();
        let told = now + length(out);
        let later =
            told.saturating_duration_since(end).as_secs_f64() - end.saturating_duration_since(told).as_secs_f64();
        let Some(way) = self.way.measured(later) else { return };
        let off = (later - way).clamp(-SLEW.as_secs_f64(), SLEW.as_secs_f64());
        let moved = Duration::from_secs_f64(off.abs());
        self.line_end = Some(if off < 0.0 { end.checked_sub(moved).unwrap_or(end) } else { end + moved });
    }

    /// Utterances that were heard to their end leave.
    fn retire(&mut self, proofs: &mut Vec<Proof>) {
        while let Some(utterance) = self.queue.pop_front_if(|utterance| utterance.is_over()) {
            let heard_ms = as_ms(utterance.sent);
            self.heard_ms += u64::from(heard_ms);
            self.close(utterance.source);
            proofs.push(Proof::Played { source: utterance.source, heard_ms });
        }
        if self.queue.is_empty() {
            proofs.extend(self.agent_marks.drain(..).map(|(_, _, name)| Proof::Mark { name, heard: true }));
        }
    }

    fn close(&mut self, source: Source) {
        if let Source::Agent(utt) = source {
            self.closed = self.closed.max(utt.0);
        }
    }

    /// The agent wants to know when all that it gave so far was heard.
    pub(super) fn mark(&mut self, name: String, proofs: &mut Vec<Proof>) {
        match self.queue.back() {
            None => proofs.push(Proof::Mark { name, heard: true }),
            Some(last) => {
                if self.agent_marks.len() >= MOST_MARKS
                    && let Some((_, _, name)) = self.agent_marks.pop_front()
                {
                    proofs.push(Proof::Mark { name, heard: false });
                }
                self.agent_marks.push_back((last.source, last.sent + last.waiting as u64, name));
            }
        }
    }

    /// Whether the carrier has sound that was not heard: only then a `clear` is worth its way.
    pub(super) fn has_sound_out(&self) -> bool {
        self.pending.iter().any(|pending| !pending.cleared)
    }

    /// Drops everything, and says what was audible. `None`: nothing was.
    pub(super) fn cut(&mut self, now: Instant, proofs: &mut Vec<Proof>) -> Option<CutOff> {
        // Heard to the end, only the mark is still on its way.
        while let Some(done) = self.queue.front_mut().filter(|utterance| utterance.is_played(now)) {
            done.acknowledge(done.sent, now);
            self.retire(proofs);
        }
        self.forget_line(now);
        proofs.extend(self.agent_marks.drain(..).map(|(_, _, name)| Proof::Mark { name, heard: false }));
        let audible = self.queue.pop_front()?;
        let heard_ms = as_ms(audible.heard(now));
        self.heard_ms += u64::from(heard_ms);
        self.close(audible.source);
        let behind: Vec<Source> = self.queue.drain(..).map(|utterance| utterance.source).collect();
        behind.iter().for_each(|source| self.close(*source));
        let dropped = behind.into_iter().filter_map(Source::utt).collect();
        let given_ms = as_ms(audible.sent + audible.waiting as u64);
        Some(CutOff { source: audible.source, heard_ms, sent_ms: as_ms(audible.sent), given_ms, dropped })
    }

    /// Drops one utterance that waits behind the audible one. `false`: it is audible, or not there.
    pub(super) fn drop_waiting(&mut self, source: Source) -> bool {
        let place = self.queue.iter().skip(1).position(|utterance| utterance.source == source && utterance.sent == 0);
        let Some(place) = place else { return false };
        self.close_one(source);
        self.queue.remove(place + 1).is_some()
    }

    /// Utterances are numbered in order, so only the last can be closed by its number.
    fn close_one(&mut self, source: Source) {
        if self.queue.back().is_some_and(|last| last.source == source) {
            self.close(source);
        }
    }

    /// What the carrier has will be cleared; its marks prove nothing any more.
    fn forget_line(&mut self, now: Instant) {
        self.pending.iter_mut().for_each(|pending| pending.cleared = true);
        self.trail.clear(now);
        (self.line_end, self.held) = (None, false);
    }

    /// Stops, but keeps what was not heard. The carrier's buffer must be cleared.
    pub(super) fn hold(&mut self, now: Instant) {
        self.queue.iter_mut().for_each(|utterance| utterance.rewind(now));
        self.forget_line(now);
        self.held = true;
    }

    /// Whether playback stands still, to go on.
    pub(super) const fn is_held(&self) -> bool {
        self.held
    }

    /// Goes on where it was held.
    pub(super) fn resume(&mut self) {
        self.held = false;
    }

    /// What plays in the 20 ms that belong to the caller's next frame, and did before, if anything plays.
    pub(super) fn beside(&mut self, now: Instant) -> Option<impl Fn(usize) -> [u8; FRAME]> {
        self.trail.beside(now)
    }

    /// Milliseconds heard since the stream began.
    pub(super) fn heard_ms(&self, now: Instant) -> u64 {
        self.heard_ms + self.queue.iter().map(|utterance| u64::from(as_ms(utterance.heard(now)))).sum::<u64>()
    }

    /// Milliseconds of sound that wait to be sent.
    pub(super) fn waiting_ms(&self) -> u64 {
        self.queue.iter().map(|utterance| u64::from(as_ms(utterance.waiting as u64))).sum()
    }

    /// What is audible, and how much of it was heard.
    pub(super) fn audible(&self, now: Instant) -> Option<(Source, u32)> {
        let utterance = self.queue.iter().find(|utterance| utterance.sent > 0 && !utterance.is_played(now))?;
        Some((utterance.source, as_ms(utterance.heard(now))))
    }
}
