//! Calls as clients see them; field names are those of `call` in the event catalogue.

use super::hold::LegalHoldBody;
use super::shown::{number, sees_all, text};
use super::timeline::TimelineEntry;
use crate::base::rfc3339_ms;
use crate::ledger::read::CallRow;
use crate::ops::access::Operator;
use serde::Serialize;
use utoipa::ToSchema;

/// A call.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct CallBody {
    /// The carrier's name of the call.
    sid: String,
    /// Of a child leg: the call that dialled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_sid: Option<String>,
    /// Name of the line.
    line: Option<String>,
    /// `inbound`, `outbound-api` or `outbound-dial`.
    direction: Option<String>,
    /// E.164, or another address; null when withheld. Masked for viewers.
    from: Option<String>,
    /// E.164, or another address. Masked for viewers.
    to: Option<String>,
    /// Twilio's CallStatus.
    state: String,
    /// First heard of, RFC 3339.
    started_at: String,
    /// A person, an agent or the mailbox was reached.
    answered_at: Option<String>,
    /// First final state.
    ended_at: Option<String>,
    /// Seconds, as the carrier counts.
    duration_s: Option<i64>,
    /// The best that was reached: abandoned, rejected, voicemail, answered, emergency.
    outcome: Option<String>,
    /// Why it ended, in a few words.
    reason: Option<String>,
    /// CNAM; operators only.
    caller_name: Option<String>,
    /// What the network says of the caller's number: a signal, not a verdict.
    verstat: Option<String>,
    /// Last webhook.
    updated_at: String,
}

impl CallBody {
    /// A row, as `who` may see it.
    pub(in crate::ops) fn of(row: CallRow, who: &Operator) -> Self {
        Self {
            from: number(row.from_number.as_deref(), who),
            to: number(row.to_number.as_deref(), who),
            reason: row.reason.as_deref().map(|reason| text(reason, who)),
            caller_name: row.caller_name.filter(|_| sees_all(who)),
            sid: row.call_sid,
            parent_sid: row.parent_call_sid,
            line: row.line,
            direction: row.direction,
            state: row.state,
            started_at: rfc3339_ms(row.started_at),
            answered_at: row.answered_at.map(rfc3339_ms),
            ended_at: row.ended_at.map(rfc3339_ms),
            duration_s: row.duration_s,
            outcome: row.outcome,
            verstat: row.verstat,
            updated_at: rfc3339_ms(row.updated_at),
        }
    }
}

/// A call and all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct CallDetail {
    #[serde(flatten)]
    pub(in crate::ops) call: CallBody,
    /// Why it ended so, in one sentence.
    pub(in crate::ops) why: String,
    /// Webhooks, consents and messages, oldest first.
    pub(in crate::ops) timeline: Vec<TimelineEntry>,
    /// Why nobody removes it; null when it is not on legal hold.
    pub(in crate::ops) legal_hold: Option<LegalHoldBody>,
}

/// One page of calls.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct CallList {
    /// Newest first.
    pub(in crate::ops) items: Vec<CallBody>,
    /// Pass it as `cursor` for the next page; null on the last one.
    pub(in crate::ops) next_cursor: Option<String>,
}

/// What went through a live stream that this process holds; at most a second old.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamCounters {
    /// 20 ms frames from the caller.
    pub frames_in: u64,
    /// 20 ms frames to the caller.
    pub frames_out: u64,
    /// Of those, how many left too late to be heard in time.
    pub late_frames: u64,
    /// Times the caller cut what was being said.
    pub barge_ins: u64,
    /// Turns of the caller.
    pub turns: u64,
    /// Milliseconds of ours that the caller heard, as the carrier's marks prove.
    pub heard_ms: u64,
    /// Milliseconds of ours that wait to be sent.
    pub queued_ms: u64,
    /// Something of ours is being heard.
    pub playing: bool,
    /// The caller speaks.
    pub speaking: bool,
}

/// A live call.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct Session {
    /// The carrier's name of the call.
    call_sid: String,
    /// Name of the line.
    line: Option<String>,
    /// Masked for viewers; null when withheld.
    from: Option<String>,
    /// Masked for viewers.
    to: Option<String>,
    /// Twilio's CallStatus.
    state: String,
    /// When the call began.
    since: String,
    /// Of its live stream; null without one, and for streams that another instance holds.
    stream: Option<StreamCounters>,
}

impl Session {
    /// A row, as `who` may see it.
    pub(in crate::ops) fn of(row: CallRow, who: &Operator) -> Self {
        Self {
            from: number(row.from_number.as_deref(), who),
            to: number(row.to_number.as_deref(), who),
            call_sid: row.call_sid,
            line: row.line,
            state: row.state,
            since: rfc3339_ms(row.started_at),
            stream: None,
        }
    }

    /// With its live stream.
    pub(in crate::ops) fn with(self, stream: Option<StreamCounters>) -> Self {
        Self { stream, ..self }
    }
}

/// Live calls over all instances.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct SessionList {
    /// How many.
    pub(in crate::ops) count: usize,
    /// Newest first.
    pub(in crate::ops) sessions: Vec<Session>,
}
