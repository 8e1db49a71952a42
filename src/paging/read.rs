//! What the table of pages tells.

use crate::base::Time;
use crate::db::{Db, DbError, both, from_row};

/// A row of `pages`.
#[derive(Clone, Debug, PartialEq)]
pub struct PageRow {
    /// `pg_…`
    pub id: String,
    /// `playing`, `ended` or `refused`.
    pub state: String,
    /// Why it ended, or was refused.
    pub reason: Option<String>,
    /// JSON list of extensions.
    pub zones: String,
    /// JSON list of names.
    pub outputs: String,
    /// JSON list of names.
    pub left_out: String,
    /// JSON list of objects; once it ended.
    pub played: Option<String>,
    /// Where the sound came from.
    pub source: String,
    /// 0 to 9.
    pub priority: i64,
    /// Name of the line.
    pub line: Option<String>,
    /// The carrier's call.
    pub call_sid: Option<String>,
    /// Whose rights were used.
    pub caller: Option<String>,
    /// Telephone number or SIP user.
    pub from_number: Option<String>,
    /// Name behind the credential.
    pub asked_by: Option<String>,
    /// Where the request came from.
    pub address: Option<String>,
    /// Call-ID of the SIP call.
    pub sip_call_id: Option<String>,
    /// Encoding of the sound as it came in.
    pub codec: Option<String>,
    /// Whether one was played.
    pub chime: bool,
    /// When it was asked for.
    pub requested_at: Time,
    /// First word heard.
    pub started_at: Option<Time>,
    /// Last output closed.
    pub ended_at: Option<Time>,
    /// The caller's packets.
    pub packets_in: Option<i64>,
    /// That never came.
    pub packets_lost: Option<i64>,
    /// That came too late.
    pub packets_late: Option<i64>,
    /// That came from elsewhere.
    pub packets_rejected: Option<i64>,
}

from_row!(PageRow {
    id,
    state,
    reason,
    zones,
    outputs,
    left_out,
    played,
    source,
    priority,
    line,
    call_sid,
    caller,
    from_number,
    asked_by,
    address,
    sip_call_id,
    codec,
    chime,
    requested_at,
    started_at,
    ended_at,
    packets_in,
    packets_lost,
    packets_late,
    packets_rejected,
});

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, state, reason, zones, outputs, left_out, played, source, priority, line, call_sid, caller, \
             from_number, asked_by, address, sip_call_id, codec, chime, requested_at, started_at, ended_at, packets_in, \
             packets_lost, packets_late, packets_rejected from pages ",
            $rest
        )
    };
}

/// Which pages.
#[derive(Clone, Debug, Default)]
pub struct PageFilter {
    /// `playing`, `ended` or `refused`.
    pub state: Option<String>,
    /// Extension of a zone.
    pub zone: Option<String>,
    /// Where the list goes on: before this time and id.
    pub before: Option<(Time, String)>,
}

/// Pages, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn pages(db: &Db, filter: &PageFilter, limit: i64) -> Result<Vec<PageRow>, DbError> {
    const SQL: &str = columns!(
        "where ($1 is null or state = $1) and ($2 is null or zones like $2) \
         and ($3 is null or requested_at < $3 or (requested_at = $3 and id < $4)) \
         order by requested_at desc, id desc limit $5"
    );
    const PG: &str = columns!(
        "where ($1::text is null or state = $1) and ($2::text is null or zones like $2) \
         and ($3::timestamptz is null or requested_at < $3 or (requested_at = $3 and id < $4)) \
         order by requested_at desc, id desc limit $5"
    );
    // A parameter that is only compared with null has no type of its own there.
    let sql = if db.is_shared() { PG } else { SQL };
    let zone = filter.zone.as_ref().map(|zone| format!("%\"{zone}\"%"));
    let (at, id) = filter.before.clone().unzip();
    Ok(both!(db, |p| {
        let query = sqlx::query_as::<_, PageRow>(sql).bind(&filter.state).bind(&zone).bind(at);
        query.bind(&id).bind(limit).fetch_all(p).await
    })?)
}

/// One page.
///
/// # Errors
/// [`DbError`].
pub async fn page(db: &Db, id: &str) -> Result<Option<PageRow>, DbError> {
    const SQL: &str = columns!("where id = $1");
    Ok(both!(db, |p| sqlx::query_as::<_, PageRow>(SQL).bind(id).fetch_optional(p).await)?)
}
