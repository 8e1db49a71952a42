//! Recordings as clients see them.

use super::shown::sees_all;
use crate::base::rfc3339_ms;
use crate::ledger::recordings::RecordingRow;
use crate::ops::access::Operator;
use serde::Serialize;
use utoipa::ToSchema;

/// A recording, also one that is not copied yet.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct RecordingBody {
    /// `RE…`
    sid: String,
    /// The call it was made in.
    call_sid: String,
    /// Name of the line.
    line: Option<String>,
    /// voicemail (one message) or dial (a conversation).
    kind: String,
    /// `vm_…` of a message.
    voicemail_id: Option<String>,
    /// expected, fetching, stored, absent, failed or deleted.
    state: String,
    /// own (copied and checksummed) or carrier; null when there is no audio.
    storage: Option<&'static str>,
    /// Seconds.
    duration_s: Option<i64>,
    /// 1 or 2.
    channels: Option<i64>,
    /// Length of our copy.
    bytes: Option<i64>,
    /// Digest of our copy, in hex.
    sha256: Option<String>,
    /// kept or deleted.
    carrier_copy: &'static str,
    /// Times that a copy was begun.
    attempts: i64,
    /// Why the last try failed.
    problem: Option<String>,
    /// Why and since when neither retention nor anybody may remove it; null when it is not on hold.
    hold: Option<HoldBody>,
    /// What an operator last said of it while it ran: recording, paused, stopped; null when nobody did.
    capture: Option<String>,
    /// The caller took consent back then, after it had begun.
    revoked_at: Option<String>,
    /// First heard of.
    found_at: String,
    /// Our copy was durable.
    stored_at: Option<String>,
    /// It turned out absent or failed, or was removed.
    settled_at: Option<String>,
    /// Where to play it.
    audio_url: Option<String>,
}

/// A legal hold.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct HoldBody {
    /// In the words of who put it on hold.
    reason: String,
    /// Who.
    by: String,
    /// When.
    since: Option<String>,
}

impl RecordingBody {
    /// A row, as `who` may see it.
    pub(in crate::ops) fn of(row: RecordingRow, who: &Operator) -> Self {
        let ours = row.state == "stored";
        let audible = ours || (row.carrier_deleted_at.is_none() && matches!(row.state.as_str(), "fetching" | "failed"));
        let hold = row.legal_hold.then(|| HoldBody {
            reason: row.hold_reason.unwrap_or_default(),
            by: row.hold_by.unwrap_or_default(),
            since: row.hold_at.map(rfc3339_ms),
        });
        Self {
            audio_url: (audible && sees_all(who)).then(|| format!("/api/recordings/{}/audio", row.recording_sid)),
            storage: audible.then_some(if ours { "own" } else { "carrier" }),
            carrier_copy: if row.carrier_deleted_at.is_some() { "deleted" } else { "kept" },
            sid: row.recording_sid,
            call_sid: row.call_sid,
            line: row.line,
            kind: row.kind,
            voicemail_id: row.voicemail_id,
            state: row.state,
            duration_s: row.duration_s,
            channels: row.channels,
            bytes: row.bytes,
            sha256: row.sha256,
            attempts: row.attempts,
            problem: row.problem,
            hold: hold.filter(|_| sees_all(who)),
            capture: row.capture,
            revoked_at: row.revoked_at.map(rfc3339_ms),
            found_at: rfc3339_ms(row.found_at),
            stored_at: row.stored_at.map(rfc3339_ms),
            settled_at: row.settled_at.map(rfc3339_ms),
        }
    }
}

/// One page of recordings.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct RecordingList {
    /// Newest first.
    pub(in crate::ops) items: Vec<RecordingBody>,
    /// Pass it as `cursor` for the next page; null on the last one.
    pub(in crate::ops) next_cursor: Option<String>,
}
