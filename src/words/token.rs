//! A text as words, each with its place.

use super::number::Numbers;
use crate::base::folded;
use std::ops::Range;

/// A word, folded, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// By [`folded`]; digits for a spoken number that is part of a code (`nine one one` is one word, `911`).
    pub(super) word: String,
    /// Bytes of the text.
    pub(super) at: Range<usize>,
    /// A sentence, or a part of one, begins here.
    pub(super) begins: bool,
}

/// Words that only buy time.
const FILLERS: [&str; 14] =
    ["uh", "uhh", "um", "umm", "erm", "er", "hm", "hmm", "ah", "eh", "euh", "heu", "este", "mmm"];
/// What French (and Spanish, in names) leaves before an apostrophe.
const ELISIONS: [&str; 12] = ["l", "d", "j", "s", "c", "n", "m", "t", "qu", "jusqu", "lorsqu", "puisqu"];

/// The words of `text` without fillers. Codes that were said digit by digit are one word; so is, if `whole`, what an
/// apostrophe divides in French.
pub(super) fn tokens(text: &str, numbers: &Numbers, whole: bool) -> Vec<Token> {
    codes(words(text, whole), numbers)
}

/// The words of `text` without fillers, as they stand there.
pub(super) fn words(text: &str, whole: bool) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut begins = true;
    for (at, piece) in pieces(text) {
        if !piece.chars().any(char::is_alphanumeric) {
            begins |= piece.contains(['.', ',', ';', '!', '?', ':', '\n', '…']);
            continue;
        }
        for (from, part) in parts(piece, whole) {
            let word = folded(part);
            if word.is_empty() || FILLERS.contains(&word.as_str()) {
                continue;
            }
            let at = at + from..at + from + part.len();
            // Folding may divide (`½`); each part stands in the same place.
            for word in word.split(' ') {
                tokens.push(Token { word: word.to_owned(), at: at.clone(), begins });
                begins = false;
            }
        }
    }
    tokens
}

/// Runs of letters, digits and apostrophes, and what stands between them.
fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let inside = belongs(rest.chars().next()?);
        let end = rest.find(|c| belongs(c) != inside).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        let at = text.len() - rest.len();
        rest = after;
        Some((at, piece))
    })
}

fn belongs(c: char) -> bool {
    c.is_alphanumeric() || is_apostrophe(c) || unicode_normalization::char::is_combining_mark(c)
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '`' | '\u{b4}')
}

/// `l'urgence` is two words, `can't` is one.
fn parts(piece: &str, whole: bool) -> impl Iterator<Item = (usize, &str)> {
    let cut = piece.char_indices().find(|(_, c)| is_apostrophe(*c)).filter(|_| !whole).filter(|(at, c)| {
        let before = piece.get(..*at).unwrap_or_default();
        let after = piece.get(at + c.len_utf8()..).unwrap_or_default();
        ELISIONS.contains(&folded(before).as_str()) && after.chars().count() > 1
    });
    let at = cut.map_or(0, |(at, c)| at + c.len_utf8());
    let (first, second) = piece.split_at(at);
    [(0, first), (at, second)].into_iter().filter(|(_, part)| !part.is_empty())
}

/// Single digits in a row become one word, however they were said.
fn codes(tokens: Vec<Token>, numbers: &Numbers) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut open = false;
    for token in tokens {
        let digits = numbers.digits(&token.word).filter(|digits| digits.len() <= 2);
        match (digits, joined.last_mut().filter(|_| open && !token.begins)) {
            (Some(digits), Some(code)) => {
                code.word.push_str(&digits);
                code.at.end = token.at.end;
            }
            (Some(digits), None) => {
                joined.push(Token { word: digits, ..token });
                open = true;
            }
            (None, _) => {
                joined.push(token);
                open = false;
            }
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn formed(text: &str) -> String {
        let tokens = tokens(text, &Numbers::of("en"), false);
        tokens.iter().map(|token| token.word.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_are_folded_and_codes_are_one_word() {
        for (text, form) in [
            ("I can\u{2019}t, uh, breathe!", "i cant breathe"),
            ("C'est l\u{2019}urgence", "c est l urgence"),
            ("call nine one one now", "call 911 now"),
            ("call 9-1-1", "call 911"),
            ("nine eleven", "911"),
            ("one, two", "1 2"),
            ("o'clock", "oclock"),
            ("'", ""),
            ("½ e\u{301}te\u{301}", "12 ete"),
        ] {
            assert_eq!(formed(text), form, "{text}");
        }
    }

    proptest! {
        #[test]
        fn places_are_places(text in any::<String>()) {
            for token in tokens(&text, &Numbers::of("fr"), false) {
                prop_assert!(text.get(token.at.clone()).is_some_and(|part| !part.is_empty()), "{token:?}");
            }
        }
    }
}
