//! What is asked and answered.

use super::queries::Row;
use crate::base::{Requester, Time, mask, rfc3339_ms};
use crate::config::entries::List;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which callers.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CallerQuery {
    /// Items of a page of the list, 1 to 200; 50 when absent.
    pub(super) limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// Name of a line.
    pub(super) line: Option<String>,
    /// `block`, `allow` or `vip`.
    #[param(value_type = Option<String>)]
    pub(super) list: Option<List>,
    /// As it was written.
    pub(super) number: Option<String>,
}

/// Whom to put on a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CallerWish {
    /// A number in E.164 form, `sip:…`, `client:…`, or the beginning of numbers with `*` behind it.
    #[schema(example = "+15875550111")]
    pub(super) number: Option<String>,
    /// Instead of a number: the call whose caller is meant.
    pub(super) call_sid: Option<String>,
    /// `block`, `allow` or `vip`.
    #[schema(value_type = String, example = "block")]
    pub(super) list: List,
    /// Name of the line, or `all`; when absent the line of the call, and all lines for a number.
    pub(super) line: Option<String>,
    /// Ends by itself then. Without `until` and `minutes` it counts until it is taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) until: Option<Time>,
    /// Ends by itself after so many minutes, instead of `until`.
    #[schema(minimum = 1, maximum = 527_040)]
    pub(super) minutes: Option<u32>,
    /// Why, for whoever asks later; at most 500 characters.
    #[serde(default)]
    pub(super) note: String,
}

/// Callers on lists.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CallerList {
    /// Newest first.
    pub(super) items: Vec<CallerBody>,
    /// Where the next page of the list begins; absent at the end.
    pub(super) next_cursor: Option<String>,
}

/// A caller on a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CallerBody {
    /// `cl_…`
    id: String,
    /// Who; masked for viewers.
    number: String,
    /// `block`, `allow` or `vip`.
    list: String,
    /// Name of the line; null: every line.
    line: Option<String>,
    /// Whether it counts.
    active: bool,
    /// Why.
    note: String,
    /// The call it was taken from.
    call_sid: Option<String>,
    /// Ends by itself then.
    until: Option<String>,
    /// Who put them there.
    made_by: String,
    /// When.
    created_at: String,
    /// When it was taken back.
    cancelled_at: Option<String>,
}

impl CallerBody {
    /// As `who` may see it.
    pub(super) fn of(row: Row, now: Time, who: &Requester) -> Self {
        let over = row.cancelled_at.is_some() || row.ends_at.is_some_and(|ends| ends <= now);
        Self {
            active: !over,
            number: if who.sees_all { row.number } else { mask(&row.number) },
            note: if who.sees_all { row.note } else { String::new() },
            until: row.ends_at.map(rfc3339_ms),
            created_at: rfc3339_ms(row.created_at),
            cancelled_at: row.cancelled_at.map(rfc3339_ms),
            id: row.id,
            list: row.list,
            line: row.line,
            call_sid: row.call_sid,
            made_by: row.made_by,
        }
    }
}
