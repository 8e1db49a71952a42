//! Names that people give, zones of time and of paging, and the keys of a telephone.

use crate::config::mistake::{Wrong, nearest};
use chrono_tz::{TZ_VARIANTS, Tz};

/// Longest name of a line, a menu or a mailbox.
const LONGEST_NAME: usize = 40;

/// `[a-z0-9-]`, and `also`, 1 to 40 characters.
pub(super) fn short_name(text: &str, also: char) -> Result<String, Wrong> {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == also;
    if (1..=LONGEST_NAME).contains(&text.len()) && text.chars().all(sound) {
        return Ok(text.to_owned());
    }
    let signs = if also == '-' { " and -" } else { ", - and _" };
    Err(Wrong::new(
        format!("`{text}` is not a name"),
        format!("write 1 to {LONGEST_NAME} characters: small letters, digits{signs}"),
    ))
}

pub(super) fn menu_name(text: &str) -> Result<String, Wrong> {
    short_name(text, '_')
}

/// A key of a telephone.
pub(super) fn key(text: &str) -> Option<char> {
    let mut chars = text.chars();
    let key = chars.next().filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))?;
    chars.next().is_none().then_some(key)
}

/// `700` to `799`.
pub(in crate::config::file) fn extension(text: &str) -> Result<String, Wrong> {
    if text.len() == 3 && text.starts_with('7') && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(format!("`{text}` is not a zone"), "write 701 to 799, or 700 for all zones"))
}

/// An IANA name.
pub(super) fn timezone(text: &str) -> Result<Tz, Wrong> {
    text.parse().map_err(|_| {
        let near = nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name()));
        let mend = near.map_or_else(
            || "write an IANA name, like \"America/Edmonton\"".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Wrong::new(format!("there is no time zone `{text}`"), mend)
    })
}

/// The shape of BCP 47: a language of two or three letters, then parts of two to eight letters and digits.
pub(super) fn language(text: &str) -> Result<String, Wrong> {
    let mut parts = text.split('-');
    let language =
        parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic()));
    let sound = |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if language && parts.all(sound) {
        return Ok(text.to_owned());
    }
    let mend = if text.contains('_') { text.replace('_', "-") } else { "en-US".to_owned() };
    Err(Wrong::new(format!("`{text}` is not a language tag"), format!("write it like \"{mend}\"")))
}

/// A voice of the carrier's.
pub(super) fn voice(text: &str) -> Result<String, Wrong> {
    let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if (1..=100).contains(&text.len()) && text.bytes().all(sound) {
        Ok(text.to_owned())
    } else {
        Err(Wrong::new(format!("`{text}` is not a voice"), "write one of the carrier's, like \"Polly.Joanna\""))
    }
}
