//! A row of `recordings`, and the list of them.

use crate::base::Time;
use crate::db::{Db, DbError, both};
use crate::ledger::from_row::from_row;

/// A row of `recordings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingRow {
    /// `RE…`
    pub recording_sid: String,
    /// `calls.id`
    pub call_id: i64,
    /// The carrier's name of the call.
    pub call_sid: String,
    /// The account that holds it at the carrier.
    pub account_sid: Option<String>,
    /// Name of the line.
    pub line: Option<String>,
    /// `voicemail` or `dial`.
    pub kind: String,
    /// `vm_…` of a message.
    pub voicemail_id: Option<String>,
    /// `expected`, `fetching`, `stored`, `absent`, `failed`, `deleted`.
    pub state: String,
    /// Times that a copy was begun.
    pub attempts: i64,
    /// When a copy is tried (again).
    pub next_at: Time,
    /// Why the last try failed.
    pub problem: Option<String>,
    /// Seconds.
    pub duration_s: Option<i64>,
    /// 1 or 2.
    pub channels: Option<i64>,
    /// Length of the copy.
    pub bytes: Option<i64>,
    /// Of the copy, in hex.
    pub sha256: Option<String>,
    /// The storage that holds the copy.
    pub shelf: Option<String>,
    /// Name of the copy there.
    pub path: Option<String>,
    /// Whether it is on hold.
    pub legal_hold: bool,
    /// Why it is on hold.
    pub hold_reason: Option<String>,
    /// Who put it on hold.
    pub hold_by: Option<String>,
    /// Since when it is on hold.
    pub hold_at: Option<Time>,
    /// What an operator last said of it while it ran: `recording`, `paused`, `stopped`.
    pub capture: Option<String>,
    /// The consent it relies on was taken back then, after it had begun.
    pub revoked_at: Option<Time>,
    /// The carrier's copy is gone.
    pub carrier_deleted_at: Option<Time>,
    /// First heard of.
    pub found_at: Time,
    /// The copy was durable.
    pub stored_at: Option<Time>,
    /// Absent, failed or deleted.
    pub settled_at: Option<Time>,
}

from_row!(RecordingRow {
    recording_sid,
    call_id,
    call_sid,
    account_sid,
    line,
    kind,
    voicemail_id,
    state,
    attempts,
    next_at,
    problem,
    duration_s,
    channels,
    bytes,
    sha256,
    shelf,
    path,
    legal_hold,
    hold_reason,
    hold_by,
    hold_at,
    capture,
    revoked_at,
    carrier_deleted_at,
    found_at,
    stored_at,
    settled_at,
});

/// The columns of [`RecordingRow`].
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " recording_sid, call_id, call_sid, account_sid, line, kind, voicemail_id, state, attempts, next_at, problem, \
             duration_s, channels, bytes, sha256, shelf, path, legal_hold, hold_reason, hold_by, hold_at, capture, \
             revoked_at, carrier_deleted_at, found_at, stored_at, settled_at ",
            $after
        )
    };
}
pub(super) use columns;

/// Which recordings. Absent means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordingFilter {
    /// Name of the line.
    pub line: Option<String>,
    /// How far its copy has come.
    pub state: Option<String>,
    /// `voicemail` or `dial`.
    pub kind: Option<String>,
    /// Its call.
    pub call_sid: Option<String>,
    /// On hold (`true`) or not.
    pub hold: Option<bool>,
    /// First heard of at or after.
    pub since: Option<Time>,
    /// First heard of before.
    pub until: Option<Time>,
}

/// Place in the list: when it was first heard of, and its SID.
pub type RecordingPlace = (Time, String);

/// At most `limit` recordings behind `after`, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn recordings(
    db: &Db,
    filter: &RecordingFilter,
    after: Option<&RecordingPlace>,
    limit: i64,
) -> Result<Vec<RecordingRow>, DbError> {
    const SQL: &str = columns!(
        "select",
        "from recordings where ($1 is null or found_at < $1 or (found_at = $1 and recording_sid < $2)) \
         and ($3 is null or line = $3) and ($4 is null or state = $4) and ($5 is null or kind = $5) \
         and ($6 is null or call_sid = $6) and ($7 is null or legal_hold = $7) and ($8 is null or found_at >= $8) \
         and ($9 is null or found_at < $9) order by found_at desc, recording_sid desc limit $10"
    );
    let query = both!(db, |p| sqlx::query_as::<_, RecordingRow>(SQL)
        .bind(after.map(|(at, _)| *at))
        .bind(after.map(|(_, sid)| sid))
        .bind(&filter.line)
        .bind(&filter.state)
        .bind(&filter.kind)
        .bind(&filter.call_sid)
        .bind(filter.hold)
        .bind(filter.since)
        .bind(filter.until)
        .bind(limit)
        .fetch_all(p)
        .await);
    Ok(query?)
}

/// One recording.
///
/// # Errors
/// [`DbError`].
pub async fn recording(db: &Db, sid: &str) -> Result<Option<RecordingRow>, DbError> {
    const SQL: &str = columns!("select", "from recordings where recording_sid = $1");
    Ok(both!(db, |p| sqlx::query_as::<_, RecordingRow>(SQL).bind(sid).fetch_optional(p).await)?)
}

/// How much is still to be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Recordings that are to be copied and are not yet.
    pub count: i64,
    /// Since when the oldest of them is known.
    pub oldest: Option<Time>,
}

from_row!(Waiting { count, oldest });

/// How much is still to be copied.
///
/// # Errors
/// [`DbError`].
pub async fn waiting(db: &Db) -> Result<Waiting, DbError> {
    const SQL: &str =
        "select count(*) as count, min(found_at) as oldest from recordings where state in ('expected', 'fetching')";
    Ok(both!(db, |p| sqlx::query_as::<_, Waiting>(SQL).fetch_one(p).await)?)
}
