//! Numbers that callers say and that must not be kept.

use crate::base::{E164, Hide};
use crate::config::line::Line;
use crate::words::masked;
use std::borrow::Cow;

/// `said` as it may be stored, logged and sent, by the line's rule.
pub(super) fn hidden<'t>(line: Option<&Line>, said: &'t str) -> Cow<'t, str> {
    let Some(line) = line else { return masked(said, "en", Hide::Cards, &[]) };
    let own: Vec<&str> = line.numbers.iter().map(E164::as_str).collect();
    masked(said, &line.language, line.speech.hide, &own)
}
