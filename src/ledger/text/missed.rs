//! Whether a caller reached anybody.

use crate::db::{Db, DbError, both};

/// Whether a call that is over was a missed one: nobody was reached, no message was left, and the caller has not got through
/// since, nor is on the line.
///
/// # Errors
/// [`DbError`].
pub async fn reached_nobody(db: &Db, call_sid: &str) -> Result<bool, DbError> {
    const SQL: &str = "select count(*) from calls c where c.call_sid = $1 and c.outcome in ('abandoned', 'voicemail') \
        and not exists (select 1 from voicemails v where v.call_sid = c.call_sid and v.state in ('recorded', 'ready')) \
        and not exists (select 1 from calls l where l.id > c.id and l.line = c.line and l.from_number = c.from_number \
        and l.parent_call_sid is null and (l.ended_at is null or l.outcome in ('answered', 'emergency')))";
    let found: i64 = both!(db, |p| sqlx::query_scalar(SQL).bind(call_sid).fetch_one(p).await)?;
    Ok(found == 1)
}
