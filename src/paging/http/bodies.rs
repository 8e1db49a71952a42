//! What is answered.

use crate::base::{Requester, Time, mask, rfc3339_ms};
use crate::paging::{PageRow, ZoneState};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Zones.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ZoneList {
    /// In the order of the configuration file.
    pub(super) items: Vec<ZoneBody>,
}

/// A zone, as it is right now in this process.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ZoneBody {
    /// What is dialled.
    #[schema(example = "701")]
    extension: String,
    /// For people.
    name: String,
    /// `idle`, `paging`, `partly` (some of its outputs) or `disabled`.
    state: &'static str,
    /// Whether its hours allow a page now; emergencies always may.
    open: bool,
    /// What a page has that asks for no other.
    priority: u8,
    /// Longest page, in seconds.
    limit_s: u32,
    /// Where it plays.
    outputs: Vec<OutputBody>,
    /// The page that plays here; of several the most urgent.
    page: Option<PlayingBody>,
}

/// An output of a zone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OutputBody {
    /// Its name.
    name: String,
    /// `multicast`, `linksys`, `poly`, `sip`, `unicast` or `process`.
    kind: &'static str,
    /// Name of the page that plays on it.
    page: Option<String>,
}

/// A page that plays.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlayingBody {
    /// `pg_…`
    id: String,
    /// 0 to 9.
    priority: u8,
    /// `call`, `sip`, `agent`, `api`, `bell` or `command`.
    source: &'static str,
    /// Since when.
    since: String,
    /// When its limit ends it.
    until: String,
}

impl From<ZoneState> for ZoneBody {
    fn from(state: ZoneState) -> Self {
        let outputs = state.outputs.into_iter();
        Self {
            extension: state.zone.extension.clone(),
            name: state.zone.name.clone(),
            state: state.state.as_str(),
            open: state.open,
            priority: state.zone.priority,
            limit_s: state.zone.limit_s,
            outputs: outputs.map(|out| OutputBody { name: out.name, kind: out.kind, page: out.page }).collect(),
            page: state.page.map(|page| PlayingBody {
                id: page.id,
                priority: page.priority,
                source: page.source,
                since: rfc3339_ms(page.since),
                until: rfc3339_ms(page.until),
            }),
        }
    }
}

/// Pages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PageList {
    /// Newest first.
    pub(super) items: Vec<PageBody>,
    /// Where the next page of the list begins; absent at the end.
    pub(super) next_cursor: Option<String>,
}

/// A page that was asked for, whatever became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PageBody {
    /// `pg_…`
    id: String,
    /// `playing`, `ended` or `refused`.
    state: String,
    /// Why it ended or was refused, in a word: `hangup`, `cancelled`, `finished`, `limit`, `preempted`, `media_timeout`, `no_ack`,
    /// `output_failed`, `operator`, `shutdown`, `crashed`; `taken`, `closed`, `disabled`, `not_allowed`, `too_urgent`,
    /// `unknown_zone`, `no_output`, `unplayable`, `stopping`.
    reason: Option<String>,
    /// Extensions.
    #[schema(value_type = Vec<String>)]
    zones: Value,
    /// Outputs that it got.
    #[schema(value_type = Vec<String>)]
    outputs: Value,
    /// Outputs that were left to other pages.
    #[schema(value_type = Vec<String>)]
    left_out: Value,
    /// Each output with its packets, and why it failed if it did; once the page ended.
    #[schema(value_type = Option<Vec<Object>>)]
    played: Option<Value>,
    /// `call`, `sip`, `agent`, `api`, `bell` or `command`.
    source: String,
    /// 0 to 9.
    priority: i64,
    /// Name of the line of a telephone call.
    line: Option<String>,
    /// The carrier's call.
    call_sid: Option<String>,
    /// Name of the caller in the configuration file.
    caller: Option<String>,
    /// Telephone number or SIP user; masked for viewers.
    from: Option<String>,
    /// Name behind the credential.
    asked_by: Option<String>,
    /// Where the request came from.
    address: Option<String>,
    /// Call-ID of the SIP call.
    sip_call_id: Option<String>,
    /// Encoding of the sound as it came in.
    codec: Option<String>,
    /// Whether one was played first.
    chime: bool,
    /// When it was asked for.
    requested_at: String,
    /// First word heard.
    started_at: Option<String>,
    /// Last output closed.
    ended_at: Option<String>,
    /// The caller's packets or frames: used, lost, too late, from elsewhere.
    packets: Option<PacketsBody>,
}

/// The caller's packets.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PacketsBody {
    /// Used.
    received: i64,
    /// Never came.
    lost: i64,
    /// Came too late.
    late: i64,
    /// Came from somebody else.
    rejected: i64,
}

impl PageBody {
    /// As `who` may see it.
    pub(super) fn of(row: PageRow, who: &Requester) -> Self {
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let shown = |from: String| if who.sees_all { from } else { mask(&from) };
        let time = |at: Option<Time>| at.map(rfc3339_ms);
        let packets = row.packets_in.map(|received| PacketsBody {
            received,
            lost: row.packets_lost.unwrap_or(0),
            late: row.packets_late.unwrap_or(0),
            rejected: row.packets_rejected.unwrap_or(0),
        });
        Self {
            zones: json(&row.zones),
            outputs: json(&row.outputs),
            left_out: json(&row.left_out),
            played: row.played.as_deref().map(json),
            from: row.from_number.map(shown),
            requested_at: rfc3339_ms(row.requested_at),
            started_at: time(row.started_at),
            ended_at: time(row.ended_at),
            packets,
            id: row.id,
            state: row.state,
            reason: row.reason,
            source: row.source,
            priority: row.priority,
            line: row.line,
            call_sid: row.call_sid,
            caller: row.caller,
            asked_by: row.asked_by,
            address: row.address,
            sip_call_id: row.sip_call_id,
            codec: row.codec,
            chime: row.chime,
        }
    }
}

/// A page that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BegunBody {
    /// `pg_…`; `GET /api/pages/{id}` says what becomes of it.
    pub(super) id: String,
    /// `playing`.
    pub(super) state: &'static str,
    /// Extensions.
    pub(super) zones: Vec<String>,
    /// `api`.
    pub(super) source: &'static str,
    /// Milliseconds of sound.
    pub(super) length_ms: u64,
}
