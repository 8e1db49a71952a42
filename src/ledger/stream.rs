//! Live streams: the claim of their token before they open, and how they ended.

use super::from_row::from_row;
use super::unit::{CallChange, CallFact, Facts, Key, OutboxEvent, Unit, Webhook};
use crate::base::{CallSid, Outcome, Time, derived_id};
use crate::db::{Db, DbError, both};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Timeline rows of a socket that opened.
const OPENED: &str = "socket";
/// Timeline rows of a stream that ended.
const ENDED: &str = "talk";

/// How a live stream ended, and where its caller goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamEnd {
    /// What comes next.
    pub next: StreamNext,
    /// Why, in a few words.
    pub reason: String,
    /// Said to the caller before that: an agent's announcement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub say: Option<String>,
}

impl StreamEnd {
    /// An end as a carrier brings it back that was told it: JSON.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Where the caller of a stream goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamNext {
    /// Where the line leads behind a conversation.
    Line,
    /// Where it leads when the conversation is not to be had.
    Failed,
    /// To the mailbox.
    Voicemail,
    /// To a person.
    Transfer {
        /// Name of a target of the line's agent.
        to: String,
    },
    /// Where emergency words lead.
    Emergency {
        /// What was said.
        said: String,
    },
    /// Nowhere: the call is over.
    Hangup,
    /// Where the menu leads that offered to page, and the words why nobody was paged.
    NotPaged {
        /// What people call the zone.
        zone: String,
        /// In the word of a page's row: `taken`, `closed`, `disabled`, `not_allowed` and the like.
        why: String,
    },
    /// The carrier took its leave, as it does of callers who hang up. If the call is still there, into the same
    /// conversation once more.
    Closed,
    /// Into the same conversation once more: its socket broke, or its instance stops.
    Again,
}

/// Whose stream it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamOf {
    /// The call.
    pub call: CallSid,
    /// Step of the call whose answer opened it.
    pub step: u32,
    /// Name of the line.
    pub line: String,
}

impl Unit {
    /// The claim of a stream's token: whoever stores it first has the stream, on whatever instance.
    #[must_use]
    pub fn stream_opened(of: &StreamOf, key: Key, at: Time) -> Self {
        stream(of, (key, at), (OPENED, "the stream's socket opened"), "{}".to_owned())
    }

    /// The end of a stream; `summary` is a JSON object of what went through it. `answered`: the caller talked with an agent
    /// that can answer.
    #[must_use]
    pub fn stream_ended(
        of: &StreamOf,
        key: Key,
        (at, end): (Time, &StreamEnd),
        (summary, answered): (&Value, bool),
    ) -> Self {
        let input = json!({ "end": end, "stream": summary });
        let mut unit = stream(of, (key, at), (ENDED, &end.reason), input.to_string());
        if answered {
            unit.facts.event(by_agent(of));
            if let Some(call) = &mut unit.call {
                (call.outcome, call.reason) = (Some(Outcome::Answered), Some("talked with the agent".to_owned()));
            }
        }
        unit
    }
}

fn stream(of: &StreamOf, (key, at): (Key, Time), (kind, decision): (&'static str, &str), input: String) -> Unit {
    Unit {
        key,
        at,
        call: Some(CallChange {
            sid: of.call.clone(),
            fact: CallFact { line: Some(of.line.clone()), ..CallFact::default() },
            state: None,
            outcome: None,
            reason: None,
            duration_s: None,
        }),
        parent: None,
        webhook: Webhook { kind, step: i64::from(of.step), input, decision: decision.to_owned(), ..Webhook::default() },
        facts: Facts::default(),
        answer: Bytes::new(),
        limits: Vec::new(),
        busy: None,
    }
}

/// Once a call and line, however often its socket breaks.
fn by_agent(of: &StreamOf) -> OutboxEvent {
    OutboxEvent {
        id: Some(derived_id("evt", &["call.answered", of.call.as_str(), "agent", &of.line])),
        kind: "call.answered",
        line: Some(of.line.clone()),
        subject: format!("calls/{}", of.call),
        data: json!({ "answered_by": { "kind": "agent", "id": of.line, "number": "" } }),
    }
}

struct Row {
    input: String,
}

from_row!(Row { input });

/// How the stream ended that this step of the call opened, whichever instance had it.
///
/// # Errors
/// [`DbError`].
pub async fn stream_end(db: &Db, call: &CallSid, step: u32) -> Result<Option<StreamEnd>, DbError> {
    const SQL: &str = "select e.input from call_events e join calls c on c.id = e.call_id \
        where c.call_sid = $1 and e.kind = $2 and e.step = $3 order by e.id limit 1";
    let row = both!(db, |p| sqlx::query_as::<_, Row>(SQL)
        .bind(call.as_str())
        .bind(ENDED)
        .bind(i64::from(step))
        .fetch_optional(p)
        .await)?;
    Ok(row.and_then(|row| read(&row.input)))
}

fn read(input: &str) -> Option<StreamEnd> {
    #[derive(Deserialize)]
    struct Input {
        end: StreamEnd,
    }
    serde_json::from_str::<Input>(input).ok().map(|input| input.end)
}
