//! Messages whose words nobody has written down yet.

use super::row::{RecordingRow, columns};
use crate::base::Time;
use crate::db::{Db, DbError, both};

/// At most `limit` copies of messages of a line, found after `since`, that wait for their words; oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn wordless(db: &Db, line: &str, since: Time, limit: i64) -> Result<Vec<RecordingRow>, DbError> {
    const SQL: &str = columns!(
        "select",
        "from recordings where state = 'stored' and found_at > $2 and line = $1 and voicemail_id is not null \
         and path is not null and exists (select 1 from voicemails where voicemails.id = recordings.voicemail_id \
         and voicemails.transcript_state = 'wanted' and voicemails.deleted_at is null) order by found_at limit $3"
    );
    Ok(both!(db, |p| sqlx::query_as::<_, RecordingRow>(SQL).bind(line).bind(since).bind(limit).fetch_all(p).await)?)
}
