//! Numbers that must not be kept, in what a recogniser wrote. Callers say them in every way: `four two four two`,
//! `double oh`, `forty-two`, in groups, with an `uh` in between.

use super::number::Numbers;
use super::token::{Token, words};
use crate::base::Hide;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

/// Shortest number that [`Hide::Digits`] hides.
const NUMBER: usize = 7;
/// How far from its name a code stands, in words.
const NEAR: usize = 6;
/// Words that may stand between two digits of one number.
const LINKS: [&str; 12] =
    ["and", "then", "dash", "hyphen", "space", "comma", "minus", "et", "puis", "tiret", "y", "guion"];

/// The digits that a speaker ended with: a card may go on in his next sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier(String);

/// `text` with what `hide` names replaced: `[card ...4242]`, `[code]`, `[number]`. `own` are numbers that everybody may
/// know, in digits.
#[must_use]
pub fn masked<'t>(text: &'t str, language: &str, hide: Hide, own: &[&str]) -> Cow<'t, str> {
    masked_after(&mut Earlier::default(), text, language, hide, own)
}

/// The same for a sentence that follows others of the same speaker; whoever calls forgets `earlier` after half a minute.
#[must_use]
pub fn masked_after<'t>(
    earlier: &mut Earlier,
    text: &'t str,
    language: &str,
    hide: Hide,
    own: &[&str],
) -> Cow<'t, str> {
    if hide == Hide::Off || !may_hold_digits(text, earlier) {
        earlier.0.clear();
        return Cow::Borrowed(text);
    }
    let said = Said { words: words(text, false), numbers: Numbers::of(language) };
    let runs = said.runs();
    let mut hidden = Vec::new();
    for run in &runs {
        let before = if run.words.start == 0 { earlier.0.as_str() } else { "" };
        hidden.extend(said.hidden(run, before, hide, own));
    }
    *earlier = Earlier(said.last_digits(&runs, &earlier.0));
    replaced(text, hidden)
}

/// A quick look: most sentences have no number at all.
fn may_hold_digits(text: &str, earlier: &Earlier) -> bool {
    !earlier.0.is_empty() || text.bytes().any(|b| b.is_ascii_digit()) || text.split(' ').nth(2).is_some()
}

/// Digits in a row.
#[derive(Debug)]
struct Run {
    /// Each with the word that it came from.
    digits: Vec<(char, usize)>,
    words: Range<usize>,
}

impl Run {
    fn text(&self) -> String {
        self.digits.iter().map(|(digit, _)| digit).collect()
    }

    /// Whether a word begins with digit `at`, or the run ends there.
    fn is_border(&self, at: usize) -> bool {
        let word = |at: usize| self.digits.get(at).map(|(_, word)| *word);
        at == 0 || word(at) != word(at - 1)
    }
}

/// What stands in for some words.
struct Hidden {
    at: Range<usize>,
    word: String,
}

struct Said {
    words: Vec<Token>,
    numbers: Numbers,
}

impl Said {
    fn runs(&self) -> Vec<Run> {
        let (mut runs, mut at): (Vec<Run>, usize) = (Vec::new(), 0);
        let mut open = false;
        while at < self.words.len() {
            let Some((digits, length)) = self.number(at) else {
                open &= self.links(at);
                at += 1;
                continue;
            };
            if !open {
                runs.push(Run { digits: Vec::new(), words: at..at });
            }
            if let Some(run) = runs.last_mut() {
                run.digits.extend(digits.chars().map(|digit| (digit, at)));
                run.words.end = at + length;
            }
            open = true;
            at += length;
        }
        runs
    }

    /// Whether the word only stands between two digits.
    fn links(&self, at: usize) -> bool {
        self.word(at).is_some_and(|word| LINKS.contains(&word)) && self.number(at + 1).is_some()
    }

    fn word(&self, at: usize) -> Option<&str> {
        self.words.get(at).map(|token| token.word.as_str())
    }

    /// The digits that are said from word `at` on, and by how many words.
    fn number(&self, at: usize) -> Option<(String, usize)> {
        let word = self.word(at)?;
        if let Some(times) = Numbers::times(word) {
            let digit = self.numbers.digits(self.word(at + 1)?).filter(|digit| digit.len() == 1)?;
            return Some((digit.repeat(times), 2));
        }
        if word == "o" {
            // A letter, unless digits stand around it.
            let beside = |at: usize| self.word(at).is_some_and(|word| self.numbers.digits(word).is_some());
            return (beside(at + 1) || (at > 0 && beside(at - 1))).then(|| ("0".to_owned(), 1));
        }
        let Some(said) = self.numbers.word(word) else { return Some((self.numbers.digits(word)?, 1)) };
        let next = self.word(at + 1).and_then(|word| self.numbers.word(word));
        Some(match (said, next) {
            // Four times twenty, and what is added to sixty and to eighty, in French.
            ("4", Some("20")) if word == "quatre" => ("80".to_owned(), 2),
            ("60", Some(added)) if word == "soixante" && added.len() == 2 && added < "20" => (sum(60, added), 2),
            (tens, Some(unit))
                if tens.len() == 2 && tens >= "20" && tens.ends_with('0') && unit.len() == 1 && unit != "0" =>
            {
                (format!("{}{unit}", tens.trim_end_matches('0')), 2)
            }
            _ => (said.to_owned(), 1),
        })
    }

    /// What must not be read in this run.
    fn hidden(&self, run: &Run, before: &str, hide: Hide, own: &[&str]) -> Vec<Hidden> {
        let digits = run.text();
        if let Some((place, last)) = card(run, &digits, before) {
            let mut hidden = vec![self.instead_of(run, place.clone(), &format!("[card ...{last}]"))];
            // What follows a card in one breath is its date and its code.
            if (3..=10).contains(&(run.digits.len() - place.end)) {
                hidden.push(self.instead_of(run, place.end..run.digits.len(), "[code]"));
            }
            return hidden;
        }
        let all = 0..run.digits.len();
        if self.is_code(run) {
            return vec![self.instead_of(run, all, "[code]")];
        }
        let public = own.iter().any(|own| is_same(own, &digits));
        if self.is_social(run, &digits) || (hide == Hide::Digits && digits.len() >= NUMBER && !public) {
            return vec![self.instead_of(run, all, "[number]")];
        }
        Vec::new()
    }

    /// Digits `place` of the run, as bytes of the text.
    fn instead_of(&self, run: &Run, place: Range<usize>, word: &str) -> Hidden {
        let word_of = |digit: usize| run.digits.get(digit).map_or(run.words.start, |(_, word)| *word);
        let next = run.digits.get(place.end).map_or(run.words.end, |(_, word)| *word);
        let start = self.words.get(word_of(place.start)).map_or(0, |token| token.at.start);
        let last = (word_of(place.start)..next).rev().find(|at| !self.links(*at)).unwrap_or(run.words.start);
        let end = self.words.get(last).map_or(start, |token| token.at.end);
        Hidden { at: start..end, word: word.to_owned() }
    }

    /// Whether one of `names` is said near the run.
    fn is_near(&self, run: &Run, names: &[&str]) -> bool {
        let said = |words: Range<usize>| {
            let words = self.words.get(words.start..words.end.min(self.words.len())).unwrap_or_default();
            let text = words.iter().map(|token| token.word.as_str()).collect::<Vec<_>>().join(" ");
            names.iter().any(|name| format!(" {text} ").contains(&format!(" {name} ")))
        };
        said(run.words.start.saturating_sub(NEAR)..run.words.start) || said(run.words.end..run.words.end + NEAR)
    }

    /// A security code or a card's date.
    fn is_code(&self, run: &Run) -> bool {
        #[rustfmt::skip]
        const CODES: [&str; 14] = [
            "security code", "security number", "cvv", "cvc", "cvv2", "cvc2", "c v v", "c v c", "code on the back", "on the back",
            "code de securite", "cryptogramme", "codigo de seguridad", "card code",
        ];
        #[rustfmt::skip]
        const DATES: [&str; 16] = [
            "expiry", "expires", "expiration", "expire", "expiring", "exp", "good through", "good thru", "good until", "valid through",
            "valid thru", "valid until", "vence", "vencimiento", "caduca", "caducidad",
        ];
        const CARDS: [&str; 9] =
            ["card", "visa", "mastercard", "amex", "carte", "tarjeta", "credit", "debit", "credito"];
        let of_card = || self.words.iter().any(|token| CARDS.contains(&token.word.as_str()));
        match run.digits.len() {
            3 | 4 if self.is_near(run, &CODES) => true,
            3..=6 => of_card() && self.is_near(run, &DATES),
            _ => false,
        }
    }

    /// A social insurance (or security) number.
    fn is_social(&self, run: &Run, digits: &str) -> bool {
        const NAMES: [&str; 7] = [
            "social insurance",
            "social security",
            "ssn",
            "s i n",
            "assurance sociale",
            "seguro social",
            "seguridad social",
        ];
        digits.len() == 9
            && (self.is_near(run, &NAMES) || (self.is_near(run, &["sin", "nas", "sin number"]) && luhn(digits)))
    }

    /// The digits at the very end, which the next sentence may go on with.
    fn last_digits(&self, runs: &[Run], before: &str) -> String {
        match runs.last().filter(|run| run.words.end == self.words.len()) {
            Some(run) if run.words.start == 0 => format!("{before}{}", run.text()),
            Some(run) => run.text(),
            None if self.words.is_empty() => before.to_owned(),
            None => String::new(),
        }
    }
}

fn sum(tens: u32, added: &str) -> String {
    (tens + added.parse().unwrap_or(0)).to_string()
}

/// The line's number, with or without the country code.
fn is_same(own: &str, digits: &str) -> bool {
    let own = own.trim_start_matches('+');
    own == digits || (digits.len() >= NUMBER && own.ends_with(digits)) || digits.trim_start_matches('0') == own
}

/// The card in a run that goes on after `before`: which digits of the run are its, and its last four.
fn card(run: &Run, digits: &str, before: &str) -> Option<(Range<usize>, String)> {
    let (all, earlier) = (format!("{before}{digits}"), before.len());
    let starts = (0..all.len()).filter(|start| *start < earlier || run.is_border(start - earlier));
    for start in starts {
        for length in [16, 15, 19, 18, 17, 14, 13] {
            let end = start + length;
            let Some(number) = all.get(start..end) else { continue };
            if end > earlier && run.is_border(end - earlier) && is_card(number) {
                let last = number.get(length - 4..).unwrap_or_default().to_owned();
                return Some((start.saturating_sub(earlier)..end - earlier, last));
            }
        }
    }
    None
}

fn is_card(number: &str) -> bool {
    number.starts_with(['2', '3', '4', '5', '6']) && luhn(number)
}

fn luhn(digits: &str) -> bool {
    let value = |(place, digit): (usize, char)| {
        let digit = digit.to_digit(10).unwrap_or(0);
        match place % 2 {
            0 => digit,
            _ if digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        }
    };
    digits.chars().rev().enumerate().map(value).sum::<u32>() % 10 == 0
}

fn replaced<'t>(text: &'t str, hidden: Vec<Hidden>) -> Cow<'t, str> {
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for Hidden { at, word } in hidden {
        // Writing to a String cannot fail.
        let _ = write!(out, "{}{word}", text.get(done..at.start).unwrap_or_default());
        done = at.end.max(done);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hide_in(text: &str, hide: Hide) -> String {
        masked(text, "en-US", hide, &["15875550100"]).into_owned()
    }

    #[test]
    fn cards_are_hidden_however_they_are_said() {
        for (said, kept) in [
            ("My card is 4242 4242 4242 4242, thanks", "My card is [card ...4242], thanks"),
            ("4242424242424242", "[card ...4242]"),
            (
                "it's four two four two, uh, four two four two four two four two four two four two ok",
                "it's [card ...4242] ok",
            ),
            ("forty-two forty-two forty-two forty-two forty two forty two forty-two forty two", "[card ...4242]"),
            ("5105-1051-0510-5100.", "[card ...5100]."),
            ("three seven eight two eight two two four six three one double oh oh five", "[card ...0005]"),
            (
                "4111 1111 1111 1111 expires 04 27 security code 123",
                "[card ...1111] expires [code] security code [code]",
            ),
            ("4111 1111 1111 1111 04 27 123", "[card ...1111] [code]"),
            ("4111 then 1111 and 1111 then 1111", "[card ...1111]"),
            ("1234 5678 9012 3456", "1234 5678 9012 3456"),
            ("call me at 587 555 0142", "call me at 587 555 0142"),
        ] {
            assert_eq!(hide_in(said, Hide::Cards), kept, "{said}");
            assert_eq!(hide_in(said, Hide::Off), said);
        }
        let french = "quatre deux quatre deux quatre deux quatre deux quatre deux quatre deux quatre deux quatre deux";
        assert_eq!(masked(french, "fr-CA", Hide::Cards, &[]), "[card ...4242]");
        let spanish = "cuatro uno uno uno uno uno uno uno uno uno uno uno uno uno uno uno gracias";
        assert_eq!(masked(spanish, "es", Hide::Cards, &[]), "[card ...1111] gracias");
    }

    #[test]
    fn codes_and_social_numbers_are_hidden_by_their_names() {
        for (said, kept) in [
            ("the security code is one two three", "the security code is [code]"),
            ("the CVV: 987", "the CVV: [code]"),
            ("987 is the code on the back", "[code] is the code on the back"),
            ("my social insurance number is 046 454 286", "my social insurance number is [number]"),
            ("my SIN is 046-454-286", "my SIN is [number]"),
            ("a sin like 123 456 789", "a sin like 123 456 789"),
            ("room 123 in 1999", "room 123 in 1999"),
            ("my lease expires in 2027", "my lease expires in 2027"),
            ("my visa expires 04 27", "my visa expires [code]"),
        ] {
            assert_eq!(hide_in(said, Hide::Cards), kept, "{said}");
        }
    }

    #[test]
    fn long_numbers_are_hidden_where_that_is_wanted() {
        for (said, kept) in [
            ("call me at 587 555 0142 please", "call me at [number] please"),
            ("you are 587-555-0100, right?", "you are 587-555-0100, right?"),
            ("+1 587 555 0100", "+1 587 555 0100"),
            ("order 123456", "order 123456"),
            ("five eight seven, five five five, oh one four two", "[number]"),
        ] {
            assert_eq!(hide_in(said, Hide::Digits), kept, "{said}");
        }
    }

    #[test]
    fn a_card_in_two_sentences_is_known_at_the_second() {
        let mut earlier = Earlier::default();
        let mut say = |text: &str| masked_after(&mut earlier, text, "en", Hide::Cards, &[]).into_owned();
        assert_eq!(say("it is 4242 4242"), "it is 4242 4242");
        assert_eq!(say("4242 4242 ok"), "[card ...4242] ok");
        assert_eq!(say("4242 4242"), "4242 4242");
    }

    proptest! {
        #[test]
        fn anything_said_is_harmless(said in any::<String>(), language in "[a-z]{2}") {
            for hide in [Hide::Cards, Hide::Digits, Hide::Off] {
                let once = masked(&said, &language, hide, &[]).into_owned();
                prop_assert_eq!(masked(&once, &language, hide, &[]).into_owned(), once.clone());
            }
        }

        #[test]
        fn a_card_never_stays(body in "4[0-9]{14}", before in "[a-z ]{0,20}", group in 1usize..6) {
            let check = (0..10).find(|check| luhn(&format!("{body}{check}"))).unwrap();
            let number = format!("{body}{check}");
            let groups: Vec<&str> = (0..16).step_by(group).filter_map(|at| number.get(at..(at + group).min(16))).collect();
            let kept = hide_in(&format!("{before} x {}", groups.join(" ")), Hide::Cards);
            prop_assert!(kept.contains("[card ..."), "{kept}");
        }
    }
}
