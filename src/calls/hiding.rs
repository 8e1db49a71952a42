//! Numbers that callers say and that must not be kept.

use crate::base::{E164, Hide};
use crate::config::line::Line;
use crate::words::masked;
use std::borrow::Cow;

/// The language in which cards are looked for, by the line's rule.
pub(super) fn hides_cards(line: Option<&Line>) -> Option<&str> {
    let Some(line) = line else { return Some("en") };
    (line.speech.hide != Hide::Off).then_some(line.language.as_str())
}

/// `said` as it may be stored, logged and sent, by the line's rule.
pub(super) fn hidden<'t>(line: Option<&Line>, said: &'t str) -> Cow<'t, str> {
    let Some(line) = line else { return masked(said, "en", Hide::Cards, &[]) };
    let own: Vec<&str> = line.numbers.iter().map(E164::as_str).collect();
    masked(said, &line.language, line.speech.hide, &own)
}
