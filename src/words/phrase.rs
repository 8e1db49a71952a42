//! How the words of a call for help are written down, and matched against what was said.

use super::number::Numbers;
use super::token::Token;
use crate::base::folded;
use std::collections::HashMap;
use std::ops::Range;

/// Words that may stand inside a phrase: `a really bad heart attack`, `my chest really hurts`.
#[rustfmt::skip]
const SOFT: [&str; 64] = [
    "a", "an", "the", "my", "his", "her", "our", "their", "your", "this", "that", "some", "is", "are", "was", "has",
    "have", "had", "been", "be", "of", "to", "in", "so", "very", "really", "just", "even", "still", "bad", "badly",
    "big", "terrible", "please", "right", "now", "like",
    "le", "la", "les", "l", "d", "de", "du", "des", "mon", "ma", "sa", "son", "tres", "vraiment", "1",
    "el", "los", "mi", "su", "muy", "en", "mucho", "esta", "estan", "se", "nos", "al",
];
/// As many of them between two words of a phrase.
const SOFT_AT_ONCE: usize = 3;

/// A phrase: each word with its alternatives.
#[derive(Debug)]
pub(super) struct Phrase {
    words: Vec<Vec<String>>,
}

impl Phrase {
    /// `cant|cannot breathe`: alternatives are divided by `|`.
    pub(super) fn parse(text: &str, numbers: &Numbers) -> Self {
        let word = |word: &str| {
            let word = folded(word);
            numbers.digits(&word).unwrap_or(word)
        };
        Self { words: text.split_whitespace().map(|words| words.split('|').map(word).collect()).collect() }
    }

    /// The places of the words if it is said from token `from` on.
    pub(super) fn at(&self, tokens: &[Token], from: usize) -> Option<Range<usize>> {
        let (first, rest) = self.words.split_first()?;
        let said = |at: usize, words: &[String]| tokens.get(at).is_some_and(|token| words.contains(&token.word));
        if !said(from, first) {
            return None;
        }
        let mut end = from + 1;
        for words in rest {
            let mut skipped = 0;
            while !said(end, words) {
                skipped += 1;
                if skipped > SOFT_AT_ONCE || !is_soft(tokens, end) {
                    return None;
                }
                end += 1;
            }
            end += 1;
        }
        Some(from..end)
    }

    /// Every place where it is said.
    pub(super) fn everywhere(&self, tokens: &[Token]) -> impl Iterator<Item = Range<usize>> {
        (0..tokens.len()).filter_map(|from| self.at(tokens, from))
    }

    fn firsts(&self) -> impl Iterator<Item = &String> {
        self.words.first().into_iter().flatten()
    }
}

/// Whether the word may stand inside a phrase.
pub(super) fn is_soft(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| SOFT.contains(&token.word.as_str()))
}

/// Many phrases, found by their first words.
#[derive(Debug)]
pub(super) struct Phrases<T> {
    all: Vec<(Phrase, T)>,
    by_first: HashMap<String, Vec<usize>>,
}

impl<T> Phrases<T> {
    /// Phrases and what each means.
    pub(super) fn new(phrases: impl Iterator<Item = (Phrase, T)>) -> Self {
        let all: Vec<(Phrase, T)> = phrases.collect();
        let mut by_first: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, (phrase, _)) in all.iter().enumerate() {
            for word in phrase.firsts() {
                by_first.entry(word.clone()).or_default().push(number);
            }
        }
        Self { all, by_first }
    }

    /// What is said from token `from` on, and up to where.
    pub(super) fn at(&self, tokens: &[Token], from: usize) -> impl Iterator<Item = (Range<usize>, &T)> {
        let candidates = tokens.get(from).and_then(|token| self.by_first.get(&token.word)).into_iter().flatten();
        candidates.filter_map(move |number| {
            let (phrase, meaning) = self.all.get(*number)?;
            Some((phrase.at(tokens, from)?, meaning))
        })
    }
}
