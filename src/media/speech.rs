//! Who speaks: the caller's stretches of speech, and how long he waits for an answer.

use crate::agents::port::Speech;
use crate::audio::Voice;
use serde::Serialize;
use std::time::{Duration, Instant};

/// Rows of the table that a stream leaves; later turns only count.
const MOST_TURNS: usize = 64;

/// What a frame means for the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// The caller may be about to speak.
    Suspected,
    /// It was nothing.
    Nothing,
    /// He speaks.
    Started(Speech),
    /// He has stopped.
    Ended { speech: Speech, duration: Duration, quiet: Duration },
}

/// The caller's speech, from frame to frame.
#[derive(Debug, Default)]
pub(super) struct Speeches {
    /// Of the last speech.
    number: Speech,
    suspected: Option<Instant>,
    began: Option<Instant>,
    last_voiced: Option<Instant>,
}

impl Speeches {
    /// Takes what the ear said of a frame.
    pub(super) fn follow(&mut self, voice: Voice, now: Instant) -> Option<News> {
        match (self.began, voice) {
            (None, Voice::Silent) => self.suspected.take().map(|_| News::Nothing),
            (None, Voice::Suspected) => {
                let first = self.suspected.is_none();
                self.suspected.get_or_insert(now);
                first.then_some(News::Suspected)
            }
            (None, Voice::Speaking | Voice::Trailing) => {
                self.number += 1;
                self.began = Some(self.suspected.take().unwrap_or(now));
                self.last_voiced = Some(now);
                Some(News::Started(self.number))
            }
            (Some(_), Voice::Speaking | Voice::Suspected) => {
                self.last_voiced = Some(now);
                None
            }
            (Some(_), Voice::Trailing) => None,
            (Some(began), Voice::Silent) => {
                self.began = None;
                let last = self.last_voiced.unwrap_or(now);
                let (duration, quiet) = (last.saturating_duration_since(began), now.saturating_duration_since(last));
                Some(News::Ended { speech: self.number, duration, quiet })
            }
        }
    }

    /// Whether the caller speaks.
    pub(super) const fn is_speaking(&self) -> bool {
        self.began.is_some()
    }

    /// The last speech.
    pub(super) const fn number(&self) -> Speech {
        self.number
    }

    /// When the last voiced frame was.
    pub(super) const fn last_voiced(&self) -> Option<Instant> {
        self.last_voiced
    }
}

/// One answer: from the caller's last voiced frame to the first frame that the carrier proved heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Turn {
    /// Since the stream began.
    pub at_ms: u64,
    /// Until the answer was heard.
    pub answer_ms: u64,
    /// Until "one moment" was heard, if it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filler_ms: Option<u64>,
}

/// The clock of turns.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The caller waits since then.
    waits: Option<Instant>,
    filler: Option<Duration>,
    pub count: u32,
    pub table: Vec<Turn>,
}

impl Turns {
    /// The caller has stopped speaking.
    pub(super) fn asked(&mut self, last_voiced: Instant) {
        (self.waits, self.filler) = (Some(last_voiced), None);
        self.count += 1;
    }

    /// The caller speaks again before an answer came.
    pub(super) fn spoke_again(&mut self) {
        self.waits = None;
    }

    /// "One moment" is heard.
    pub(super) fn filled(&mut self, now: Instant) -> Option<Duration> {
        let waited = now.saturating_duration_since(self.waits?);
        self.filler.is_none().then(|| *self.filler.insert(waited))
    }

    /// The answer is heard.
    pub(super) fn answered(&mut self, begun: Instant, now: Instant) -> Option<Duration> {
        let waited = now.saturating_duration_since(self.waits.take()?);
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        if self.table.len() < MOST_TURNS {
            let at_ms = ms(now.saturating_duration_since(begun));
            self.table.push(Turn { at_ms, answer_ms: ms(waited), filler_ms: self.filler.map(ms) });
        }
        Some(waited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speech_begins_with_its_first_suspicion_and_ends_with_its_last_voice() {
        use Voice::{Silent, Speaking, Suspected, Trailing};
        let (mut speeches, begin) = (Speeches::default(), Instant::now());
        let frames =
            [Silent, Suspected, Silent, Suspected, Suspected, Speaking, Speaking, Trailing, Speaking, Trailing, Silent];
        let news: Vec<News> = (0_u32..)
            .zip(frames)
            .filter_map(|(n, voice)| speeches.follow(voice, begin + Duration::from_millis(20) * n))
            .collect();
        let (duration, quiet) = (Duration::from_millis(100), Duration::from_millis(40));
        assert_eq!(
            news,
            [
                News::Suspected,
                News::Nothing,
                News::Suspected,
                News::Started(1),
                News::Ended { speech: 1, duration, quiet },
            ]
        );
    }

    #[test]
    fn an_answer_is_timed_from_the_last_voice_and_filler_apart() {
        let (mut turns, begin) = (Turns::default(), Instant::now());
        let at = |ms| begin + Duration::from_millis(ms);
        assert_eq!(turns.answered(begin, at(5)), None);
        turns.asked(at(1000));
        assert_eq!(turns.filled(at(2800)), Some(Duration::from_millis(1800)));
        assert_eq!(turns.filled(at(2900)), None);
        assert_eq!(turns.answered(begin, at(4000)), Some(Duration::from_millis(3000)));
        assert_eq!(turns.answered(begin, at(4100)), None);
        assert_eq!(turns.table, [Turn { at_ms: 4000, answer_ms: 3000, filler_ms: Some(1800) }]);
    }
}
