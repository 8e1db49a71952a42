//! What the recorder writes down: which recording it copies now, what came of it, whom it told.

use super::row::{RecordingRow, columns};
use super::told::{Event, tell};
use crate::base::Time;
use crate::db::{Db, DbError, both, write_tx};

/// A durable copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The storage that holds it.
    pub shelf: String,
    /// Its name there.
    pub path: String,
    /// Its length.
    pub bytes: i64,
    /// Its digest, in hex.
    pub sha256: String,
    /// Seconds, from the audio itself.
    pub duration_s: i64,
    /// 1 or 2.
    pub channels: i64,
}

/// Executes inside a transaction of its own and gives the number of rows.
macro_rules! execute {
    ($db:expr, $query:expr) => {
        write_tx!($db, |tx| { $query.execute(&mut *tx).await?.rows_affected() })
    };
}

/// Recordings that may be copied now and that nobody copies, the longest due first.
///
/// # Errors
/// [`DbError`].
pub async fn due(db: &Db, now: Time, limit: i64) -> Result<Vec<RecordingRow>, DbError> {
    const SQL: &str = columns!(
        "select",
        "from recordings where state in ('expected', 'fetching') and next_at <= $1 \
         and (held_until is null or held_until <= $1) order by next_at limit $2"
    );
    Ok(both!(db, |p| sqlx::query_as::<_, RecordingRow>(SQL).bind(now).bind(limit).fetch_all(p).await)?)
}

/// Takes a recording to copy it, until `until`. `None`: somebody else was first, or there is nothing to copy any more.
///
/// # Errors
/// [`DbError`].
pub async fn claim(db: &Db, sid: &str, holder: &str, now: Time, until: Time) -> Result<Option<RecordingRow>, DbError> {
    const SQL: &str = columns!(
        "update recordings set state = 'fetching', attempts = attempts + 1, holder = $2, held_until = $4 \
         where recording_sid = $1 and state in ('expected', 'fetching') and next_at <= $3 \
         and (held_until is null or held_until <= $3) returning",
        ""
    );
    let claimed = write_tx!(db, |tx| {
        let claim = sqlx::query_as::<_, RecordingRow>(SQL).bind(sid).bind(holder).bind(now).bind(until);
        claim.fetch_optional(&mut *tx).await?
    });
    Ok(claimed)
}

/// Holds a recording longer. `false`: it is not ours any more.
///
/// # Errors
/// [`DbError`].
pub async fn renew(db: &Db, sid: &str, holder: &str, until: Time) -> Result<bool, DbError> {
    const SQL: &str =
        "update recordings set held_until = $3 where recording_sid = $1 and holder = $2 and state = 'fetching'";
    Ok(execute!(db, sqlx::query(SQL).bind(sid).bind(holder).bind(until)) == 1)
}

/// Says where a copy is about to be put: whatever happens from here on, what removes the recording finds it. `false`: it
/// is not ours any more.
///
/// # Errors
/// [`DbError`].
pub async fn placing(db: &Db, sid: &str, holder: &str, (shelf, path): (&str, &str)) -> Result<bool, DbError> {
    const SQL: &str = "update recordings set shelf = $3, path = $4 where recording_sid = $1 and holder = $2 \
        and state = 'fetching'";
    Ok(execute!(db, sqlx::query(SQL).bind(sid).bind(holder).bind(shelf).bind(path)) == 1)
}

/// A durable copy is there. `false`: somebody else's was there before, or it is not wanted any more.
///
/// # Errors
/// [`DbError`].
pub async fn stored(db: &Db, sid: &str, copy: &Copied, now: Time) -> Result<bool, DbError> {
    const SQL: &str = "update recordings set state = 'stored', shelf = $2, path = $3, bytes = $4, sha256 = $5, \
        duration_s = $6, channels = $7, stored_at = $8, holder = null, held_until = null, problem = null \
        where recording_sid = $1 and state in ('expected', 'fetching')";
    Ok(write_tx!(db, |tx| {
        let done = sqlx::query(SQL).bind(sid).bind(&copy.shelf).bind(&copy.path).bind(copy.bytes);
        let done = done.bind(&copy.sha256).bind(copy.duration_s).bind(copy.channels).bind(now);
        done.execute(&mut *tx).await?.rows_affected() == 1
    }))
}

/// It did not work this time: tried again at `next_at`.
///
/// # Errors
/// [`DbError`].
pub async fn later(db: &Db, sid: &str, holder: &str, problem: &str, next_at: Time) -> Result<(), DbError> {
    const SQL: &str = "update recordings set problem = $3, next_at = $4, holder = null, held_until = null \
        where recording_sid = $1 and holder = $2 and state = 'fetching'";
    execute!(db, sqlx::query(SQL).bind(sid).bind(holder).bind(problem).bind(next_at));
    Ok(())
}

/// Given up, and told as `recording.failed`. Of a copy that was whole once, or is held, the place stays known.
///
/// # Errors
/// [`DbError`].
pub async fn failed(db: &Db, sid: &str, problem: &str, now: Time) -> Result<bool, DbError> {
    const SQL: &str = columns!(
        "update recordings set state = 'failed', problem = $2, settled_at = $3, holder = null, held_until = null, \
         path = case when legal_hold or stored_at is not null \
         or call_sid in (select call_sid from legal_holds where released_at is null) then path end \
         where recording_sid = $1 and state in ('expected', 'fetching') returning",
        ""
    );
    Ok(write_tx!(db, |tx| {
        let failed = sqlx::query_as::<_, RecordingRow>(SQL).bind(sid).bind(problem).bind(now);
        let failed = failed.fetch_optional(&mut *tx).await?;
        if let Some(row) = &failed {
            tell!(tx, Event::failed(row, problem, now));
        }
        failed.is_some()
    }))
}

/// Copies that nobody was told of yet.
///
/// # Errors
/// [`DbError`].
pub async fn untold(db: &Db, limit: i64) -> Result<Vec<RecordingRow>, DbError> {
    const SQL: &str =
        columns!("select", "from recordings where state = 'stored' and told_at is null order by stored_at limit $1");
    Ok(both!(db, |p| sqlx::query_as::<_, RecordingRow>(SQL).bind(limit).fetch_all(p).await)?)
}

/// Tells `recording.stored`, once; `carrier_copy` is `kept` or `deleted`.
///
/// # Errors
/// [`DbError`].
pub async fn tell_stored(db: &Db, row: &RecordingRow, carrier_copy: &str, now: Time) -> Result<(), DbError> {
    const SQL: &str = "update recordings set told_at = $2 where recording_sid = $1 and told_at is null";
    write_tx!(db, |tx| {
        if sqlx::query(SQL).bind(&row.recording_sid).bind(now).execute(&mut *tx).await?.rows_affected() == 1 {
            tell!(tx, Event::stored(row, carrier_copy, now));
        }
    });
    Ok(())
}

/// Copies whose original may be deleted at the carrier: ours is durable on `shelf`, nothing is on hold, and the carrier
/// is not about to transcribe it (`transcribed` is how long it may take).
///
/// # Errors
/// [`DbError`].
pub async fn deletable(
    db: &Db,
    shelf: &str,
    after: &str,
    transcribed: Time,
    limit: i64,
) -> Result<Vec<RecordingRow>, DbError> {
    const SQL: &str = columns!(
        "select",
        "from recordings where state = 'stored' and carrier_deleted_at is null and not legal_hold and shelf = $1 \
         and recording_sid > $2 and call_sid not in (select call_sid from legal_holds where released_at is null) \
         and (stored_at < $3 or not exists (select 1 from voicemails \
         where voicemails.id = recordings.voicemail_id and voicemails.transcript_state = 'wanted')) \
         order by recording_sid limit $4"
    );
    let query = both!(db, |p| sqlx::query_as::<_, RecordingRow>(SQL)
        .bind(shelf)
        .bind(after)
        .bind(transcribed)
        .bind(limit)
        .fetch_all(p)
        .await);
    Ok(query?)
}

/// Our copy is not what it was: it is fetched again, to the same place.
///
/// # Errors
/// [`DbError`].
pub async fn lost(db: &Db, sid: &str, now: Time) -> Result<(), DbError> {
    const SQL: &str = "update recordings set state = 'expected', next_at = $2, attempts = 0 \
        where recording_sid = $1 and state = 'stored' and carrier_deleted_at is null";
    execute!(db, sqlx::query(SQL).bind(sid).bind(now));
    Ok(())
}

/// The carrier's copy is gone.
///
/// # Errors
/// [`DbError`].
pub async fn carrier_deleted(db: &Db, sid: &str, now: Time) -> Result<(), DbError> {
    const SQL: &str = "update recordings set carrier_deleted_at = $2 where recording_sid = $1";
    execute!(db, sqlx::query(SQL).bind(sid).bind(now));
    Ok(())
}

/// Tries again what was given up, from the start. `false`: there is nothing to try again.
///
/// # Errors
/// [`DbError`].
pub async fn retry(db: &Db, sid: &str, now: Time) -> Result<bool, DbError> {
    const SQL: &str = "update recordings set state = 'expected', attempts = 0, next_at = $2, problem = null, \
        settled_at = null where recording_sid = $1 and state = 'failed'";
    Ok(execute!(db, sqlx::query(SQL).bind(sid).bind(now)) == 1)
}
