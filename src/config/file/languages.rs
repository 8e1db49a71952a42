//! `[lines.languages]`: further languages of a line, and how its callers choose.

use super::names::key;
use super::reader::{Table, Value};
use super::tongues::Tongues;
use super::{names, speech, words};
use crate::base::folded;
use crate::config::languages::Offer;
use crate::config::speech::Speech;
use crate::config::text::{Text, Tongue};
use std::sync::Arc;

const WANTED: &str = "[lines.languages.fr-CA], with a key and a voice";
const OFFER: &str = "offer = \"Pour le français, appuyez sur le 2.\"";

/// What the table says.
pub(super) struct Written {
    pub(super) ask: Text,
    pub(super) offers: Vec<Offer>,
    /// Each further language, with voices and ears of its own where it has some, and its place.
    pub(super) further: Vec<Further>,
}

/// A language besides the line's own.
pub(super) struct Further {
    pub(super) tongue: Arc<Tongue>,
    pub(super) speech: Option<Speech>,
    pub(super) at: std::ops::Range<usize>,
}

/// The line's own language and the further ones; from here on the file knows them all.
pub(super) fn read(line: &Table<'_>) -> Option<Written> {
    let file = line.file;
    let own = Tongue {
        language: line
            .parsed("language", "language = \"en-US\"", names::language)
            .unwrap_or_else(|| "en-US".to_owned()),
        voice: line.parsed("voice", "voice = \"Polly.Joanna\"", names::voice),
    };
    file.tongues.replace(Tongues::new(own));
    let written = line.get("languages")?;
    let table = written.table(WANTED)?;
    let entries: Vec<_> = table.entries().into_iter().filter(|(name, ..)| name != "ask").collect();
    let mut read: Vec<Entry<'_>> = entries.into_iter().filter_map(|entry| one(entry, &file.tongues)).collect();
    let further = further(&read);
    if further.is_empty() {
        written.mistake("there is no second language to choose", format!("write {WANTED}"));
    }
    file.tongues.borrow_mut().all.extend(further.iter().map(|further| Arc::clone(&further.tongue)));
    own_entry(&mut read, &file.tongues.borrow().own);
    same_key(&read);
    let ask = table.get("ask").and_then(|value| value.spoken()).unwrap_or_default();
    let mut offers: Vec<Offer> = read.into_iter().filter_map(|entry| entry.offer(&written, !ask.is_empty())).collect();
    // 0 is the last key of a telephone.
    offers.sort_by_key(|offer| (offer.key == '0', offer.key));
    Some(Written { ask, offers, further })
}

/// One `[lines.languages.<tag>]`.
struct Entry<'a> {
    tongue: Arc<Tongue>,
    is_own: bool,
    key: Option<char>,
    offer: Option<Value<'a>>,
    phrases: Vec<String>,
    speech: Option<Speech>,
    at: Option<Value<'a>>,
}

fn one<'a>(
    (tag, span, value): (String, std::ops::Range<usize>, Value<'a>),
    tongues: &std::cell::RefCell<Tongues>,
) -> Option<Entry<'a>> {
    if let Err(wrong) = names::language(&tag) {
        value.file.mistake(&span, wrong.what, wrong.mend);
        return None;
    }
    let table = value.table(WANTED)?;
    let own = Arc::clone(&tongues.borrow().own);
    let is_own = own.is(&tag);
    let voice = table.parsed("voice", "voice = \"Polly.Gabrielle-Neural\"", names::voice);
    if is_own && let Some(voice) = table.get("voice") {
        voice.mistake("the line's own voice stands elsewhere", "write voice = \"…\" beside `language`");
    }
    let written = table.get("key");
    let key = written.as_ref().and_then(digit);
    if !is_own && written.is_none() {
        table.mistake(format!("no key chooses {tag}"), "write key = \"2\"");
    }
    let phrases = table.get("say").map(|value| value.list()).unwrap_or_default();
    let phrases = phrases.iter().filter_map(|value| value.text("say = [\"français\"]"));
    let phrases = phrases.map(|words| folded(&words)).filter(|words| !words.is_empty()).collect();
    if is_own && let Some(speech) = table.get("speech") {
        speech.mistake("the line's own engines stand elsewhere", "write [lines.speech]");
    }
    let own_speech = table.has("speech").then(|| speech::read(table.table("speech", "[lines.languages.fr-CA.speech]")));
    let (offer, _) = (table.get("offer"), table.get("speech"));
    table.finish();
    let tongue = if is_own { own } else { Arc::new(Tongue { language: tag, voice }) };
    Some(Entry { tongue, is_own, key, offer, phrases, speech: own_speech, at: Some(value) })
}

fn digit(value: &Value<'_>) -> Option<char> {
    let word = value.word("key = \"2\"")?;
    let digit = key(&word).filter(char::is_ascii_digit);
    if digit.is_none() {
        value.mistake(format!("`{word}` is not a digit"), "write key = \"2\"");
    }
    digit
}

fn further(read: &[Entry<'_>]) -> Vec<Further> {
    let further = read.iter().filter(|entry| !entry.is_own).map(|entry| Further {
        tongue: Arc::clone(&entry.tongue),
        speech: entry.speech.clone(),
        at: entry.at.as_ref().map_or(0..0, |value| value.span.clone()),
    });
    further.collect()
}

/// The line's own language is chosen by the first key that is free, unless the table names another.
fn own_entry(read: &mut Vec<Entry<'_>>, own: &Arc<Tongue>) {
    let free = ('1'..='9').find(|key| read.iter().all(|entry| entry.key != Some(*key)));
    match read.iter_mut().find(|entry| entry.is_own) {
        Some(entry) => entry.key = entry.key.or(free),
        None => read.push(Entry {
            tongue: Arc::clone(own),
            is_own: true,
            key: free,
            offer: None,
            phrases: Vec::new(),
            speech: None,
            at: None,
        }),
    }
}

fn same_key(read: &[Entry<'_>]) {
    for (index, entry) in read.iter().enumerate() {
        let earlier = read.get(..index).unwrap_or_default();
        let taken = earlier.iter().find(|other| other.key.is_some() && other.key == entry.key);
        if let (Some(taken), Some(at), Some(key)) = (taken, &entry.at, entry.key) {
            let what = format!("key {key} chooses {} and {}", taken.tongue.language, entry.tongue.language);
            at.mistake(what, "give each language a key of its own");
        }
    }
}

impl Entry<'_> {
    fn offer(self, languages: &Value<'_>, asks: bool) -> Option<Offer> {
        let key = self.key?;
        let language = self.tongue.language.clone();
        let ours = || words::OFFER.of(&language).map(|words| Text::from(words.replace("{key}", &key.to_string())));
        let text = match &self.offer {
            Some(value) => Text::new(value.parts(&self.tongue)?),
            None => ours().unwrap_or_default(),
        };
        if text.is_empty() && !asks {
            let at = self.at.as_ref().unwrap_or(languages);
            at.mistake(format!("nothing offers {language} to callers"), format!("write {OFFER}"));
        }
        let text = if self.is_own { text } else { text.said_in(self.tongue) };
        Some(Offer { language, key, text, phrases: self.phrases })
    }
}
