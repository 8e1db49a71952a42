//! Accounts of what the agent said: how much came, how much may have been heard, which words those were.

use crate::agents::outbox::millis;
use crate::agents::port::{Ended, Interrupted, Ms, Paged, Transcript, Utt, Who, speaking_ms};
use std::collections::VecDeque;

/// Utterances that are remembered; of those that are over the oldest go first.
const MOST: usize = 64;
/// Captions of one utterance, and letters of all of them.
const MOST_CAPTIONS: usize = 2_000;
const MOST_TEXT: usize = 64 * 1_024;

/// Where an utterance is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    /// Since when, as the carrier confirmed.
    Playing(Ms),
    Over,
}

/// One utterance.
#[derive(Debug)]
struct Utterance {
    utt: Utt,
    /// What the agent calls it.
    name: String,
    bytes: usize,
    /// The agent may add to it.
    open: bool,
    stage: Stage,
    last_sound: Ms,
    interruptible: bool,
    /// Words, and after how much sound each begins.
    captions: Vec<(u32, String)>,
    letters: usize,
}

/// What became of sound that an agent sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agents) enum Received {
    /// It belongs to this utterance, which the caller may cut or not.
    Kept(Utt, bool),
    /// Too much waits already: it is thrown away.
    Overflow,
    /// The utterance is over, was never opened, or there are too many.
    Unknown,
}

/// All utterances of a conversation.
#[derive(Debug)]
pub(in crate::agents) struct Utterances {
    list: VecDeque<Utterance>,
    last: Utt,
    limit_ms: u32,
}

impl Utterances {
    /// At most so much sound waits to be played.
    pub(in crate::agents) fn new(limit_ms: u32) -> Self {
        Self { list: VecDeque::new(), last: Utt(0), limit_ms }
    }

    /// Opens the utterance of a name, if it is new.
    pub(in crate::agents) fn open(&mut self, at: Ms, name: &str, interruptible: bool) -> Option<Utt> {
        if let Some(known) = self.list.iter().find(|utterance| utterance.name == name) {
            return known.open.then_some(known.utt);
        }
        self.make_room();
        if self.list.len() >= MOST {
            return None;
        }
        self.last.0 += 1;
        self.list.push_back(Utterance {
            utt: self.last,
            name: name.to_owned(),
            bytes: 0,
            open: true,
            stage: Stage::Waiting,
            last_sound: at,
            interruptible,
            captions: Vec::new(),
            letters: 0,
        });
        Some(self.last)
    }

    fn make_room(&mut self) {
        if self.list.len() >= MOST
            && let Some(oldest) = self.list.iter().position(|utterance| utterance.stage == Stage::Over)
        {
            self.list.remove(oldest);
        }
    }

    /// Sound for an utterance, which it opens if the name is new.
    pub(in crate::agents) fn sound(&mut self, at: Ms, name: &str, bytes: usize, interruptible: bool) -> Received {
        let Some(utt) = self.open(at, name, interruptible) else { return Received::Unknown };
        if self.queued_ms(at).saturating_add(millis(bytes)) > self.limit_ms {
            return Received::Overflow;
        }
        let Some(utterance) = self.of(utt) else { return Received::Unknown };
        utterance.bytes += bytes;
        utterance.last_sound = at;
        Received::Kept(utt, utterance.interruptible)
    }

    /// The utterance is complete.
    pub(in crate::agents) fn close(&mut self, name: &str) -> Option<Utt> {
        let utterance = self.list.iter_mut().find(|utterance| utterance.name == name && utterance.open)?;
        utterance.open = false;
        Some(utterance.utt)
    }

    /// No utterance that is open will go on.
    pub(in crate::agents) fn close_all(&mut self) -> Vec<Utt> {
        let open = self.list.iter_mut().filter(|utterance| utterance.open);
        open.map(|utterance| {
            utterance.open = false;
            utterance.utt
        })
        .collect()
    }

    /// Words that begin after `at_ms` of an utterance's sound.
    pub(in crate::agents) fn caption(&mut self, name: &str, at_ms: u32, text: &str) -> bool {
        let Some(utterance) = self.list.iter_mut().find(|utterance| utterance.name == name) else { return false };
        if utterance.captions.len() >= MOST_CAPTIONS || utterance.letters + text.len() > MOST_TEXT {
            return false;
        }
        utterance.letters += text.len();
        let place = utterance.captions.partition_point(|(begins, _)| *begins <= at_ms);
        utterance.captions.insert(place, (at_ms, text.to_owned()));
        true
    }

    /// More words of an utterance; `by_carrier`: it speaks them, so they stand for sound. `false`: they are too many.
    pub(in crate::agents) fn piece(&mut self, at: Ms, name: &str, text: &str, by_carrier: bool) -> bool {
        let Some(utterance) = self.list.iter().find(|utterance| utterance.name == name) else { return false };
        if !self.caption(name, millis(utterance.bytes), text) {
            return false;
        }
        if by_carrier && let Some(utterance) = self.list.iter_mut().find(|utterance| utterance.name == name) {
            utterance.bytes += speaking_ms(text) as usize * 8;
            utterance.last_sound = at;
        }
        true
    }

    /// All words of an utterance.
    pub(in crate::agents) fn text(&self, name: &str) -> String {
        self.list.iter().find(|utterance| utterance.name == name).map(Utterance::all).unwrap_or_default()
    }

    /// All words of an utterance, unless captions have said them already.
    pub(in crate::agents) fn words(&mut self, name: &str, text: &str) {
        if self.list.iter().any(|utterance| utterance.name == name && utterance.captions.is_empty()) {
            self.caption(name, 0, text);
        }
    }

    /// All words of an utterance as they were meant; where the pieces say something else, they are no guide.
    pub(in crate::agents) fn correct(&mut self, name: &str, text: &str) {
        if let Some(utterance) = self.list.iter_mut().find(|utterance| utterance.name == name)
            && utterance.all() != text
            && text.len() <= MOST_TEXT
        {
            utterance.letters = text.len();
            utterance.captions = vec![(0, text.to_owned())];
        }
    }

    /// The same for the utterance that was opened last.
    pub(in crate::agents) fn words_of_last(&mut self, text: &str) {
        if let Some(name) = self.list.back().map(|last| last.name.clone()) {
            self.words(&name, text);
        }
    }

    /// What the agent calls an utterance.
    pub(in crate::agents) fn name(&self, utt: Utt) -> Option<&str> {
        self.list.iter().find(|utterance| utterance.utt == utt).map(|utterance| utterance.name.as_str())
    }

    /// The number of an utterance.
    pub(in crate::agents) fn number(&self, name: &str) -> Option<Utt> {
        self.list.iter().find(|utterance| utterance.name == name).map(|utterance| utterance.utt)
    }

    /// What loudspeakers would hear of an utterance: its sound, or its words where there is none.
    pub(in crate::agents) fn paged(&self, name: &str, by_carrier: bool) -> Option<Paged> {
        let utterance = self.list.iter().find(|utterance| utterance.name == name)?;
        if by_carrier || utterance.bytes == 0 {
            return Some(utterance.all()).filter(|words| !words.trim().is_empty()).map(Paged::Text);
        }
        Some(Paged::Utterance(utterance.utt))
    }

    /// How much of an utterance came.
    pub(in crate::agents) fn received_ms(&self, utt: Utt) -> u32 {
        self.list.iter().find(|utterance| utterance.utt == utt).map_or(0, |utterance| millis(utterance.bytes))
    }

    /// Sound that waits to be played, as far as can be known from here.
    pub(in crate::agents) fn queued_ms(&self, at: Ms) -> u32 {
        self.list.iter().fold(0, |sum: u32, utterance| sum.saturating_add(utterance.queued_ms(at)))
    }

    /// Something is playing, or waits to be.
    pub(in crate::agents) fn busy(&self) -> bool {
        self.list.iter().any(|utterance| utterance.stage != Stage::Over)
    }

    /// The first sound of an utterance was confirmed.
    pub(in crate::agents) fn playing(&mut self, at: Ms, utt: Utt) {
        if let Some(utterance) = self.of(utt)
            && utterance.stage == Stage::Waiting
        {
            utterance.stage = Stage::Playing(at);
        }
    }

    /// An utterance ended; its words, for the timeline.
    pub(in crate::agents) fn played(&mut self, ended: &Ended) -> Option<Transcript> {
        let utterance = self.of(ended.utt)?;
        utterance.stage = Stage::Over;
        utterance.open = false;
        let text = if ended.complete { utterance.all() } else { utterance.heard(ended.heard_ms, ended.heard_ms) };
        said(text, ended.utt, false)
    }

    /// Playback was cut; the words that were heard.
    pub(in crate::agents) fn interrupted(&mut self, cut: &Interrupted) -> Option<Transcript> {
        for utt in &cut.dropped {
            if let Some(utterance) = self.of(*utt) {
                (utterance.stage, utterance.open) = (Stage::Over, false);
            }
        }
        let utterance = self.of(cut.utt)?;
        (utterance.stage, utterance.open) = (Stage::Over, false);
        let reckoned = || utterance.heard(cut.heard_ms, cut.given_ms);
        said(cut.heard_text.clone().unwrap_or_else(reckoned), cut.utt, true)
    }

    /// Names of utterances that an interruption leaves unheard, and of the one it cuts.
    pub(in crate::agents) fn names(&self, utts: &[Utt]) -> Vec<String> {
        utts.iter().filter_map(|utt| self.name(*utt)).map(str::to_owned).collect()
    }

    /// When the utterance that is playing will have been dry for `wait` milliseconds, if nothing comes.
    pub(in crate::agents) fn dry_at(&self, wait: Ms) -> Option<Ms> {
        let dry = |utterance: &Utterance| match utterance.stage {
            Stage::Playing(since) if utterance.open => {
                Some((since + Ms::from(millis(utterance.bytes))).max(utterance.last_sound) + wait)
            }
            _ => None,
        };
        self.list.iter().find_map(dry)
    }

    /// Text that is kept, for tests.
    #[cfg(test)]
    pub(in crate::agents) fn letters(&self) -> usize {
        self.list.iter().map(|utterance| utterance.letters + utterance.name.len()).sum()
    }

    fn of(&mut self, utt: Utt) -> Option<&mut Utterance> {
        self.list.iter_mut().find(|utterance| utterance.utt == utt)
    }
}

impl Utterance {
    fn queued_ms(&self, at: Ms) -> u32 {
        let received = millis(self.bytes);
        match self.stage {
            Stage::Waiting => received,
            Stage::Playing(since) => {
                received.saturating_sub(u32::try_from(at.saturating_sub(since)).unwrap_or(u32::MAX))
            }
            Stage::Over => 0,
        }
    }

    fn all(&self) -> String {
        self.captions.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// The words within the first `heard_ms` of `given_ms`: whole captions, and of the one that was cut the words that
    /// its share of the time had room for.
    fn heard(&self, heard_ms: u32, given_ms: u32) -> String {
        let whole = millis(self.bytes).max(given_ms);
        let ends = self.captions.iter().skip(1).map(|(begins, _)| *begins).chain([whole]);
        let mut heard = String::new();
        for ((begins, text), ends) in self.captions.iter().zip(ends) {
            if ends <= heard_ms {
                heard.push_str(text);
            } else {
                heard.push_str(share(text, heard_ms.saturating_sub(*begins), ends.saturating_sub(*begins)));
                break;
            }
        }
        heard.truncate(heard.trim_end().len());
        heard
    }
}

/// As many whole words of a text as fit into `part` of `whole`.
fn share(text: &str, part: u32, whole: u32) -> &str {
    let letters = text.len() * part as usize / (whole.max(1) as usize);
    // A word was heard when what follows it has begun.
    let fits = |end: &usize| *end < letters;
    let ends = text.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(end, _)| end);
    let end = if letters >= text.len() { text.len() } else { ends.take_while(fits).last().unwrap_or(0) };
    text.get(..end).unwrap_or_default()
}

fn said(text: String, utt: Utt, interrupted: bool) -> Option<Transcript> {
    let said = Transcript {
        who: Who::Agent,
        text: text.trim().to_owned(),
        last: true,
        utt: Some(utt),
        start_ms: None,
        end_ms: None,
        interrupted,
    };
    (!said.text.is_empty()).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::port::Cut;

    fn cut(utt: u32, heard_ms: u32, dropped: &[u32]) -> Interrupted {
        let dropped = dropped.iter().copied().map(Utt).collect();
        Interrupted {
            utt: Utt(utt),
            heard_ms,
            sent_ms: heard_ms,
            given_ms: 0,
            heard_text: None,
            dropped,
            why: Cut::Speech,
        }
    }

    #[test]
    fn the_words_that_were_heard() {
        let words = [
            (0, ""),
            (199, ""),
            (200, "We"),
            (399, "We"),
            (400, "We open"),
            (699, "We open at"),
            (700, "We open at seven"),
            (900, "We open at seven and"),
        ];
        for (heard_ms, text) in words {
            let mut all = Utterances::new(10_000);
            assert_eq!(all.sound(0, "a", 8_000, true), Received::Kept(Utt(1), true));
            for (at, word) in [(0, "We "), (200, "open "), (400, "at seven "), (700, "and more")] {
                assert!(all.caption("a", at, word));
            }
            let heard = all.interrupted(&cut(1, heard_ms, &[])).map(|said| said.text).unwrap_or_default();
            assert_eq!(heard, text, "{heard_ms}");
        }
    }

    #[test]
    fn a_text_without_captions_is_cut_at_a_word() {
        let mut all = Utterances::new(10_000);
        all.sound(0, "a", 8_000, true);
        all.words("a", "Good morning, the bakery, how can I help?");
        all.words("a", "said twice");
        let said = all.interrupted(&cut(1, 500, &[])).unwrap();
        assert_eq!((said.text.as_str(), said.interrupted), ("Good morning, the", true));
        assert_eq!(all.sound(600, "a", 160, true), Received::Unknown);
    }

    #[test]
    fn what_waits_has_a_limit() {
        let mut all = Utterances::new(1_000);
        assert_eq!(all.sound(0, "a", 8_000, true), Received::Kept(Utt(1), true));
        assert_eq!(all.sound(0, "b", 160, true), Received::Overflow);
        all.playing(100, Utt(1));
        assert_eq!(all.queued_ms(600), 500);
        assert_eq!(all.sound(600, "b", 4_000, false), Received::Kept(Utt(2), true));
        assert_eq!(all.dry_at(600), Some(1_700));
        assert_eq!(all.close("a"), Some(Utt(1)));
        assert_eq!(all.dry_at(600), None);
    }

    #[test]
    fn many_utterances_stay_few() {
        let mut all = Utterances::new(1_000);
        for n in 0..500_u32 {
            let utt = all.open(0, &n.to_string(), true).unwrap();
            all.played(&Ended { utt, heard_ms: 0, complete: true });
        }
        assert_eq!(all.list.len(), MOST);
        (0..500_u32).for_each(|n| _ = all.open(0, &format!("w{n}"), true));
        assert_eq!(all.list.len(), MOST);
    }
}
