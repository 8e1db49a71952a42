//! Learning of recordings: the recording webhooks of the timeline, and the messages of their calls, are read once after
//! their commit. The hot transaction writes nothing for it; an index over what has not been read yet makes it cheap.

use super::row::{RecordingRow, columns};
use super::told::{Event, tell};
use crate::base::Time;
use crate::db::{Db, DbError, both, write_tx};
use crate::ledger::from_row::from_row;
use chrono::TimeDelta;
use serde_json::Value;

/// After the caller stopped speaking the audio is there within seconds; a report should come first.
const UNREPORTED: TimeDelta = TimeDelta::minutes(2);
/// A conversation that began to be recorded may last: the carrier's report should come first.
const BEGUN: TimeDelta = TimeDelta::hours(4);

/// A recording webhook that has not been read yet.
struct Note {
    id: i64,
    at: Time,
    input: String,
    call_id: Option<i64>,
    call_sid: Option<String>,
    account_sid: Option<String>,
    line: Option<String>,
}

from_row!(Note { id, at, input, call_id, call_sid, account_sid, line });

/// A message of a call, as far as its audio goes.
struct Message {
    id: String,
    recording_sid: String,
    state: String,
    duration_s: Option<i64>,
    received_at: Option<Time>,
}

from_row!(Message { id, recording_sid, state, duration_s, received_at });

/// What is known of a recording.
struct Found {
    sid: String,
    voicemail: Option<String>,
    duration_s: Option<i64>,
    next_at: Time,
    /// `absent` or `failed`, when the carrier said so.
    settled: Option<&'static str>,
}

/// Whether there is a recording webhook that nobody has read.
///
/// # Errors
/// [`DbError`].
pub async fn unread(db: &Db) -> Result<bool, DbError> {
    const SQL: &str = "select count(*) from (select 1 from call_events where kind = 'recording' and noted is null \
        limit 1) as unread";
    Ok(both!(db, |p| sqlx::query_scalar::<_, i64>(SQL).fetch_one(p).await)? > 0)
}

const MESSAGES: &str = "select id, recording_sid, state, duration_s, received_at from voicemails \
    where call_sid = $1 and recording_sid is not null";

const FOUND: &str = "insert into recordings (recording_sid, call_id, call_sid, account_sid, line, kind, voicemail_id, \
    state, attempts, next_at, duration_s, legal_hold, found_at) \
    values ($1, $2, $3, $4, $5, $6, $7, 'expected', 0, $8, $9, false, $10) \
    on conflict (recording_sid) do update set duration_s = coalesce(recordings.duration_s, excluded.duration_s), \
    kind = case when excluded.voicemail_id is null then recordings.kind else excluded.kind end, \
    voicemail_id = coalesce(recordings.voicemail_id, excluded.voicemail_id), \
    next_at = case when recordings.attempts = 0 and excluded.next_at < recordings.next_at then excluded.next_at \
    else recordings.next_at end";

const SETTLE: &str = columns!(
    "update recordings set state = $2, settled_at = $3 where recording_sid = $1 \
     and state in ('expected', 'fetching') and path is null returning",
    ""
);

/// Takes what one webhook speaks of, whatever engine `$tx` belongs to.
macro_rules! take {
    ($tx:ident, $note:ident, $now:ident) => {
        if let (Some(call_id), Some(call_sid)) = ($note.call_id, &$note.call_sid) {
            let messages = sqlx::query_as::<_, Message>(MESSAGES).bind(call_sid).fetch_all(&mut *$tx).await?;
            for found in recordings_of($note, &messages) {
                let kind = if found.voicemail.is_some() { "voicemail" } else { "dial" };
                let row = sqlx::query(FOUND).bind(&found.sid).bind(call_id).bind(call_sid).bind(&$note.account_sid);
                let row = row.bind(&$note.line).bind(kind).bind(&found.voicemail).bind(found.next_at);
                row.bind(found.duration_s).bind($now).execute(&mut *$tx).await?;
                let Some(state) = found.settled else { continue };
                let settle = sqlx::query_as::<_, RecordingRow>(SETTLE).bind(&found.sid).bind(state).bind($now);
                let settled = settle.fetch_optional(&mut *$tx).await?;
                // Of a message it was told when the message was settled.
                if let Some(row) = settled.filter(|row| row.voicemail_id.is_none()) {
                    tell!($tx, Event::failed(&row, state, $now));
                }
            }
        }
    };
}

/// Reads at most `limit` recording webhooks in one transaction and says how many. Reading one twice changes nothing.
///
/// # Errors
/// [`DbError`]; they are read another time.
pub async fn discover(db: &Db, now: Time, limit: i64) -> Result<u64, DbError> {
    const NOTES: &str = "select call_events.id, call_events.at, input, call_id, call_sid, account_sid, line \
        from call_events left join calls on calls.id = call_id \
        where kind = 'recording' and noted is null order by call_events.id limit $1";
    const NOTED: &str = "update call_events set noted = true where id = $1";
    let notes = both!(db, |p| sqlx::query_as::<_, Note>(NOTES).bind(limit).fetch_all(p).await)?;
    if notes.is_empty() {
        return Ok(0);
    }
    write_tx!(db, |tx| {
        for note in &notes {
            take!(tx, note, now);
            sqlx::query(NOTED).bind(note.id).execute(&mut *tx).await?;
        }
    });
    Ok(notes.len() as u64)
}

/// A conversation in the carrier's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `RE…`
    pub sid: String,
    /// Its call, which may be somebody else's: an account can serve more than us.
    pub call_sid: String,
    /// Seconds.
    pub duration_s: Option<i64>,
}

/// Takes a conversation that the carrier lists, if its call is ours and nobody told of it. Says whether it was new.
///
/// # Errors
/// [`DbError`].
pub async fn listed(db: &Db, found: &Listed, now: Time) -> Result<bool, DbError> {
    const SQL: &str = "insert into recordings (recording_sid, call_id, call_sid, account_sid, line, kind, state, attempts, \
        next_at, duration_s, legal_hold, found_at) select $1, id, call_sid, account_sid, line, 'dial', 'expected', 0, $4, $3, \
        false, $4 from calls where call_sid = $2 on conflict (recording_sid) do nothing";
    Ok(write_tx!(db, |tx| {
        let row = sqlx::query(SQL).bind(&found.sid).bind(&found.call_sid).bind(found.duration_s).bind(now);
        row.execute(&mut *tx).await?.rows_affected() == 1
    }))
}

/// The recordings that a webhook and the messages of its call speak of. What is no message is a conversation.
fn recordings_of(note: &Note, messages: &[Message]) -> Vec<Found> {
    let mut all: Vec<Found> = messages.iter().map(|message| of_message(message, note.at)).collect();
    if let Some(found) = of_webhook(note).filter(|found| all.iter().all(|message| message.sid != found.sid)) {
        all.push(found);
    }
    all
}

fn of_message(message: &Message, at: Time) -> Found {
    let settled = match message.state.as_str() {
        "absent" => Some("absent"),
        "failed" => Some("failed"),
        _ => None,
    };
    let next_at = message.received_at.unwrap_or(at + UNREPORTED);
    let (sid, voicemail) = (message.recording_sid.clone(), Some(message.id.clone()));
    Found { sid, voicemail, duration_s: message.duration_s, next_at, settled }
}

fn of_webhook(note: &Note) -> Option<Found> {
    let fields: Value = serde_json::from_str(&note.input).ok()?;
    let field = |name: &str| fields.get(name).and_then(Value::as_str);
    let (next_at, settled) = match field("RecordingStatus") {
        Some("completed") => (note.at, None),
        Some("absent") => (note.at, Some("absent")),
        Some("failed") => (note.at, Some("failed")),
        Some("in-progress") => (note.at + BEGUN, None),
        _ => (note.at + UNREPORTED, None),
    };
    let sid = field("RecordingSid").filter(|sid| !sid.is_empty())?.to_owned();
    let duration_s = field("RecordingDuration").and_then(|text| text.parse().ok());
    Some(Found { sid, voicemail: None, duration_s, next_at, settled })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(input: &str) -> Note {
        let (at, none) = (Time::UNIX_EPOCH, None::<String>);
        Note {
            id: 1,
            at,
            input: input.to_owned(),
            call_id: Some(1),
            call_sid: none.clone(),
            account_sid: none.clone(),
            line: none,
        }
    }

    fn message(state: &str) -> Message {
        let received_at = (state != "recorded").then_some(Time::UNIX_EPOCH);
        Message {
            id: "vm_1".to_owned(),
            recording_sid: "RE1".to_owned(),
            state: state.to_owned(),
            duration_s: Some(9),
            received_at,
        }
    }

    #[test]
    fn a_recording_is_a_message_or_a_conversation_and_never_both() {
        let completed = note(r#"{"RecordingSid":"RE1","RecordingStatus":"completed","RecordingDuration":"9"}"#);
        let found = recordings_of(&completed, &[message("ready")]);
        assert_eq!(
            found.iter().map(|f| (f.sid.as_str(), f.voicemail.as_deref())).collect::<Vec<_>>(),
            [("RE1", Some("vm_1"))]
        );
        let found = recordings_of(&completed, &[]);
        assert_eq!((found.len(), found[0].voicemail.as_deref(), found[0].duration_s), (1, None, Some(9)));
        assert_eq!(recordings_of(&note("not JSON"), &[]).len(), 0);
        assert_eq!(recordings_of(&note(r#"{"RecordingStatus":"completed"}"#), &[]).len(), 0);
    }

    #[tokio::test]
    async fn a_slice_is_one_transaction() {
        const NOTE: &str = "insert into call_events (id, at, kind, step, input, decision, answer) \
            values ($1, $2, 'recording', 0, '{}', '', '')";
        const BAD: &str = "create trigger bad before update on call_events when new.id = 3 \
            begin select raise(abort, 'bad'); end";
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite://{}", folder.path().join("test.db").display())).expect("a good URL");
        db.migrate().await.expect("migrated");
        let Db::Sqlite(engine) = &db else { unreachable!("it is SQLite's") };
        for id in 1..=3_i64 {
            let note = sqlx::query(NOTE).bind(id).bind(Time::UNIX_EPOCH);
            note.execute(&engine.write).await.expect("a webhook");
        }
        sqlx::query(BAD).execute(&engine.write).await.expect("a trigger");
        discover(&db, Time::UNIX_EPOCH, 3).await.expect_err("the third fails");
        let read = "select count(*) from call_events where noted";
        assert_eq!(sqlx::query_scalar::<_, i64>(read).fetch_one(&engine.read).await.expect("a count"), 0);
        assert_eq!(discover(&db, Time::UNIX_EPOCH, 2).await.expect("two are good"), 2);
    }

    #[test]
    fn what_is_not_reported_yet_is_tried_later() {
        let begun = recordings_of(&note(r#"{"RecordingSid":"RE1","RecordingStatus":"in-progress"}"#), &[]);
        assert_eq!(begun[0].next_at, Time::UNIX_EPOCH + BEGUN);
        assert_eq!(recordings_of(&note("{}"), &[message("recorded")])[0].next_at, Time::UNIX_EPOCH + UNREPORTED);
        assert_eq!(recordings_of(&note("{}"), &[message("ready")])[0].next_at, Time::UNIX_EPOCH);
    }
}
