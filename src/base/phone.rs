//! Telephone numbers, callers who withhold theirs, and masks for logs and viewers.

use std::borrow::Cow;
use std::fmt;

/// A telephone number in E.164: `+`, then 7 to 15 digits, the first not 0 (ITU-T E.164, 6.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct E164(String);

/// Why a text is not an E.164 number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a telephone number in E.164 form: write + and the country code, like +15875550100")]
pub struct InvalidNumber(pub String);

impl E164 {
    /// Checks `text`; spaces, dashes, dots and brackets are not taken for granted but refused.
    ///
    /// # Errors
    /// [`InvalidNumber`] with the text as given.
    pub fn parse(text: &str) -> Result<Self, InvalidNumber> {
        let digits = text.strip_prefix('+').unwrap_or("");
        let sound =
            (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if sound { Ok(Self(text.to_owned())) } else { Err(InvalidNumber(text.to_owned())) }
    }

    /// The number with its `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who calls, as far as the carrier says (PROTOCOL.md 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A number.
    Number(E164),
    /// Withheld or unknown: `anonymous`, `+266696687` and the like, or nothing at all.
    Withheld,
    /// `client:name`, `sip:user@host`, a short code: kept as it came.
    Other(String),
}

impl Caller {
    /// Reads the `From` field.
    #[must_use]
    pub fn parse(from: &str) -> Self {
        const WITHHELD: [&str; 8] =
            ["anonymous", "unavailable", "restricted", "unknown", "private", "blocked", "+266696687", "266696687"];
        let text = from.trim();
        // +7378742833 spells RESTRICTED and +8656696 UNKNOWN on a keypad, as +266696687 spells ANONYMOUS.
        let keypad = ["+7378742833", "+2562533", "+8656696", "+464"];
        if text.is_empty() || keypad.contains(&text) || WITHHELD.iter().any(|w| w.eq_ignore_ascii_case(text)) {
            return Self::Withheld;
        }
        E164::parse(text).map_or_else(|_| Self::Other(text.to_owned()), Self::Number)
    }

    /// The number, if there is one.
    #[must_use]
    pub fn number(&self) -> Option<&E164> {
        match self {
            Self::Number(number) => Some(number),
            Self::Withheld | Self::Other(_) => None,
        }
    }
}

/// `+1403•••0111`: what a log or a viewer may see of a number. Enough to recognise a caller, too little to call back.
#[must_use]
pub fn mask(number: &str) -> String {
    let ends = match E164::parse(number) {
        Ok(_) if number.len() >= 11 => (5, 4),
        Ok(_) => (2, 2),
        Err(_) => (3, 0),
    };
    let length = number.chars().count();
    if length == 0 {
        return String::new();
    }
    let front = number.chars().take(ends.0.min(length));
    let back = number.chars().skip(length.saturating_sub(ends.1));
    front.chain("•••".chars()).chain(back).collect()
}

/// `d•••@example.com`: what a log or a viewer may see of a mail address.
#[must_use]
pub fn mask_address(address: &str) -> String {
    let (user, host) = address.rsplit_once('@').unwrap_or((address, ""));
    user.chars().take(1).chain("•••@".chars()).chain(host.chars()).collect()
}

/// Masks every telephone number inside a text: `+` and 7 to 15 digits, or 10 to 15 digits that stand alone.
#[must_use]
pub fn mask_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain(std::iter::once(' ')) {
        if c.is_alphanumeric() || (c == '+' && word.is_empty()) {
            word.push(c);
            continue;
        }
        shown.push_str(&mask_word(&word));
        word.clear();
        if c == '+' { word.push(c) } else { shown.push(c) }
    }
    shown.pop();
    shown
}

fn mask_word(word: &str) -> Cow<'_, str> {
    let digits = word.strip_prefix('+').unwrap_or(word);
    let least = if word.starts_with('+') { 7 } else { 10 };
    let telephone = digits.len() >= least && digits.len() <= 15 && digits.bytes().all(|b| b.is_ascii_digit());
    match telephone {
        true if word.starts_with('+') => mask(word).into(),
        true => mask(&format!("+{word}")).trim_start_matches('+').to_owned().into(),
        false => word.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_hide_the_middle() {
        assert_eq!(mask("+14035550111"), "+1403•••0111");
        assert_eq!(mask("+1234567"), "+1•••67");
        assert_eq!(mask("sip:ana@pbx.example"), "sip•••");
        assert_eq!(mask(""), "");
    }

    #[test]
    fn masked_texts_keep_everything_else() {
        assert_eq!(
            mask_text("menu main: key 1 → dial +15875550101, then 15875550102; CA0123456789 stays, 2026-11-20 too"),
            "menu main: key 1 → dial +1587•••0101, then 1587•••0102; CA0123456789 stays, 2026-11-20 too"
        );
        assert_eq!(mask_text("<Number>+15875550101</Number>"), "<Number>+1587•••0101</Number>");
        assert_eq!(mask_text("1+15875550101"), "1+1587•••0101");
        assert_eq!(mask_text(""), "");
    }

    proptest::proptest! {
        #[test]
        fn no_number_survives_a_mask(before in "[a-z >,;=]{0,9}", number in "[1-9][0-9]{9,14}", after in "[ <,;&.]{0,9}") {
            let masked = mask_text(&format!("{before} +{number}{after}"));
            proptest::prop_assert!(!masked.contains(&number) && masked.ends_with(&after));
        }
    }

    #[test]
    fn numbers_have_a_plus_and_seven_to_fifteen_digits() {
        assert_eq!(E164::parse("+15875550100").map(|n| n.to_string()), Ok("+15875550100".to_owned()));
        for bad in ["15875550100", "+0123456789", "+1 587 555 0100", "+123456", "+1234567890123456", "+1587555010a", ""]
        {
            assert!(E164::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn withheld_callers_have_many_names() {
        for name in ["anonymous", "Anonymous", "+266696687", "", "Restricted", "+7378742833"] {
            assert_eq!(Caller::parse(name), Caller::Withheld, "{name}");
        }
        assert!(matches!(Caller::parse("sip:ana@pbx.example"), Caller::Other(_)));
        assert!(Caller::parse("+15875550111").number().is_some());
    }
}
