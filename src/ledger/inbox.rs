//! The inbox: what messages there are, and the few things an operator may do to one. Each of these writes its
//! event in the same transaction.

use super::from_row::from_row;
use super::holds::{alone, held_calls};
use crate::base::{Time, ulid};
use crate::config::retention::Lines;
use crate::db::{Db, DbError, both, write_tx};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A message may be on its way this long after the Record verb was sent: the longest recording is an hour.
const STILL_COMING: TimeDelta = TimeDelta::hours(2);

/// A row of `voicemails`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoicemailRow {
    /// `vm_…`
    pub id: String,
    /// The carrier's name of the call.
    pub call_sid: String,
    /// Name of the line.
    pub line: String,
    /// Name of the box.
    pub mailbox: String,
    /// As the carrier sent it.
    pub from_number: Option<String>,
    /// `expected`, `recorded`, `ready`, `absent`, `failed`.
    pub state: String,
    /// `RE…`
    pub recording_sid: Option<String>,
    /// Seconds.
    pub duration_s: Option<i64>,
    /// The caller's words.
    pub transcript: Option<String>,
    /// `wanted`, `completed`, `failed`.
    pub transcript_state: Option<String>,
    /// The Record verb was sent.
    pub expected_at: Time,
    /// Settled: ready, absent or failed.
    pub received_at: Option<Time>,
    /// First played or marked.
    pub read_at: Option<Time>,
    /// Moved to the trash.
    pub deleted_at: Option<Time>,
    /// Of the audio in our own storage, in hex; `None` while only the carrier has it.
    pub sha256: Option<String>,
}

from_row!(VoicemailRow {
    id,
    call_sid,
    line,
    mailbox,
    from_number,
    state,
    recording_sid,
    duration_s,
    transcript,
    transcript_state,
    expected_at,
    received_at,
    read_at,
    deleted_at,
    sha256,
});

impl VoicemailRow {
    /// How long ago it came in (or, until it has, was expected).
    #[must_use]
    pub fn hours_old(&self, now: Time) -> f64 {
        let seconds = (now - self.received_at.unwrap_or(self.expected_at)).num_seconds().max(0);
        (seconds as f64 / 36.0).round() / 100.0
    }
}

/// Which messages. Absent means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoicemailFilter {
    /// Name of the line.
    pub line: Option<String>,
    /// Name of the box.
    pub mailbox: Option<String>,
    /// How far it has come.
    pub state: Option<String>,
    /// The call that left it.
    pub call_sid: Option<String>,
    /// Read (`true`) or not.
    pub read: Option<bool>,
    /// Expected at or after.
    pub since: Option<Time>,
    /// Expected before.
    pub until: Option<Time>,
    /// The trash instead of the inbox.
    pub trash: bool,
}

/// Place in the list: a message's time and id.
pub type Place = (Time, String);

/// What became of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Done now.
    Now(VoicemailRow),
    /// It was so before.
    Already(VoicemailRow),
    /// The message is still being recorded.
    TooEarly,
    /// It is on legal hold, for this reason.
    Held(String),
    /// There is no such message (in the inbox).
    Unknown,
}

/// The columns of [`VoicemailRow`].
macro_rules! columns {
    ($before:expr, $after:literal) => {
        concat!(
            $before,
            " id, call_sid, line, mailbox, from_number, state, recording_sid, duration_s, transcript, \
             transcript_state, expected_at, received_at, read_at, deleted_at, \
             (select sha256 from recordings where recordings.recording_sid = voicemails.recording_sid \
             and recordings.state = 'stored') as sha256 ",
            $after
        )
    };
}

/// At most `limit` messages behind `after`, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn voicemails(
    db: &Db,
    filter: &VoicemailFilter,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<VoicemailRow>, DbError> {
    const SQL: &str = columns!(
        "select",
        "from voicemails where ($1 is null or expected_at < $1 or (expected_at = $1 and id < $2)) \
         and ($3 is null or line = $3) and ($4 is null or mailbox = $4) and ($5 is null or state = $5) \
         and ($6 is null or call_sid = $6) and ($7 is null or (read_at is not null) = $7) \
         and ($8 is null or expected_at >= $8) and ($9 is null or expected_at < $9) \
         and (deleted_at is not null) = $10 order by expected_at desc, id desc limit $11"
    );
    let query = both!(db, |p| sqlx::query_as::<_, VoicemailRow>(SQL)
        .bind(after.map(|(at, _)| *at))
        .bind(after.map(|(_, id)| id))
        .bind(&filter.line)
        .bind(&filter.mailbox)
        .bind(&filter.state)
        .bind(&filter.call_sid)
        .bind(filter.read)
        .bind(filter.since)
        .bind(filter.until)
        .bind(filter.trash)
        .bind(limit)
        .fetch_all(p)
        .await);
    Ok(query?)
}

/// One message, in the trash or not.
///
/// # Errors
/// [`DbError`].
pub async fn voicemail(db: &Db, id: &str) -> Result<Option<VoicemailRow>, DbError> {
    const SQL: &str = columns!("select", "from voicemails where id = $1");
    Ok(both!(db, |p| sqlx::query_as::<_, VoicemailRow>(SQL).bind(id).fetch_optional(p).await)?)
}

/// The messages that a call left, in the trash or not.
///
/// # Errors
/// [`DbError`].
pub async fn voicemails_of_call(db: &Db, call_sid: &str) -> Result<Vec<VoicemailRow>, DbError> {
    const SQL: &str = columns!("select", "from voicemails where call_sid = $1 order by expected_at, id");
    Ok(both!(db, |p| sqlx::query_as::<_, VoicemailRow>(SQL).bind(call_sid).fetch_all(p).await)?)
}

/// Writes an event once, whatever engine `$tx` belongs to.
macro_rules! tell {
    ($tx:ident, $event:ident, $now:expr) => {
        sqlx::query(
            "insert into events (id, type, line, subject, payload, at) values ($1, $2, $3, $4, $5, $6) \
             on conflict (id) do nothing",
        )
        .bind(&$event.id)
        .bind($event.kind)
        .bind(&$event.line)
        .bind(&$event.subject)
        .bind(&$event.payload)
        .bind($now)
        .execute(&mut *$tx)
        .await?;
    };
}

/// Marks a message as read. The first time writes `voicemail.read`; after [`mark_unread`] it is not told again.
///
/// # Errors
/// [`DbError`].
pub async fn mark_read(db: &Db, id: &str, by: &str, now: Time) -> Result<Moved, DbError> {
    const SQL: &str = columns!(
        "update voicemails set read_at = $2 where id = $1 and read_at is null and deleted_at is null \
         and state <> 'expected' returning",
        ""
    );
    let changed = write_tx!(db, |tx| {
        let changed = sqlx::query_as::<_, VoicemailRow>(SQL).bind(id).bind(now).fetch_optional(&mut *tx).await?;
        if let Some(row) = &changed {
            let event = Event::about(row, "voicemail.read", json!({ "by": by, "hours_old": row.hours_old(now) }));
            tell!(tx, event, now);
        }
        changed
    });
    moved(db, id, changed, |row| row.state == "expected").await
}

/// Takes the mark back. Nobody is told.
///
/// # Errors
/// [`DbError`].
pub async fn mark_unread(db: &Db, id: &str) -> Result<Moved, DbError> {
    const SQL: &str = columns!(
        "update voicemails set read_at = null where id = $1 and read_at is not null and deleted_at is null returning",
        ""
    );
    let changed =
        write_tx!(db, |tx| { sqlx::query_as::<_, VoicemailRow>(SQL).bind(id).fetch_optional(&mut *tx).await? });
    moved(db, id, changed, |_| false).await
}

/// Moves a message to the trash and writes `voicemail.deleted`. The audio stays with the carrier. A message that
/// may still be on its way is not touched: it would arrive in the trash and nobody would hear it.
///
/// # Errors
/// [`DbError`].
pub async fn delete(db: &Db, id: &str, by: &str, now: Time) -> Result<Moved, DbError> {
    const SQL: &str = columns!(
        concat!(
            "update voicemails set deleted_at = $2 where id = $1 and deleted_at is null \
             and (state <> 'expected' or expected_at < $3) and id not in (select voicemail_id from recordings \
             where legal_hold and voicemail_id is not null) and call_sid not in ",
            held_calls!(),
            " returning"
        ),
        ""
    );
    let oldest = now - STILL_COMING;
    let changed = write_tx!(db, |tx| {
        let update = sqlx::query_as::<_, VoicemailRow>(SQL).bind(id).bind(now).bind(oldest);
        let changed = update.fetch_optional(&mut *tx).await?;
        if let Some(row) = &changed {
            let event = Event::about(row, "voicemail.deleted", json!({ "by": by, "audio_removed": false }));
            tell!(tx, event, now);
        }
        changed
    });
    if changed.is_none()
        && let Some(hold) = kept_by(db, id).await?
    {
        return Ok(Moved::Held(hold));
    }
    match moved(db, id, changed, |row| row.state == "expected" && row.expected_at >= oldest).await? {
        Moved::Unknown => Ok(voicemail(db, id).await?.map_or(Moved::Unknown, Moved::Already)),
        other => Ok(other),
    }
}

/// The hold that keeps a message of the inbox, in words: its call's, or its recording's.
async fn kept_by(db: &Db, id: &str) -> Result<Option<String>, DbError> {
    const SQL: &str = "select coalesce(legal_holds.reason, recordings.hold_reason, '') from voicemails \
        left join legal_holds on legal_holds.call_sid = voicemails.call_sid and legal_holds.released_at is null \
        left join recordings on recordings.voicemail_id = voicemails.id and recordings.legal_hold \
        where voicemails.id = $1 and voicemails.deleted_at is null \
        and (legal_holds.id is not null or recordings.legal_hold) limit 1";
    Ok(both!(db, |p| sqlx::query_scalar(SQL).bind(id).fetch_optional(p).await)?)
}

/// Messages whose time is over and that no hold keeps.
macro_rules! over {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " (select id from voicemails where expected_at < $1 and ($3 like '%,' || line || ',%') = $4 \
             and id not in (select voicemail_id from recordings \
             where legal_hold and voicemail_id is not null) and call_sid not in ",
            held_calls!(),
            " order by expected_at, id limit $2) ",
            $after
        )
    };
}

/// Removes at most `limit` messages of some lines that were expected before `before`, and writes `voicemail.deleted` of each; of
/// what was in the trash it was written before. Their audio is marked, for the recorder to remove.
pub(super) async fn expire(db: &Db, (before, lines): (Time, &Lines), limit: i64, now: Time) -> Result<u64, DbError> {
    const AUDIO: &str = over!(
        "update recordings set state = 'deleted', settled_at = $5 where state <> 'deleted' and not legal_hold \
         and voicemail_id in",
        "returning voicemail_id, path"
    );
    const PIECES: &str = over!("delete from voicemail_pieces where voicemail_id in", "");
    const SQL: &str = columns!(over!("delete from voicemails where id in", "returning"), "");
    Ok(write_tx!(db, |tx| {
        sqlx::query(alone(db)).execute(&mut *tx).await?;
        let (names, these) = (&lines.names, lines.these);
        let audio = sqlx::query_as::<_, (String, Option<String>)>(AUDIO).bind(before).bind(limit);
        let audio = audio.bind(names).bind(these).bind(now);
        let ours: Vec<String> =
            audio.fetch_all(&mut *tx).await?.into_iter().filter_map(|(id, path)| path.map(|_| id)).collect();
        sqlx::query(PIECES).bind(before).bind(limit).bind(names).bind(these).execute(&mut *tx).await?;
        let gone = sqlx::query_as::<_, VoicemailRow>(SQL).bind(before).bind(limit).bind(names).bind(these);
        let gone = gone.fetch_all(&mut *tx).await?;
        for row in gone.iter().filter(|row| row.deleted_at.is_none()) {
            let data = json!({ "by": "retention", "audio_removed": ours.contains(&row.id) });
            let event = Event::about(row, "voicemail.deleted", data);
            tell!(tx, event, now);
        }
        gone.len() as u64
    }))
}

/// Tells a wish that changed nothing apart: too early, already so, or no such message in the inbox.
async fn moved(
    db: &Db,
    id: &str,
    changed: Option<VoicemailRow>,
    too_early: impl Fn(&VoicemailRow) -> bool,
) -> Result<Moved, DbError> {
    if let Some(row) = changed {
        return Ok(Moved::Now(row));
    }
    Ok(match voicemail(db, id).await?.filter(|row| row.deleted_at.is_none()) {
        None => Moved::Unknown,
        Some(row) if too_early(&row) => Moved::TooEarly,
        Some(row) => Moved::Already(row),
    })
}

/// A row of `events` about a message.
struct Event {
    id: String,
    kind: &'static str,
    line: String,
    subject: String,
    payload: String,
}

impl Event {
    /// Its id follows from message and kind: each kind is told once a message, however often it happens.
    fn about(row: &VoicemailRow, kind: &'static str, mut data: Value) -> Self {
        let seed = Sha256::digest(format!("{kind}/{}", row.id));
        let seed = seed.iter().take(10).fold(0u128, |seed, byte| (seed << 8) | u128::from(*byte));
        if let Some(fields) = data.as_object_mut() {
            let voicemail = json!({ "id": row.id, "mailbox": row.mailbox, "line": row.line });
            fields.insert("voicemail".to_owned(), voicemail);
        }
        Self {
            id: ulid("evt", row.expected_at, seed),
            kind,
            line: row.line.clone(),
            subject: format!("voicemails/{}", row.id),
            payload: data.to_string(),
        }
    }
}
