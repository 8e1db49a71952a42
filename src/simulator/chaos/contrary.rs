//! Carriers contradict themselves: busy after completed, in progress after the end.

use crate::simulator::http::Fields;

/// The fields of a report that says the opposite of this final one; `None` for one that is not final, because then the
/// house could not know which to believe.
pub(in crate::simulator) fn contrary(fields: &Fields) -> Option<Fields> {
    let value = |name: &str| fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let (name, other) = if let Some(status) = value("RecordingStatus") {
        ("RecordingStatus", if status == "completed" { Some("absent") } else { None })
    } else {
        let other = match value("CallStatus")? {
            "completed" => Some("busy"),
            "busy" => Some("in-progress"),
            "no-answer" | "failed" | "canceled" => Some("ringing"),
            _ => None,
        };
        ("CallStatus", other)
    };
    let other = other?;
    let change = |(known, value): &(&'static str, String)| match *known {
        known if known == name => (known, other.to_owned()),
        "SequenceNumber" => ("SequenceNumber", value.parse().map_or(1, |number: u64| number + 1).to_string()),
        known => (known, value.clone()),
    };
    Some(fields.iter().map(change).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_final_is_contradicted() {
        let fields = |name, value: &str| vec![(name, value.to_owned()), ("SequenceNumber", "0".to_owned())];
        let said = |name, value| contrary(&fields(name, value)).map(|fields| fields[0].1.clone());
        assert_eq!(said("CallStatus", "completed").as_deref(), Some("busy"));
        assert_eq!(said("CallStatus", "busy").as_deref(), Some("in-progress"));
        assert_eq!(said("RecordingStatus", "completed").as_deref(), Some("absent"));
        assert_eq!((said("CallStatus", "ringing"), said("RecordingStatus", "in-progress")), (None, None));
        assert_eq!(said("TranscriptionEvent", "x"), None);
        assert_eq!(contrary(&fields("CallStatus", "busy")).unwrap()[1].1, "1");
    }
}
