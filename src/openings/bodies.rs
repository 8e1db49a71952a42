//! What is asked and answered.

use super::queries::Row;
use crate::base::{Requester, Time, mask, rfc3339_ms};
use crate::config::hours::Standing;
use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// When.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct HoursQuery {
    /// RFC 3339; now when absent.
    #[param(value_type = Option<String>, format = DateTime)]
    pub(super) at: Option<Time>,
}

/// Which overrides.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OverrideQuery {
    /// Items of a page of the list, 1 to 200; 50 when absent.
    pub(super) limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// Name of a line.
    pub(super) line: Option<String>,
}

/// Whether a line is open, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoursBody {
    /// Name of the line.
    line: String,
    /// Its IANA zone.
    timezone: &'static str,
    /// The moment, by the clock of that zone.
    at: String,
    /// Whether callers are let in.
    open: bool,
    /// The rule that won, in a few words.
    #[schema(example = "2026-12-25 (Christmas Day), no range holds this time")]
    rule: String,
    /// While it is closed: when it opens next.
    opens: Option<String>,
}

impl HoursBody {
    pub(super) fn of(line: &crate::config::line::Line, at: Time, standing: &Standing) -> Self {
        let local = at.with_timezone(&line.timezone);
        Self {
            line: line.name.clone(),
            timezone: line.timezone.name(),
            at: local.to_rfc3339_opts(SecondsFormat::Secs, false),
            open: standing.open,
            rule: standing.rule.to_string(),
            opens: standing.opens.map(|opens| opens.to_rfc3339_opts(SecondsFormat::Secs, false)),
        }
    }
}

/// What is to be said of a line for a while.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideWish {
    /// Name of the line.
    #[schema(example = "front-desk")]
    pub(super) line: String,
    /// `open` or `closed`.
    pub(super) state: State,
    /// Counts from then on; from now on when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) from: Option<Time>,
    /// Ends by itself then. Without `until` and `minutes` it lasts until it is taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) until: Option<Time>,
    /// Ends by itself after so many minutes, instead of `until`.
    #[schema(minimum = 1, maximum = 527_040)]
    pub(super) minutes: Option<u32>,
    /// Said to callers instead of the closed greeting; `{opens}` becomes the time of the next opening.
    #[serde(default)]
    pub(super) say: String,
}

/// Open or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// Whatever the hours say.
    Open,
    /// The same.
    Closed,
}

impl State {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// Overrides.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverrideList {
    /// Newest first.
    pub(super) items: Vec<OverrideBody>,
    /// Where the next page of the list begins; absent at the end.
    pub(super) next_cursor: Option<String>,
}

/// What somebody says of a line for a while.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverrideBody {
    /// `ov_…`
    id: String,
    /// Name of the line.
    line: String,
    /// `open` or `closed`.
    state: String,
    /// Whether it counts now, unless a newer one does.
    active: bool,
    /// Whether it counts no more: its time is over, or it was taken back.
    over: bool,
    /// Said to callers.
    say: String,
    /// Counts from then on.
    from: String,
    /// Ends by itself then.
    until: Option<String>,
    /// `api` or `call`.
    source: String,
    /// Who; numbers are masked for viewers.
    made_by: String,
    /// When it was made.
    created_at: String,
    /// When it was taken back.
    cancelled_at: Option<String>,
}

impl OverrideBody {
    /// As `who` may see it.
    pub(super) fn of(row: Row, now: Time, who: &Requester) -> Self {
        let over = row.cancelled_at.is_some() || row.ends_at.is_some_and(|ends| ends <= now);
        let shown = row.source != "call" || who.sees_all;
        Self {
            active: !over && row.starts_at <= now,
            over,
            made_by: if shown { row.made_by } else { mask(&row.made_by) },
            from: rfc3339_ms(row.starts_at),
            until: row.ends_at.map(rfc3339_ms),
            created_at: rfc3339_ms(row.created_at),
            cancelled_at: row.cancelled_at.map(rfc3339_ms),
            id: row.id,
            line: row.line,
            state: row.state,
            say: row.say,
            source: row.source,
        }
    }
}
