//! What a webhook says of a text.

use crate::base::Time;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Why there is such a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextKind {
    /// Somebody sent it to us.
    Received,
    /// The line's reply.
    Reply,
    /// To a caller who reached nobody.
    MissedCall,
    /// An operator wrote it.
    Api,
    /// The carrier reports one of which nothing else is known.
    Other,
}

impl TextKind {
    /// The word in tables and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Reply => "reply",
            Self::MissedCall => "missed-call",
            Self::Api => "api",
            Self::Other => "other",
        }
    }

    /// `inbound` or `outbound`.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Received => "inbound",
            Self::Reply | Self::MissedCall | Self::Api | Self::Other => "outbound",
        }
    }
}

/// How far a text has come. Like a call's state it only moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextState {
    /// It came in.
    Received,
    /// It waits here to be sent.
    Queued,
    /// The carrier is being asked to send it.
    Sending,
    /// The carrier was asked, and nobody knows whether it took it.
    Unknown,
    /// The carrier has it.
    Accepted,
    /// It left the carrier.
    Sent,
    /// It arrived.
    Delivered,
    /// It did not arrive.
    Undelivered,
    /// It could not be sent.
    Failed,
    /// It was read.
    Read,
}

impl TextState {
    /// The word in tables and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Read => "read",
        }
    }

    /// Rung of the ladder. Ends share one: the first that is told stays, unless it was read.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Queued => 0,
            Self::Sending => 1,
            Self::Unknown => 2,
            Self::Accepted => 3,
            Self::Sent => 4,
            Self::Received | Self::Delivered | Self::Undelivered | Self::Failed => 5,
            Self::Read => 6,
        }
    }

    /// It is over, and not well.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Undelivered | Self::Failed)
    }
}

/// A row of `messages` or a change to one: upserted by id, absent fields keep what is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextChange {
    /// `msg_…`
    pub id: String,
    /// Why there is such a text.
    pub kind: TextKind,
    /// How far it has come.
    pub state: TextState,
    /// `SM…` or `MM…`.
    pub sid: Option<String>,
    /// `AC…`.
    pub account_sid: Option<String>,
    /// Name of the line.
    pub line: Option<String>,
    /// As the carrier sent it.
    pub from: Option<String>,
    /// As the carrier sent it.
    pub to: Option<String>,
    /// The words, without what must not be kept.
    pub body: Option<String>,
    /// JSON list of what came with it.
    pub media: Option<String>,
    /// How much came with it.
    pub media_count: i64,
    /// Parts that the carrier counts.
    pub segments: Option<i64>,
    /// The carrier's number of what went wrong.
    pub error_code: Option<i64>,
    /// The text that it answers, `msg_…`.
    pub in_reply_to: Option<String>,
    /// The call that was missed.
    #[serde(default)]
    pub call_sid: Option<String>,
    /// Of one that waits here: when it is to be sent.
    #[serde(default)]
    pub due_at: Option<Time>,
}

impl TextChange {
    /// A change that says how far a text has come, and nothing else yet.
    #[must_use]
    pub const fn new(id: String, kind: TextKind, state: TextState) -> Self {
        Self {
            id,
            kind,
            state,
            sid: None,
            account_sid: None,
            line: None,
            from: None,
            to: None,
            body: None,
            media: None,
            media_count: 0,
            segments: None,
            error_code: None,
            in_reply_to: None,
            call_sid: None,
            due_at: None,
        }
    }
}

/// Somebody wants no texts from a number of ours, or wants them again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptOut {
    /// Ours.
    pub number: String,
    /// His.
    pub peer: String,
    /// `false`: he takes it back.
    pub out: bool,
    /// What he wrote, or the carrier's number of the refusal that told us.
    pub word: String,
}

/// How often something may be: once, and again after so many microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The bucket: whoever shares the key shares the quota.
    pub key: String,
    /// At least 1.
    pub every_us: i64,
}

/// What is answered to a text if its sender has had no reply for a while. Where nobody can be asked whether he has, he gets
/// none: two machines that answer each other would never end. So it is not kept in a spool either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextReply {
    /// Who gets one, and how often.
    pub quota: Quota,
    /// The answer.
    pub answer: Bytes,
    /// The reply as a row of its own.
    pub text: TextChange,
    /// What is added to the decision.
    pub decision: String,
}
