//! Reading answers with patience: numbers come as text, dates in two forms, and a value we do not understand is as
//! good as one that is missing.

use crate::base::{Secret, Time};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Text, or nothing; a number is as good as its text.
pub(in crate::carrier) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// Durations and counts are texts at the carrier, sometimes numbers. `-1` means "not known yet".
pub(in crate::carrier) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let number = text(deserializer)?.and_then(|text| text.trim().parse().ok());
    Ok(number.filter(|number| *number >= 0))
}

/// `true`, `"true"`; everything else is false.
pub(in crate::carrier) fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(value) => value,
        Value::String(word) => word.eq_ignore_ascii_case("true"),
        _ => false,
    })
}

/// RFC 2822 in the old API, ISO 8601 in the new ones.
pub(in crate::carrier) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let read = |text: String| {
        let at = DateTime::parse_from_rfc2822(&text).or_else(|_| DateTime::parse_from_rfc3339(&text));
        Some(at.ok()?.with_timezone(&Utc))
    };
    Ok(text(deserializer)?.and_then(read))
}

/// A token, from the first moment in a type that cannot be printed.
pub(in crate::carrier) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(text(deserializer)?.filter(|text| !text.is_empty()).map(Secret::new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Seen {
        #[serde(default, deserialize_with = "number")]
        duration: Option<i64>,
        #[serde(default, deserialize_with = "time")]
        at: Option<Time>,
    }

    fn seen(json: &str) -> Seen {
        serde_json::from_str(json).expect("it reads")
    }

    #[test]
    fn numbers_and_dates_come_in_many_forms() {
        assert_eq!(seen(r#"{"duration":"13"}"#).duration, Some(13));
        assert_eq!(seen(r#"{"duration":13}"#).duration, Some(13));
        for none in
            [r#"{}"#, r#"{"duration":null}"#, r#"{"duration":"-1"}"#, r#"{"duration":{}}"#, r#"{"duration":""}"#]
        {
            assert_eq!(seen(none).duration, None, "{none}");
        }
        let old = seen(r#"{"at":"Thu, 01 Jan 1970 00:00:05 +0000"}"#).at;
        assert!(old.is_some());
        assert_eq!(old, seen(r#"{"at":"1970-01-01T00:00:05Z"}"#).at);
        assert_eq!(seen(r#"{"at":"yesterday"}"#).at, None);
    }
}
