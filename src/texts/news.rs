//! What others are told of a text that we sent.

use super::queries::Row;
use crate::base::Time;
use crate::ledger::{TextObject, TextState, Told};
use serde_json::json;

/// `message.sent`: the carrier has it. Told once, also where the carrier's report comes first.
pub(super) fn sent(row: &Row, sid: &str, state: TextState, at: Time) -> Told {
    told("message.sent", &object(row, Some(sid), state), at, None)
}

/// `message.failed`: it will not arrive.
pub(super) fn failed(row: &Row, code: Option<i64>, at: Time) -> Told {
    told("message.failed", &object(row, row.message_sid.as_deref(), TextState::Failed), at, Some(code))
}

fn object<'r>(row: &'r Row, sid: Option<&'r str>, state: TextState) -> TextObject<'r> {
    TextObject {
        id: &row.id,
        sid,
        line: row.line.as_deref(),
        direction: "outbound",
        from: row.from_number.as_deref(),
        to: row.to_number.as_deref(),
        state: state.as_str(),
    }
}

fn told(kind: &'static str, message: &TextObject<'_>, at: Time, code: Option<Option<i64>>) -> Told {
    let mut data = json!({ "message": message });
    if let (Some(code), Some(fields)) = (code, data.as_object_mut()) {
        fields.insert("error_code".to_owned(), json!(code));
    }
    let event = message.event(kind, data);
    Told { id: event.id.unwrap_or_default(), kind, line: event.line, subject: event.subject, data: event.data, at }
}
