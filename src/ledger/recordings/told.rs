//! What others are told of a recording. Each event once: its id follows from the recording.

use super::row::RecordingRow;
use crate::base::{Time, derived_id};
use serde_json::{Value, json};

/// A row of `events`.
pub(super) struct Event {
    pub id: String,
    pub kind: &'static str,
    pub line: Option<String>,
    pub subject: String,
    pub payload: String,
    pub at: Time,
}

impl Event {
    /// `recording.stored`.
    pub(super) fn stored(row: &RecordingRow, carrier_copy: &str, at: Time) -> Self {
        let recording = json!({
            "sid": row.recording_sid,
            "call_sid": row.call_sid,
            "duration_s": row.duration_s,
            "bytes": row.bytes,
            "sha256": row.sha256,
        });
        let data = json!({ "recording": recording, "carrier_copy": carrier_copy });
        Self::about(row, "recording.stored", &data, at)
    }

    /// `recording.failed`.
    pub(super) fn failed(row: &RecordingRow, reason: &str, at: Time) -> Self {
        let recording = json!({ "sid": row.recording_sid, "call_sid": row.call_sid });
        let data = json!({ "recording": recording, "reason": reason, "attempts": row.attempts });
        Self::about(row, "recording.failed", &data, at)
    }

    fn about(row: &RecordingRow, kind: &'static str, data: &Value, at: Time) -> Self {
        let of_message = || Some(format!("voicemails/{}", row.voicemail_id.as_ref()?));
        Self {
            id: derived_id("evt", &[kind, &row.recording_sid]),
            kind,
            line: row.line.clone(),
            subject: of_message().unwrap_or_else(|| format!("calls/{}", row.call_sid)),
            payload: data.to_string(),
            at,
        }
    }
}

/// Writes an event once, whatever engine `$tx` belongs to.
macro_rules! tell {
    ($tx:ident, $event:expr) => {{
        let event = $event;
        sqlx::query(
            "insert into events (id, type, line, subject, payload, at) values ($1, $2, $3, $4, $5, $6) \
             on conflict (id) do nothing",
        )
        .bind(&event.id)
        .bind(event.kind)
        .bind(&event.line)
        .bind(&event.subject)
        .bind(&event.payload)
        .bind(event.at)
        .execute(&mut *$tx)
        .await?;
    }};
}
pub(super) use tell;
