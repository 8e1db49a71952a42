//! Legal holds as clients see them.

use crate::base::rfc3339_ms;
use crate::ledger::holds::HoldRow;
use serde::Serialize;
use utoipa::ToSchema;

/// A legal hold on a call and everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct LegalHoldBody {
    /// `hold_…`
    id: String,
    /// The call that is kept.
    call_sid: String,
    /// In the words of who put it on hold.
    reason: String,
    /// Who.
    held_by: String,
    /// Since when.
    held_at: String,
    /// Who ended it; null while it counts.
    released_by: Option<String>,
    /// When it ended.
    released_at: Option<String>,
}

impl LegalHoldBody {
    /// A row.
    pub(in crate::ops) fn of(row: HoldRow) -> Self {
        let HoldRow { id, call_sid, reason, held_by, held_at, released_by, released_at } = row;
        let (held_at, released_at) = (rfc3339_ms(held_at), released_at.map(rfc3339_ms));
        Self { id, call_sid, reason, held_by, held_at, released_by, released_at }
    }
}

/// One page of holds.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct LegalHoldList {
    /// Newest first.
    pub(in crate::ops) items: Vec<LegalHoldBody>,
    /// Pass it as `cursor` for the next page; null on the last one.
    pub(in crate::ops) next_cursor: Option<String>,
}
