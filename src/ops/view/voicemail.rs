//! Messages as clients see them; field names are those of `voicemail` in the event catalogue.

use super::hold::LegalHoldBody;
use super::shown::{address, number, sees_all};
use crate::base::{Time, rfc3339_ms};
use crate::ledger::holds::HoldRow;
use crate::ledger::inbox::VoicemailRow;
use crate::ledger::mails::MailRow;
use crate::ops::access::Operator;
use serde::Serialize;
use utoipa::ToSchema;

/// A message, also one that is only expected.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct VoicemailBody {
    /// `vm_…`
    id: String,
    /// Name of the line.
    line: String,
    /// Name of the box.
    mailbox: String,
    /// The call that left it.
    call_sid: String,
    /// The carrier's name of the audio.
    recording_sid: Option<String>,
    /// Masked for viewers; null when withheld.
    from: Option<String>,
    /// Seconds.
    duration_s: Option<i64>,
    /// expected, recorded, ready, absent or failed.
    state: String,
    /// The caller's words; operators only.
    transcript: Option<String>,
    /// wanted, completed, failed or removed (its time was over); null when none is wanted.
    transcript_state: Option<String>,
    /// When the caller was asked to speak.
    expected_at: String,
    /// When it was settled: ready, absent or failed.
    received_at: Option<String>,
    /// First played or marked.
    read_at: Option<String>,
    /// Moved to the trash.
    deleted_at: Option<String>,
    /// Hours since it came in.
    hours_old: f64,
    /// own (copied and checksummed) or carrier; null when there is no audio.
    storage: Option<&'static str>,
    /// Digest of our copy, in hex.
    sha256: Option<String>,
    /// Where to play it, once there is something to play.
    audio_url: Option<String>,
    /// Who gets it by mail, and how far that has come; only where one message is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    mails: Option<Vec<MailBody>>,
    /// Why nobody removes it, nor the call that left it; only where one message is asked for, and while it is on legal hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    legal_hold: Option<LegalHoldBody>,
}

/// A mail about a message.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct MailBody {
    /// Masked for viewers.
    to: String,
    /// voicemail (the message) or transcript (its words).
    kind: String,
    /// waiting, sent, included (the words went with the message), refused, expired or dropped.
    state: String,
    /// When it was settled; while it waits, when it is tried next.
    at: String,
    /// Times that the mail server was asked.
    attempts: i64,
    /// Why it still waits, or will not go.
    problem: Option<String>,
}

impl VoicemailBody {
    /// A row, as `who` may see it.
    pub(in crate::ops) fn of(row: VoicemailRow, who: &Operator, now: Time) -> Self {
        let audible = row.recording_sid.is_some() && matches!(row.state.as_str(), "recorded" | "ready");
        Self {
            hours_old: row.hours_old(now),
            from: number(row.from_number.as_deref(), who),
            storage: audible.then_some(if row.sha256.is_some() { "own" } else { "carrier" }),
            sha256: row.sha256,
            audio_url: (audible && sees_all(who)).then(|| format!("/api/voicemails/{}/audio", row.id)),
            transcript: row.transcript.filter(|_| sees_all(who)),
            transcript_state: row.transcript_state,
            mails: None,
            legal_hold: None,
            id: row.id,
            line: row.line,
            mailbox: row.mailbox,
            call_sid: row.call_sid,
            recording_sid: row.recording_sid,
            duration_s: row.duration_s,
            state: row.state,
            expected_at: rfc3339_ms(row.expected_at),
            received_at: row.received_at.map(rfc3339_ms),
            read_at: row.read_at.map(rfc3339_ms),
            deleted_at: row.deleted_at.map(rfc3339_ms),
        }
    }
}

impl VoicemailBody {
    /// The same with its mails, and with the hold that keeps it.
    pub(in crate::ops) fn whole(self, mails: Vec<MailRow>, hold: Option<HoldRow>, who: &Operator) -> Self {
        let body = |row: MailRow| MailBody {
            to: address(&row.recipient, who),
            kind: row.kind,
            state: row.state,
            at: rfc3339_ms(row.settled_at.unwrap_or(row.next_at)),
            attempts: row.attempts,
            problem: row.problem,
        };
        let legal_hold = hold.filter(|_| sees_all(who)).map(LegalHoldBody::of);
        Self { mails: Some(mails.into_iter().map(body).collect()), legal_hold, ..self }
    }
}

/// One page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct VoicemailList {
    /// Newest first.
    pub(in crate::ops) items: Vec<VoicemailBody>,
    /// Pass it as `cursor` for the next page; null on the last one.
    pub(in crate::ops) next_cursor: Option<String>,
}
