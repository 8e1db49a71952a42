//! Whether a sentence calls for help, and how surely.
//!
//! When in doubt, a person: a call for help that was missed costs more than a question too much. So a phrase counts at
//! once, a weak word by itself asks, and only a plain denial or a known idiom takes a word back.

use super::guards::{is_doubtful, is_idiom, negated};
use super::number::{Numbers, primary};
use super::phrase::{Phrase, Phrases};
use super::phrases::{ENGLISH, FRENCH, Group, SPANISH};
use super::token::{Token, tokens};
use super::urgency::Urgency;
use crate::base::folded;
use std::ops::Range;
use std::sync::LazyLock;

/// What a line listens for.
#[derive(Clone, Copy, Debug)]
pub struct Listening<'a> {
    /// Its language tag; English is understood on every line.
    pub language: &'a str,
    /// Its own words, folded.
    pub own: &'a [String],
    /// Groups and phrases of ours that it does not want, folded.
    pub ignored: &'a [String],
    /// Whether it wants ours at all.
    pub built_in: bool,
}

/// A call for help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The words, folded; for a word of the line, as it is configured.
    pub keyword: String,
    /// `life`, `self-harm`, `fire`, `crime`, `calls`, `trades`, `weak`, or `own`.
    pub group: &'static str,
    /// How surely.
    pub urgency: Urgency,
    /// The words around it, as they were said.
    pub excerpt: String,
}

/// How much of the sentence is quoted on each side, in bytes.
const CONTEXT: usize = 40;

/// The surest call for help in what a caller said; of two the first.
#[must_use]
pub fn heard(listening: &Listening<'_>, said: &str) -> Option<Alarm> {
    let numbers = Numbers::of(listening.language);
    let tokens = tokens(said, &numbers, false);
    let own = own(listening, said, &tokens, &numbers);
    if own.is_some() || !listening.built_in || tokens.is_empty() {
        return own;
    }
    let mut best: Option<Alarm> = None;
    for table in tables(listening.language) {
        for at in 0..tokens.len() {
            for (place, meaning) in table.at(&tokens, at) {
                let Some(urgency) = judged(&tokens, &place, meaning) else { continue };
                if best.as_ref().is_none_or(|best| best.urgency < urgency) {
                    let alarm = alarm(said, &tokens, &place, (meaning.group, urgency));
                    best = alarm.filter(|alarm| !is_ignored(listening, alarm)).or(best);
                }
            }
        }
    }
    best
}

/// What a phrase of ours means.
#[derive(Debug)]
struct Meaning {
    group: &'static str,
    urgency: Urgency,
    /// It denies something itself (`not breathing`), so a denial before it changes nothing.
    denies: bool,
}

fn tables(language: &str) -> Vec<&'static Phrases<Meaning>> {
    static IN_ENGLISH: LazyLock<Phrases<Meaning>> = LazyLock::new(|| compiled(ENGLISH, "en"));
    static IN_FRENCH: LazyLock<Phrases<Meaning>> = LazyLock::new(|| compiled(FRENCH, "fr"));
    static IN_SPANISH: LazyLock<Phrases<Meaning>> = LazyLock::new(|| compiled(SPANISH, "es"));
    match primary(language).as_str() {
        "fr" => vec![&IN_FRENCH, &IN_ENGLISH],
        "es" => vec![&IN_SPANISH, &IN_ENGLISH],
        _ => vec![&IN_ENGLISH],
    }
}

fn compiled(groups: &'static [Group], language: &str) -> Phrases<Meaning> {
    let numbers = Numbers::of(language);
    let meant = |(group, urgency, texts): &Group| {
        let (group, urgency) = (*group, *urgency);
        let phrase =
            move |text: &&str| (Phrase::parse(text, &numbers), Meaning { group, urgency, denies: denies(text) });
        texts.iter().map(phrase).collect::<Vec<_>>()
    };
    Phrases::new(groups.iter().flat_map(meant))
}

fn denies(text: &str) -> bool {
    const DENIALS: [&str; 12] =
        ["not", "cant", "wont", "isnt", "doesnt", "dont", "stopped", "pas", "plus", "no", "barely", "deja"];
    text.split([' ', '|']).any(|word| DENIALS.contains(&word))
}

/// How surely it is meant; None: it is not.
fn judged(tokens: &[Token], place: &Range<usize>, meaning: &Meaning) -> Option<Urgency> {
    if (!meaning.denies && negated(tokens, place.start)) || is_idiom(tokens, place) {
        return None;
    }
    Some(if is_doubtful(tokens, place) { Urgency::AskOnce } else { meaning.urgency })
}

/// The line's own words go first, and count at once.
fn own(listening: &Listening<'_>, said: &str, divided: &[Token], numbers: &Numbers) -> Option<Alarm> {
    if listening.own.is_empty() {
        return None;
    }
    // `à l'aide` is configured as `a laide`, `urgence` is said as `l'urgence`: both ways are tried.
    let whole = tokens(said, numbers, true);
    listening.own.iter().find_map(|keyword| {
        let phrase = Phrase::parse(keyword, numbers);
        let find = |tokens: &[Token]| {
            let place = phrase.everywhere(tokens).find(|place| meant(tokens, place))?;
            alarm(said, tokens, &place, ("own", Urgency::Immediate))
        };
        let alarm = find(divided).or_else(|| find(&whole))?;
        Some(Alarm { keyword: keyword.clone(), ..alarm })
    })
}

fn meant(tokens: &[Token], place: &Range<usize>) -> bool {
    !negated(tokens, place.start) && !is_idiom(tokens, place)
}

fn is_ignored(listening: &Listening<'_>, alarm: &Alarm) -> bool {
    let group = folded(alarm.group);
    listening.ignored.iter().any(|ignored| *ignored == group || *ignored == alarm.keyword)
}

fn alarm(
    said: &str,
    tokens: &[Token],
    place: &Range<usize>,
    (group, urgency): (&'static str, Urgency),
) -> Option<Alarm> {
    let words = tokens.get(place.clone())?;
    let at = words.first()?.at.start..words.last()?.at.end;
    let keyword = words.iter().map(|token| token.word.as_str()).collect::<Vec<_>>().join(" ");
    Some(Alarm { keyword, group, urgency, excerpt: excerpt(said, &at) })
}

/// The words at `at` with whole words around them.
fn excerpt(said: &str, at: &Range<usize>) -> String {
    let start = said.floor_char_boundary(at.start.saturating_sub(CONTEXT));
    let end = said.ceil_char_boundary((at.end + CONTEXT).min(said.len()));
    let before = said.get(start..at.start).unwrap_or_default();
    let after = said.get(at.end..end).unwrap_or_default();
    let before = if start == 0 { before } else { before.split_once(' ').map_or("", |(_, whole)| whole) };
    let after = if end == said.len() { after } else { after.rsplit_once(' ').map_or("", |(whole, _)| whole) };
    let (lead, trail) = (if start == 0 { "" } else { "… " }, if end == said.len() { "" } else { " …" });
    format!("{lead}{before}{}{after}{trail}", said.get(at.clone()).unwrap_or_default())
}
