//! Patterns of callers, as the file writes them.

use super::reader::Value;
use super::target;
use crate::config::callers::Pattern;
use crate::config::mistake::Wrong;

/// Whole numbers, beginnings of numbers, names of clients and of telephones.
pub(super) fn patterns(value: &Value<'_>) -> Vec<Pattern> {
    value.list().iter().filter_map(|value| value.parsed("[\"+15875550111\", \"+1587555*\"]", pattern)).collect()
}

pub(super) fn pattern(text: &str) -> Result<Pattern, Wrong> {
    if let Some(prefix) = text.strip_suffix('*') {
        let digits = prefix.strip_prefix('+').filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
        return digits.map(|_| Pattern::Prefix(prefix.to_owned())).ok_or_else(|| {
            Wrong::new(format!("`{text}` is no beginning of a number"), "write + and digits: \"+1587555*\"")
        });
    }
    if text.starts_with("sip:") || text.starts_with("client:") {
        return Ok(Pattern::Caller(text.to_owned()));
    }
    target::number(text).map(|number| Pattern::Caller(number.to_string()))
}
