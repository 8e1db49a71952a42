//! What the carrier was given to say, and how much of it was heard.
//!
//! The carrier confirms little. It says what was heard when a caller interrupts, and on some accounts when our side begins
//! and stops speaking; where it does not, the length of a text is all that there is. An interruption is not believed at once:
//! the carrier has stopped speaking, but a cough does that too. What was not heard is kept; words of the caller make the cut
//! final, and where none come it is said after all.

use super::place;
use crate::agents::port::{Utt, speaking_ms};
use crate::media::utterance::Source;
use crate::twilio::relay::{self, Text};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// From a text to its first sound.
const START: Duration = Duration::from_millis(200);
/// How long words of the caller are waited for after the carrier says that we were interrupted.
const DOUBT: Duration = Duration::from_millis(1_800);
/// What a sound lasts that the carrier fetches, unless it says when it is over.
const SOUND: Duration = Duration::from_secs(3);
/// Utterances, and bytes of text, that may wait to be heard.
const MOST: usize = 64;
const MOST_BYTES: usize = 64 * 1024;

/// What has become of an utterance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It is being heard.
    Playing(Source),
    /// All of it was.
    Played { source: Source, text: String, heard_ms: u32 },
}

/// What was being said when it was cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CutOff {
    pub source: Source,
    pub heard: String,
    pub heard_ms: u32,
    /// What all of it would have taken.
    pub given_ms: u32,
    /// Utterances of the agent behind it.
    pub dropped: Vec<Utt>,
}

/// Something to say.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    pub text: &'a str,
    pub language: Option<&'a str>,
    pub interruptible: bool,
    pub last: bool,
}

#[derive(Debug)]
struct Item {
    source: Source,
    text: String,
    /// A sound instead of words.
    url: Option<String>,
    language: Option<String>,
    interruptible: bool,
    complete: bool,
    /// Bytes that the carrier has, and whether it knows that nothing follows.
    handed: usize,
    ended: bool,
    /// When it is heard, as far as can be told.
    begins: Option<Instant>,
    ends: Option<Instant>,
    told: bool,
    /// The carrier says that it is over.
    confirmed: bool,
}

/// An interruption that may have been a cough.
#[derive(Debug)]
struct Held {
    /// Bytes of the first text that were heard.
    upto: usize,
    heard_ms: u32,
    until: Instant,
}

/// All that is being said.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    queue: VecDeque<Item>,
    /// When all that the carrier has will have been heard.
    line_end: Option<Instant>,
    held: Option<Held>,
    /// Utterances of the agent up to this one are over.
    closed: u32,
    /// The carrier says when our side speaks.
    confirms: bool,
    heard_ms: u64,
}

impl Spoken {
    /// Words that the carrier says by itself, from now.
    pub(super) fn greeted(&mut self, source: Source, text: &str, now: Instant) {
        let piece = Piece { text, language: None, interruptible: true, last: true };
        if let Some(item) = self.item(source, &piece) {
            (item.complete, item.ended, item.handed) = (true, true, text.len());
            item.text.push_str(text);
            self.spend(0, speaking(text), now);
        }
    }

    /// More of an utterance; a new one goes behind those that wait. `false`: it is over, or too much waits.
    pub(super) fn say(&mut self, source: Source, piece: &Piece<'_>) -> bool {
        let waiting: usize = self.queue.iter().map(|item| item.text.len()).sum();
        if waiting + piece.text.len() > MOST_BYTES {
            return false;
        }
        let Some(item) = self.item(source, piece) else { return false };
        item.text.push_str(piece.text);
        item.complete |= piece.last;
        true
    }

    /// A sound that the carrier fetches.
    pub(super) fn play(&mut self, source: Source, url: String, interruptible: bool) -> bool {
        let piece = Piece { text: "", language: None, interruptible, last: true };
        let Some(item) = self.item(source, &piece) else { return false };
        (item.url, item.complete) = (Some(url), true);
        true
    }

    fn item(&mut self, source: Source, piece: &Piece<'_>) -> Option<&mut Item> {
        if let Source::Agent(utt) = source
            && utt.0 <= self.closed
        {
            return None;
        }
        let place = self.queue.iter().position(|item| item.source == source);
        if let Some(place) = place {
            return self.queue.get_mut(place).filter(|item| !item.complete);
        }
        if self.queue.len() >= MOST {
            return None;
        }
        self.queue.push_back(Item {
            source,
            text: String::new(),
            url: None,
            language: piece.language.map(str::to_owned),
            interruptible: piece.interruptible,
            complete: false,
            handed: 0,
            ended: false,
            begins: None,
            ends: None,
            told: false,
            confirmed: false,
        });
        self.queue.back_mut()
    }

    /// Gives the carrier what it may have: pieces of one utterance after the other, because it cannot tell them apart.
    pub(super) fn hand(&mut self, now: Instant, out: &mut Vec<String>) {
        if self.held.is_some() {
            return;
        }
        for place in 0..self.queue.len() {
            let Some(item) = self.queue.get_mut(place) else { return };
            if let Some((message, lasts)) = item.next() {
                out.push(message);
                self.spend(place, lasts, now);
            }
            if self.queue.get(place).is_some_and(|item| !item.complete) {
                return;
            }
        }
    }

    /// The carrier will be busy for so long with what it has of an utterance.
    fn spend(&mut self, place: usize, lasts: Duration, now: Instant) {
        let begins = self.line_end.filter(|end| *end > now).unwrap_or(now + START);
        let ends = begins + lasts;
        self.line_end = Some(ends);
        if let Some(item) = self.queue.get_mut(place) {
            item.begins.get_or_insert(begins);
            item.ends = Some(ends);
        }
    }

    /// What time has brought.
    pub(super) fn follow(&mut self, now: Instant, news: &mut Vec<News>) {
        if self.held.is_some() {
            return;
        }
        while let Some(item) = self.queue.front_mut() {
            if !item.told && item.begins.is_some_and(|begins| begins <= now) {
                item.told = true;
                news.push(News::Playing(item.source));
            }
            if self.over_at().is_none_or(|over| over > now) {
                return;
            }
            self.retire(news);
        }
    }

    /// When the first utterance is over: when the next one begins, or when it has lasted as long as it may.
    fn over_at(&self) -> Option<Instant> {
        let item = self.queue.front().filter(|item| item.ended)?;
        let (begins, ends) = (item.begins?, item.ends?);
        // Who says when it is over is waited for; but nobody for ever.
        let is_waited_for = self.confirms && !item.confirmed;
        let grace = (ends.saturating_duration_since(begins) / 2 + Duration::from_secs(1)) * u32::from(is_waited_for);
        let next = self.queue.get(1).and_then(|next| next.begins);
        Some(next.map_or(ends + grace, |next| next.min(ends + grace)))
    }

    fn retire(&mut self, news: &mut Vec<News>) {
        let Some(item) = self.queue.pop_front() else { return };
        let heard_ms = item.lasts_ms();
        self.heard_ms += u64::from(heard_ms);
        self.close(item.source);
        news.push(News::Played { source: item.source, text: item.text, heard_ms });
    }

    fn close(&mut self, source: Source) {
        if let Source::Agent(utt) = source {
            self.closed = self.closed.max(utt.0);
        }
    }

    /// The carrier says that our side begins or stops speaking.
    pub(super) fn speaking(&mut self, on: bool, now: Instant) {
        self.confirms = true;
        if !on {
            return self.fell_silent(now);
        }
        if let [Item { begins: Some(begins), ends: Some(ends), told: false, .. }] = self.queue.make_contiguous() {
            *ends = now + ends.saturating_duration_since(*begins);
            *begins = now;
            self.line_end = Some(*ends);
        }
    }

    /// Our side is silent: all that the carrier has was heard. Much too early it is about what was said before.
    pub(super) fn fell_silent(&mut self, now: Instant) {
        let all_handed = self.queue.iter().all(|item| item.ended);
        let last = self.queue.back().and_then(|last| Some((last.begins?, last.ends?)));
        let late_enough = last.is_some_and(|(begins, ends)| now >= begins + ends.saturating_duration_since(begins) / 2);
        if self.held.is_none() && all_handed && late_enough {
            self.line_end = Some(now);
            self.queue.iter_mut().for_each(|item| (item.ends, item.confirmed) = (Some(now), true));
        }
    }

    /// The carrier says that the caller cut us off, behind these words. What is not known to have been heard is kept for a
    /// while.
    pub(super) fn interrupted(&mut self, heard: &str, heard_ms: u32, now: Instant, news: &mut Vec<News>) {
        if self.queue.is_empty() || self.held.is_some() {
            return;
        }
        let texts = self.queue.iter().map(|item| item.text.get(..item.handed).unwrap_or_default());
        let (place, upto) = place::find(texts, heard).unwrap_or((0, heard.len()));
        (0..place).for_each(|_| self.retire(news));
        let Some(item) = self.queue.front() else { return };
        let upto = item.text.floor_char_boundary(upto.min(item.text.len()));
        self.line_end = None;
        self.held = Some(Held { upto, heard_ms, until: now + DOUBT });
    }

    /// Whether the carrier has stopped in the middle and nothing was decided.
    pub(super) const fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// When an interruption without words was none.
    pub(super) fn doubt_ends(&self) -> Option<Instant> {
        self.held.as_ref().map(|held| held.until)
    }

    /// It was nothing: the rest is said, from the beginning of the word that was broken off.
    pub(super) fn go_on(&mut self, news: &mut Vec<News>) {
        let Some(held) = self.held.take() else { return };
        if self.queue.front().is_some_and(|item| item.complete && item.text.len() <= held.upto) {
            self.retire(news);
        } else if let Some(item) = self.queue.front_mut() {
            item.handed = word_start(&item.text, held.upto);
            item.unhand();
        }
        for item in self.queue.iter_mut().filter(|item| item.ended || item.url.is_some()) {
            item.handed = 0;
            item.unhand();
        }
    }

    /// Drops everything, and says what was being heard. `None`: nothing was.
    pub(super) fn cut(&mut self, now: Instant) -> Option<CutOff> {
        let held = self.held.take();
        self.line_end = None;
        let item = self.queue.pop_front()?;
        let (upto, heard_ms) = held.map_or_else(|| item.reckoned(now), |held| (held.upto, held.heard_ms));
        self.heard_ms += u64::from(heard_ms);
        self.close(item.source);
        let behind: Vec<Source> = self.queue.drain(..).map(|item| item.source).collect();
        behind.iter().for_each(|source| self.close(*source));
        let dropped = behind.into_iter().filter_map(Source::utt).collect();
        let heard = item.text.get(..upto).unwrap_or_default().trim().to_owned();
        Some(CutOff { source: item.source, heard, heard_ms, given_ms: item.lasts_ms(), dropped })
    }

    /// Whether something was given that has not been heard to its end.
    pub(super) fn is_busy(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Whether our side is being heard, as far as can be told.
    pub(super) fn is_playing(&self) -> bool {
        self.held.is_none() && self.queue.front().is_some_and(|item| item.told)
    }

    /// How long all that waits will take.
    pub(super) fn left(&self, now: Instant) -> Duration {
        let handed = self.line_end.map_or(Duration::ZERO, |end| end.saturating_duration_since(now));
        let waiting = self.queue.iter().map(|item| speaking(item.text.get(item.handed..).unwrap_or_default()));
        handed + waiting.sum::<Duration>()
    }

    /// The last utterance of the agent that waits.
    pub(super) fn last(&self) -> Option<Source> {
        self.queue.back().map(|item| item.source)
    }

    /// Milliseconds heard since the conversation began, as far as can be told.
    pub(super) const fn heard_ms(&self) -> u64 {
        self.heard_ms
    }

    /// When somebody must look again.
    pub(super) fn wakes(&self) -> Option<Instant> {
        if let Some(held) = &self.held {
            return Some(held.until);
        }
        let begins = self.queue.front().filter(|item| !item.told).and_then(|item| item.begins);
        begins.into_iter().chain(self.over_at()).min()
    }
}

impl Item {
    fn unhand(&mut self) {
        (self.ended, self.begins, self.ends, self.confirmed) = (false, None, None, false);
    }

    /// What the carrier has not got of it, and how long that takes.
    fn next(&mut self) -> Option<(String, Duration)> {
        if self.ended || (self.handed == self.text.len() && !self.complete) {
            return None;
        }
        if let Some(url) = &self.url {
            self.ended = true;
            return Some((relay::play(url, self.interruptible), SOUND));
        }
        let token = self.text.get(self.handed..).unwrap_or_default();
        let text =
            Text { token, last: self.complete, interruptible: self.interruptible, language: self.language.as_deref() };
        let next = (relay::text(text), speaking(token));
        (self.handed, self.ended) = (self.text.len(), self.complete);
        Some(next)
    }

    fn lasts_ms(&self) -> u32 {
        match &self.url {
            Some(_) => u32::try_from(SOUND.as_millis()).unwrap_or(u32::MAX),
            None => speaking_ms(&self.text),
        }
    }

    /// Bytes and milliseconds that were heard by now, by the clock alone: whole words.
    fn reckoned(&self, now: Instant) -> (usize, u32) {
        let Some(begins) = self.begins else { return (0, 0) };
        let ms = u32::try_from(now.saturating_duration_since(begins).as_millis()).unwrap_or(u32::MAX);
        if ms >= self.lasts_ms() {
            return (self.text.len(), self.lasts_ms());
        }
        let words = self.text.char_indices().filter(|(_, letter)| letter.is_whitespace()).map(|(at, _)| at);
        let upto = words.take_while(|at| self.text.get(..*at).is_some_and(|heard| speaking_ms(heard) <= ms)).last();
        (upto.unwrap_or(0), ms)
    }
}

/// The beginning of the word that `at` is in.
fn word_start(text: &str, at: usize) -> usize {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let cut_through = after.starts_with(char::is_alphanumeric) && before.ends_with(char::is_alphanumeric);
    let spoken = if cut_through { before.trim_end_matches(char::is_alphanumeric) } else { before };
    spoken.len()
}

fn speaking(text: &str) -> Duration {
    Duration::from_millis(u64::from(speaking_ms(text)))
}
