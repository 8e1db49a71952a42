//! What must be kept and what must go: a legal hold beats retention, and audio never outlives its consent.

use super::row::{RecordingRow, columns, recording};
use crate::base::Time;
use crate::config::retention::Lines;
use crate::db::{Db, DbError, both, write_tx};
use crate::ledger::from_row::from_row;
use crate::ledger::holds::{alone, held_calls};

/// What became of a wish to hold or release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// So it is now, or was before.
    Done,
    /// It is removed already.
    Gone,
    /// There is no such recording.
    Unknown,
}

/// Puts a recording on hold: neither retention nor a person removes its audio, its message, its call or its consents.
/// On one that is on hold the first reason stands.
///
/// # Errors
/// [`DbError`].
pub async fn hold(db: &Db, sid: &str, by: &str, reason: &str, now: Time) -> Result<Held, DbError> {
    const SQL: &str = "update recordings set legal_hold = true, hold_by = $2, hold_reason = $3, hold_at = $4 \
        where recording_sid = $1 and not legal_hold and state <> 'deleted'";
    let held = write_tx!(db, |tx| {
        sqlx::query(alone(db)).execute(&mut *tx).await?;
        let hold = sqlx::query(SQL).bind(sid).bind(by).bind(reason).bind(now);
        hold.execute(&mut *tx).await?.rows_affected() == 1
    });
    as_it_is(db, sid, held).await
}

/// Takes the hold away; retention goes on as if it had never been.
///
/// # Errors
/// [`DbError`].
pub async fn release(db: &Db, sid: &str) -> Result<Held, DbError> {
    const SQL: &str = "update recordings set legal_hold = false, hold_by = null, hold_reason = null, hold_at = null \
        where recording_sid = $1 and legal_hold";
    let released = write_tx!(db, |tx| { sqlx::query(SQL).bind(sid).execute(&mut *tx).await?.rows_affected() == 1 });
    as_it_is(db, sid, released).await
}

async fn as_it_is(db: &Db, sid: &str, changed: bool) -> Result<Held, DbError> {
    if changed {
        return Ok(Held::Done);
    }
    Ok(match recording(db, sid).await? {
        None => Held::Unknown,
        Some(row) if row.state == "deleted" => Held::Gone,
        Some(_) => Held::Done,
    })
}

/// Marks at most `limit` recorded conversations of some lines that are older than `before` for removal, also those that were given up
/// and of which a copy is left. Audio of messages goes with its message.
///
/// # Errors
/// [`DbError`].
pub async fn expire_conversations(
    db: &Db,
    (before, lines): (Time, &Lines),
    limit: i64,
    now: Time,
) -> Result<u64, DbError> {
    const STORED: &str = concat!(
        "update recordings set state = 'deleted', settled_at = $5 where not legal_hold \
         and state = 'stored' and recording_sid in (select recording_sid from recordings where state = 'stored' \
         and found_at < $1 and voicemail_id is null and not legal_hold \
         and ($3 like '%,' || coalesce(line, '') || ',%') = $4 and call_sid not in ",
        held_calls!(),
        " order by found_at limit $2)"
    );
    const FAILED: &str = concat!(
        "update recordings set state = 'deleted', settled_at = $5 where not legal_hold \
         and state = 'failed' and recording_sid in (select recording_sid from recordings where settled_at < $1 \
         and state = 'failed' and path is not null and voicemail_id is null and not legal_hold \
         and ($3 like '%,' || coalesce(line, '') || ',%') = $4 and call_sid not in ",
        held_calls!(),
        " order by settled_at limit $2)"
    );
    Ok(write_tx!(db, |tx| {
        sqlx::query(alone(db)).execute(&mut *tx).await?;
        let mut marked = 0;
        for sql in [STORED, FAILED] {
            let mark = sqlx::query(sql).bind(before).bind(limit).bind(&lines.names).bind(lines.these).bind(now);
            marked += mark.execute(&mut *tx).await?.rows_affected();
        }
        marked
    }))
}

/// Recordings behind `after` that are marked for removal, whose copy is still on `shelf`, and that nobody is copying any more:
/// who does stops at the next sign of life.
///
/// # Errors
/// [`DbError`].
pub async fn removable(db: &Db, shelf: &str, after: &str, now: Time, limit: i64) -> Result<Vec<RecordingRow>, DbError> {
    const SQL: &str = columns!(
        "select",
        "from recordings where state = 'deleted' and path is not null and shelf = $1 and recording_sid > $2 \
         and (held_until is null or held_until <= $3) and call_sid not in (select call_sid from legal_holds \
         where released_at is null) order by recording_sid limit $4"
    );
    let query = both!(db, |p| sqlx::query_as::<_, RecordingRow>(SQL)
        .bind(shelf)
        .bind(after)
        .bind(now)
        .bind(limit)
        .fetch_all(p)
        .await);
    Ok(query?)
}

/// The copy is removed.
///
/// # Errors
/// [`DbError`].
pub async fn removed(db: &Db, sid: &str) -> Result<(), DbError> {
    const SQL: &str = "update recordings set path = null where recording_sid = $1 and state = 'deleted'";
    write_tx!(db, |tx| {
        sqlx::query(SQL).bind(sid).execute(&mut *tx).await?;
    });
    Ok(())
}

/// Removes at most `limit` rows of recordings that ended before `before` and of which nothing is left.
///
/// # Errors
/// [`DbError`].
pub async fn forget(db: &Db, before: Time, limit: i64) -> Result<u64, DbError> {
    const SQL: &str = concat!(
        "delete from recordings where not legal_hold and path is null and recording_sid in \
         (select recording_sid from recordings where settled_at < $1 and path is null and not legal_hold \
         and call_sid not in ",
        held_calls!(),
        " order by settled_at limit $2)"
    );
    Ok(write_tx!(db, |tx| {
        sqlx::query(alone(db)).execute(&mut *tx).await?;
        sqlx::query(SQL).bind(before).bind(limit).execute(&mut *tx).await?.rows_affected()
    }))
}

/// What became of a wish to remove a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discarded {
    /// So it is now, or was before.
    Done,
    /// It is on hold.
    Held,
    /// It is a message's, and goes with it.
    Message,
    /// There is no such recording.
    Unknown,
}

/// Marks a recorded conversation for removal: its copy goes within a minute.
///
/// # Errors
/// [`DbError`].
pub async fn discard(db: &Db, sid: &str, now: Time) -> Result<Discarded, DbError> {
    const SQL: &str = concat!(
        "update recordings set state = 'deleted', settled_at = $2 where recording_sid = $1 \
         and voicemail_id is null and not legal_hold and state <> 'deleted' and call_sid not in ",
        held_calls!()
    );
    write_tx!(db, |tx| {
        sqlx::query(alone(db)).execute(&mut *tx).await?;
        sqlx::query(SQL).bind(sid).bind(now).execute(&mut *tx).await?;
    });
    Ok(match recording(db, sid).await? {
        None => Discarded::Unknown,
        Some(row) if row.voicemail_id.is_some() => Discarded::Message,
        Some(row) if row.state == "deleted" => Discarded::Done,
        Some(_) => Discarded::Held,
    })
}

/// What the last consent before a recording was found says, of the scope that it needs; of two at once the refusal. One that
/// was taken back later is what it was until then.
macro_rules! last_consent {
    ($what:literal) => {
        concat!(
            "(select ",
            $what,
            " from consents where consents.call_id = recordings.call_id and consents.at <= recordings.found_at \
             and (recordings.revoked_at is null or consents.at < recordings.revoked_at) and consents.scope = case recordings.kind when 'voicemail' then 'voicemail' else 'recording' end \
             order by consents.at desc, consents.given, consents.id limit 1)"
        )
    };
}

/// At most `limit` stored recordings behind `after` whose call's last word on the scope that they need was not a given
/// consent.
///
/// # Errors
/// [`DbError`].
pub async fn unconsented(db: &Db, after: &str, limit: i64) -> Result<Vec<RecordingRow>, DbError> {
    const SQL: &str = concat!(
        columns!("select", "from recordings where recording_sid > $1 and path is not null "),
        "and not coalesce(",
        last_consent!("consents.given"),
        ", false) order by recording_sid limit $2"
    );
    Ok(both!(db, |p| sqlx::query_as::<_, RecordingRow>(SQL).bind(after).bind(limit).fetch_all(p).await)?)
}

/// Stored recordings whose consent has no place in the chain yet: it proves nothing so far.
///
/// # Errors
/// [`DbError`].
pub async fn unproven(db: &Db) -> Result<i64, DbError> {
    const SQL: &str = concat!(
        "select count(*) from recordings where path is not null and ",
        last_consent!("case when consents.given and consents.chain_no is null then 1 else 0 end"),
        " = 1"
    );
    Ok(both!(db, |p| sqlx::query_scalar::<_, i64>(SQL).fetch_one(p).await)?)
}

/// What a store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptIn {
    /// The store's name.
    pub shelf: String,
    /// Recordings whose copy is there.
    pub count: i64,
}

from_row!(KeptIn { shelf, count });

/// How many copies each store holds.
///
/// # Errors
/// [`DbError`].
pub async fn kept(db: &Db) -> Result<Vec<KeptIn>, DbError> {
    const SQL: &str = "select coalesce(shelf, '') as shelf, count(*) as count from recordings where path is not null \
        group by coalesce(shelf, '') order by 1";
    Ok(both!(db, |p| sqlx::query_as::<_, KeptIn>(SQL).fetch_all(p).await)?)
}
