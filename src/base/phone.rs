//! Telephone numbers, callers who withhold theirs, and masks for logs.

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

/// `+1587555••••`: what a log may show of a number. Other texts keep their first three characters.
#[must_use]
pub fn mask(number: &str) -> String {
    let keep = if number.starts_with('+') { number.chars().count().saturating_sub(4) } else { 3 };
    number.chars().enumerate().map(|(place, c)| if place < keep { c } else { '•' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn masks_hide_the_last_four() {
        assert_eq!(mask("+15875550100"), "+1587555••••");
        assert_eq!(mask("sip:ana"), "sip••••");
        assert_eq!(mask(""), "");
    }
}
