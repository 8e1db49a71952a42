//! What is asked and answered.

use super::queries::Row;
use crate::base::{Caller, Requester, mask, rfc3339_ms};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which texts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MessageQuery {
    /// Items of a page of the list, 1 to 200; 50 when absent.
    pub(super) limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// Name of a line.
    pub(super) line: Option<String>,
    /// Who sent it, E.164.
    pub(super) from: Option<String>,
    /// Who got it, E.164.
    pub(super) to: Option<String>,
    /// `inbound` or `outbound`.
    pub(super) direction: Option<String>,
    /// `received`, `queued`, `failed` and so on.
    pub(super) state: Option<String>,
}

/// A text to be sent.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MessageWish {
    /// To whom, E.164.
    #[schema(example = "+15875550111")]
    pub(super) to: String,
    /// The words, at most 1600 characters.
    #[schema(example = "Your bread is ready.")]
    pub(super) body: String,
    /// Name of the line that sends it, by its first number; needless where there is one line.
    pub(super) line: Option<String>,
    /// A number of ours that sends it, instead of `line`.
    pub(super) from: Option<String>,
}

/// Texts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MessageList {
    /// Newest first.
    pub(super) items: Vec<MessageBody>,
    /// Where the next page of the list begins; absent at the end.
    pub(super) next_cursor: Option<String>,
}

/// What came with a text.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(super) struct Media {
    /// The carrier's name of it, `ME…`.
    sid: Option<String>,
    /// Its MIME type.
    #[serde(rename = "type")]
    kind: String,
}

/// A text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MessageBody {
    /// `msg_…`
    id: String,
    /// The carrier's name of it, once it has one.
    sid: Option<String>,
    /// Name of the line; null when no line has the number.
    line: Option<String>,
    /// `inbound` or `outbound`.
    direction: String,
    /// `received`, `reply`, `missed-call`, `api`, or `other`.
    kind: String,
    /// Masked for viewers.
    from: Option<String>,
    /// Masked for viewers.
    to: Option<String>,
    /// The words; operators only.
    body: Option<String>,
    /// What came with it; never fetched.
    media: Vec<Media>,
    /// Parts, as the carrier counts.
    segments: Option<i64>,
    /// `received`; `queued`, `sending`, `unknown`, `accepted`, `sent`, `delivered`, `undelivered`, `failed`, `read`.
    state: String,
    /// The carrier's number of what went wrong.
    error_code: Option<i64>,
    /// What went wrong.
    error: Option<String>,
    /// The text that it answers.
    in_reply_to: Option<String>,
    /// The call that was missed.
    call_sid: Option<String>,
    /// Who had it sent.
    requested_by: Option<String>,
    /// Came in, or was asked for.
    created_at: String,
    /// Last change.
    updated_at: String,
}

impl MessageBody {
    /// As `who` may see it.
    pub(super) fn of(row: Row, who: &Requester) -> Self {
        let number = |number: Option<String>| {
            let number = number.filter(|number| Caller::parse(number) != Caller::Withheld)?;
            Some(if who.sees_all { number } else { mask(&number) })
        };
        Self {
            from: number(row.from_number),
            to: number(row.to_number),
            body: row.body.filter(|_| who.sees_all),
            // Written by us, as a list of these.
            media: serde_json::from_str(&row.media).unwrap_or_default(),
            id: row.id,
            sid: row.message_sid,
            line: row.line,
            direction: row.direction,
            kind: row.kind,
            segments: row.segments,
            state: row.state,
            error_code: row.error_code,
            error: row.error,
            in_reply_to: row.in_reply_to,
            call_sid: row.call_sid,
            requested_by: row.requested_by,
            created_at: rfc3339_ms(row.created_at),
            updated_at: rfc3339_ms(row.updated_at),
        }
    }
}
