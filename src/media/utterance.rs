//! What is said in one go, and how far it has come.

use crate::agents::port::Utt;
use crate::twilio::stream::SILENCE;
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Bytes of a frame.
pub(super) const FRAME: usize = 160;
/// Bytes of a millisecond.
const MILLI: u64 = 8;
/// Sound of one message: 100 ms. Fewer messages cost less, and `clear` and marks stay precise.
const CHUNK: usize = 800;

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The agent.
    Agent(Utt),
    /// The house: "one moment", or what is said before the call goes on. Numbered, so that each is told apart.
    House(u32),
}

impl Source {
    pub(super) const fn utt(self) -> Option<Utt> {
        match self {
            Self::Agent(utt) => Some(utt),
            Self::House(_) => None,
        }
    }
}

/// What is said in one go. Lengths are bytes.
#[derive(Debug)]
pub(super) struct Utterance {
    pub source: Source,
    pub interruptible: bool,
    /// No more sound comes.
    pub complete: bool,
    parts: VecDeque<Bytes>,
    /// Not sent yet: what is in `parts`.
    pub waiting: usize,
    pub sent: u64,
    /// Heard for certain: the carrier gave the mark back.
    pub acked: u64,
    acked_at: Option<Instant>,
    /// When its first sound began to play.
    begins_at: Option<Instant>,
    /// Sent and not acknowledged, in case that playback is held.
    out: VecDeque<Bytes>,
}

impl Utterance {
    pub(super) fn new(source: Source, interruptible: bool) -> Self {
        Self {
            source,
            interruptible,
            complete: false,
            parts: VecDeque::new(),
            waiting: 0,
            sent: 0,
            acked: 0,
            acked_at: None,
            begins_at: None,
            out: VecDeque::new(),
        }
    }

    pub(super) fn add(&mut self, sound: Bytes) {
        if !sound.is_empty() {
            self.waiting += sound.len();
            self.parts.push_back(sound);
        }
    }

    /// All that will come was sent.
    pub(super) const fn is_sent(&self) -> bool {
        self.complete && self.waiting == 0
    }

    /// All of it was heard, for certain.
    pub(super) const fn is_over(&self) -> bool {
        self.is_sent() && self.acked >= self.sent
    }

    /// All of it was played, as far as we can tell.
    pub(super) fn is_played(&self, now: Instant) -> bool {
        self.is_sent() && self.heard(now) >= self.sent
    }

    /// Length of the next piece; 0: better wait for more. `low`: the line is about to run dry.
    pub(super) fn piece(&self, low: bool) -> usize {
        match self.waiting {
            // A short first piece: its mark tells early that the caller hears something.
            waiting if self.sent == 0 && waiting >= FRAME => FRAME,
            waiting if waiting >= CHUNK => CHUNK,
            waiting if self.complete => waiting,
            waiting if low => waiting / FRAME * FRAME,
            _ => 0,
        }
    }

    /// Takes the next piece, which begins to play at `begin`. The last one is filled with silence to whole frames: some
    /// carriers stumble over a part of one.
    pub(super) fn take(&mut self, length: usize, begin: Instant) -> Bytes {
        self.begins_at.get_or_insert(begin);
        let piece = self.cut(length);
        self.waiting -= piece.len();
        self.sent += piece.len() as u64;
        self.out.push_back(piece.clone());
        let rest = piece.len() % FRAME;
        if rest == 0 {
            return piece;
        }
        let mut whole = BytesMut::with_capacity(piece.len() + FRAME - rest);
        whole.extend_from_slice(&piece);
        whole.resize(piece.len() + FRAME - rest, SILENCE);
        whole.freeze()
    }

    fn cut(&mut self, length: usize) -> Bytes {
        let Some(first) = self.parts.front_mut() else { return Bytes::new() };
        if first.len() > length {
            return first.split_to(length);
        }
        if first.len() == length {
            return self.parts.pop_front().unwrap_or_default();
        }
        let mut piece = BytesMut::with_capacity(length);
        while piece.len() < length {
            let Some(part) = self.parts.front_mut() else { break };
            let taken = part.split_to(part.len().min(length - piece.len()));
            piece.extend_from_slice(&taken);
            if part.is_empty() {
                self.parts.pop_front();
            }
        }
        piece.freeze()
    }

    /// The carrier proves that so much was heard.
    pub(super) fn acknowledge(&mut self, upto: u64, now: Instant) {
        let mut begin = self.sent - self.out.iter().map(|piece| piece.len() as u64).sum::<u64>();
        while let Some(piece) = self.out.pop_front_if(|piece| begin + piece.len() as u64 <= upto) {
            begin += piece.len() as u64;
        }
        (self.acked, self.acked_at) = (self.acked.max(upto), Some(now));
    }

    /// What was heard: proved by marks, plus the time since the last one, at most what was sent.
    pub(super) fn heard(&self, now: Instant) -> u64 {
        let Some(since) = self.acked_at.or(self.begins_at) else { return 0 };
        let since = now.saturating_duration_since(since).as_millis();
        let more = u64::try_from(since).unwrap_or(u64::MAX).saturating_mul(MILLI);
        self.sent.min(self.acked.saturating_add(more))
    }

    /// Takes back what was sent and not heard, in whole frames, to be sent again.
    pub(super) fn rewind(&mut self, now: Instant) {
        let heard = self.heard(now) / FRAME as u64 * FRAME as u64;
        let mut begin = self.sent;
        while begin > heard
            && let Some(mut piece) = self.out.pop_back()
        {
            begin -= piece.len() as u64;
            // Less than a piece fits into an usize.
            let known = usize::try_from(heard.saturating_sub(begin)).unwrap_or(0).min(piece.len());
            let _heard = piece.split_to(known);
            self.waiting += piece.len();
            self.parts.push_front(piece);
        }
        self.out.clear();
        let heard = heard.max(begin).min(self.sent);
        (self.sent, self.acked) = (heard, heard);
        (self.acked_at, self.begins_at) = (None, None);
    }
}

/// How long so many bytes play.
pub(super) const fn length(bytes: u64) -> Duration {
    Duration::from_micros(bytes * 125)
}

/// Bytes as milliseconds, rounded down.
pub(super) fn as_ms(bytes: u64) -> u32 {
    u32::try_from(bytes / MILLI).unwrap_or(u32::MAX)
}
