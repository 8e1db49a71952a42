//! Words as callers say them and recognizers write them, brought to one form so that they can be compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case, no accents, no apostrophes, every other sign a single space: `L’Été, don't!` is `lete dont`.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            words.push(c);
        } else if !is_apostrophe(c) && !is_combining_mark(c) && !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.truncate(words.trim_end().len());
    words
}

/// Typed, typographic, modifier letter, and the accents people type instead.
const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '`' | '\u{b4}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_fold_to_the_same_text() {
        for (said, form) in [
            ("L’Été, don't!", "lete dont"),
            ("  CAN'T   breathe… ", "cant breathe"),
            ("Can\u{2019}t\nbreathe", "cant breathe"),
            ("ÇA BRÛLE", "ca brule"),
            ("9-1-1", "9 1 1"),
            ("!?", ""),
        ] {
            assert_eq!(folded(said), form, "{said}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for said in ["Ünïcödé d'été", "ﬁre", "İstanbul", "ʼn Huis"] {
            assert_eq!(folded(&folded(said)), folded(said), "{said}");
        }
    }
}
