//! Where in our texts the words end that the carrier says were heard. It may write them with other spaces, marks and
//! capitals than we did, so only letters and digits count.

/// Letters of the end of what was heard that are looked for, where it does not begin with the beginning of a text.
const TAIL: usize = 60;

/// The text in which `heard` ends, and the byte behind its last letter there. `None`: these are none of our words.
pub(super) fn find<'a>(texts: impl Iterator<Item = &'a str> + Clone, heard: &str) -> Option<(usize, usize)> {
    let heard: Vec<char> = letters(heard).map(|(_, letter)| letter).collect();
    if heard.is_empty() {
        return Some((0, 0));
    }
    let all: Vec<(usize, usize, char)> = texts
        .enumerate()
        .flat_map(|(text, words)| letters(words).map(move |(end, letter)| (text, end, letter)))
        .collect();
    let begins = (0..all.len()).filter(|at| *at == 0 || all.get(at - 1).map(|of| of.0) != all.get(*at).map(|of| of.0));
    let whole = begins.filter_map(|at| ends(&all, at, &heard)).next();
    whole.or_else(|| {
        let tail = heard.get(heard.len().saturating_sub(TAIL)..).unwrap_or_default();
        (0..all.len()).find_map(|at| ends(&all, at, tail))
    })
}

/// Where `wanted` ends that begins at `at`.
fn ends(all: &[(usize, usize, char)], at: usize, wanted: &[char]) -> Option<(usize, usize)> {
    let there = all.get(at..)?.get(..wanted.len())?;
    let same = there.iter().zip(wanted).all(|((_, _, letter), wanted)| letter == wanted);
    there.last().filter(|_| same).map(|(text, end, _)| (*text, *end))
}

/// Letters and digits as they are compared, each with the byte behind it.
fn letters(text: &str) -> impl Iterator<Item = (usize, char)> {
    let heard = text.char_indices().filter(|(_, letter)| letter.is_alphanumeric());
    heard.map(|(at, letter)| (at + letter.len_utf8(), letter.to_lowercase().next().unwrap_or(letter)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXTS: [&str; 3] = ["Hello. ", "We open at seven, and we close at five.", "We open at nine on Sundays."];

    fn at(heard: &str) -> Option<(usize, usize)> {
        find(TEXTS.into_iter(), heard)
    }

    #[test]
    fn words_are_found_however_they_are_written() {
        assert_eq!(at(""), Some((0, 0)));
        assert_eq!(at(" ... "), Some((0, 0)));
        assert_eq!(at("Hel"), Some((0, 3)));
        assert_eq!(at("we  open AT seven and"), Some((1, 21)));
        assert_eq!(at("hello we open"), Some((1, 7)));
        assert_eq!(at("We open at nine"), Some((2, 15)), "the text that begins so");
        assert_eq!(at("and we close"), Some((1, 30)), "from the middle");
        assert_eq!(at("Good morning"), None);
        assert_eq!(find(["Café à Genève"].into_iter(), "cafe"), None);
        assert_eq!(find(["Café à Genève"].into_iter(), "CAFÉ À"), Some((0, 8)));
    }

    proptest! {
        #[test]
        fn a_beginning_is_found_where_it_ends(text in "\\PC{1,60}", letters in 1usize..60) {
            let heard: String = text.chars().take(letters).collect();
            let (found, end) = find([text.as_str()].into_iter(), &heard).expect("it is there");
            prop_assert!(found == 0 && end <= heard.len() && text.is_char_boundary(end));
        }

        #[test]
        fn nothing_panics(texts in prop::collection::vec(".{0,80}", 0..5), heard in ".{0,100}") {
            _ = find(texts.iter().map(String::as_str), &heard);
        }
    }
}
