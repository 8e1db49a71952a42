//! Names and values as the carrier's forms and queries want them (PROTOCOL.md 7.1).

use crate::base::Time;
use chrono::SecondsFormat;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Names and values, in the order of the fields.
pub(in crate::carrier) type Pairs = Vec<(String, String)>;

/// A struct's fields as pairs: what is `None` is left out, a list repeats its name, booleans are words.
pub(in crate::carrier) fn pairs(fields: &impl Serialize) -> Pairs {
    let Ok(Value::Object(fields)) = serde_json::to_value(fields) else { return Pairs::new() };
    let spread = |(name, value): (String, Value)| match value {
        Value::Array(values) => values.into_iter().map(|value| (name.clone(), value)).collect(),
        value => vec![(name, value)],
    };
    fields.into_iter().flat_map(spread).filter_map(|(name, value)| Some((name, word(value)?))).collect()
}

fn word(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Filters by time want whole seconds.
pub(in crate::carrier) fn instant<S: Serializer>(at: &Option<Time>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carrier::{CallFilter, CallSetup, CallStatusEvent, NumberSettings};

    #[test]
    fn absent_fields_are_left_out_and_empty_ones_clear() {
        let settings = NumberSettings {
            voice_url: Some("https://a.example/v".to_owned()),
            sms_url: Some(String::new()),
            ..NumberSettings::default()
        };
        let mut seen = pairs(&settings);
        seen.sort();
        assert_eq!(
            seen,
            [("SmsUrl".to_owned(), String::new()), ("VoiceUrl".to_owned(), "https://a.example/v".to_owned())]
        );
    }

    #[test]
    fn lists_repeat_their_name_and_booleans_are_words() {
        let events = vec![CallStatusEvent::Ringing, CallStatusEvent::Answered];
        let setup = CallSetup {
            status_callback_event: events,
            record: Some(true),
            time_limit: Some(60),
            ..CallSetup::default()
        };
        let mut seen = pairs(&setup);
        seen.sort();
        let wanted = [
            ("Record", "true"),
            ("StatusCallbackEvent", "answered"),
            ("StatusCallbackEvent", "ringing"),
            ("TimeLimit", "60"),
        ];
        assert_eq!(seen, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_date_filter_has_its_operator_in_the_name() {
        let filter = CallFilter { started_after: Some(Time::UNIX_EPOCH), ..CallFilter::default() };
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs(&filter)).finish();
        assert_eq!(query, "StartTime%3E=1970-01-01T00%3A00%3A00Z");
    }
}
