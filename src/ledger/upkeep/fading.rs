//! Words whose time is over, though the message is kept.

use crate::base::Time;
use crate::config::retention::Lines;
use crate::db::{Db, DbError, both, write_tx};
use crate::ledger::holds::{alone, held_calls};

/// Messages that were expected before a time and still have words, of some lines, and that no hold keeps.
macro_rules! worded {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " (select id from voicemails where expected_at < $1 and transcript is not null \
             and ($3 like '%,' || line || ',%') = $4 and id not in (select voicemail_id from recordings \
             where legal_hold and voicemail_id is not null) and call_sid not in ",
            held_calls!(),
            " order by expected_at, id limit $2) ",
            $after
        )
    };
}

/// Removes the words of at most `limit` messages that were expected before `before`, and says how many. The audio and the row
/// stay; `transcript_state` says that they were removed.
pub(super) async fn remove_words(db: &Db, before: Time, lines: &Lines, limit: i64) -> Result<u64, DbError> {
    const LOOK: &str = worded!("select count(*) from", "as worded");
    const PIECES: &str = worded!("delete from voicemail_pieces where voicemail_id in", "");
    const WORDS: &str =
        worded!("update voicemails set transcript = null, transcript_state = 'removed' where id in", "");
    let (names, these) = (&lines.names, lines.these);
    let look = both!(db, |p| sqlx::query_scalar::<_, i64>(LOOK)
        .bind(before)
        .bind(limit)
        .bind(names)
        .bind(these)
        .fetch_one(p)
        .await);
    if look? == 0 {
        return Ok(0);
    }
    Ok(write_tx!(db, |tx| {
        sqlx::query(alone(db)).execute(&mut *tx).await?;
        sqlx::query(PIECES).bind(before).bind(limit).bind(names).bind(these).execute(&mut *tx).await?;
        let words = sqlx::query(WORDS).bind(before).bind(limit).bind(names).bind(these);
        words.execute(&mut *tx).await?.rows_affected()
    }))
}
