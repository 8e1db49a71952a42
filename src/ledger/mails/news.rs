//! Rows of mails follow from the outbox: a reader that moves on in the transaction of what it makes misses no event and
//! takes none twice, whatever dies and however many instances there are.

use super::row::MailRow;
use crate::base::{Time, derived_id};
use crate::db::{Db, DbError, both, write_tx};
use crate::ledger::from_row::from_row;
use chrono::TimeDelta;
use serde_json::Value;

/// Older events are passed over: somebody who sets a mail server up after months wants no flood.
const OLDEST: TimeDelta = TimeDelta::days(3);

/// What an event tells of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// `vm_…`
    pub voicemail_id: String,
    /// The carrier's name of the call.
    pub call_sid: String,
    /// Name of the line.
    pub line: String,
    /// Name of the box; of a transcript the message says it.
    pub mailbox: String,
    /// Its words are there; otherwise the message itself is.
    pub words: bool,
}

/// What was told since the last look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    from: i64,
    to: i64,
    /// In the order of the outbox.
    pub heard: Vec<Heard>,
}

/// A mail to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMail<'a> {
    /// What it is about.
    pub heard: &'a Heard,
    /// A mail address.
    pub to: &'a str,
}

struct Event {
    seq: i64,
    kind: String,
    line: Option<String>,
    payload: String,
}

from_row!(Event { seq, kind, line, payload });

/// What the outbox tells behind the last look, at most `limit` events of ours. `None`: nothing, not even of others.
///
/// # Errors
/// [`DbError`].
pub async fn news(db: &Db, now: Time, limit: i64) -> Result<Option<News>, DbError> {
    const STAND: &str = "select mail_progress.seq, relay.seq from mail_progress, relay";
    const EVENTS: &str = "select seq, type as kind, line, payload from events where seq > $1 and seq <= $2 and at >= $3 \
        and type in ('voicemail.new', 'transcript.ready') order by seq limit $4";
    let (from, last): (i64, i64) = both!(db, |p| sqlx::query_as(STAND).fetch_one(p).await)?;
    if last <= from {
        return Ok(None);
    }
    let events = both!(db, |p| sqlx::query_as::<_, Event>(EVENTS)
        .bind(from)
        .bind(last)
        .bind(now - OLDEST)
        .bind(limit)
        .fetch_all(p)
        .await)?;
    let is_full = i64::try_from(events.len()).is_ok_and(|found| found >= limit);
    let to = events.last().filter(|_| is_full).map_or(last, |event| event.seq);
    Ok(Some(News { from, to, heard: events.into_iter().filter_map(heard).collect() }))
}

fn heard(event: Event) -> Option<Heard> {
    let payload: Value = serde_json::from_str(&event.payload).ok()?;
    let words = event.kind == "transcript.ready";
    let (about, id) = if words { ("transcript", "voicemail_id") } else { ("voicemail", "id") };
    let field = |name: &str| payload.get(about)?.get(name)?.as_str().map(str::to_owned);
    Some(Heard {
        voicemail_id: field(id)?,
        call_sid: field("call_sid")?,
        line: event.line.unwrap_or_default(),
        mailbox: field("mailbox").unwrap_or_default(),
        words,
    })
}

const INSERT: &str = "insert into mails (id, voicemail_id, call_sid, line, mailbox, kind, recipient, state, attempts, \
    next_at, made_at) values ($1, $2, $3, $4, $5, $6, $7, 'waiting', 0, $8, $8) \
    on conflict (voicemail_id, kind, recipient) do nothing";

/// Inserts a row, whatever engine `$tx` belongs to.
macro_rules! insert {
    ($tx:ident, $kind:literal, $heard:expr, $mailbox:expr, $to:expr, $now:expr) => {
        let id = derived_id("ml", &[&$heard.voicemail_id, $kind, $to]);
        let row = sqlx::query(INSERT).bind(id).bind(&$heard.voicemail_id).bind(&$heard.call_sid).bind(&$heard.line);
        row.bind($mailbox).bind($kind).bind($to).bind($now).execute(&mut *$tx).await?;
    };
}

/// Makes the mails that follow from what was heard, and moves on. Those with words go to whoever got the message, or is
/// about to. `false`: another instance was first, and has made them.
///
/// # Errors
/// [`DbError`]; nothing has changed then.
pub async fn take(db: &Db, news: &News, fresh: &[NewMail<'_>], words: &[&Heard], now: Time) -> Result<bool, DbError> {
    const MOVE: &str = "update mail_progress set seq = $2 where id = 1 and seq = $1";
    const GOT: &str = "select recipient, mailbox from mails where voicemail_id = $1 and kind = 'voicemail' \
        and state in ('waiting', 'sent') order by recipient";
    Ok(write_tx!(db, |tx| {
        let moved = sqlx::query(MOVE).bind(news.from).bind(news.to).execute(&mut *tx).await?.rows_affected();
        if moved == 0 {
            return Ok(false);
        }
        for mail in fresh {
            insert!(tx, "voicemail", mail.heard, &mail.heard.mailbox, mail.to, now);
        }
        for heard in words {
            let got: Vec<(String, String)> = sqlx::query_as(GOT).bind(&heard.voicemail_id).fetch_all(&mut *tx).await?;
            for (to, mailbox) in &got {
                insert!(tx, "transcript", heard, mailbox, to, now);
            }
        }
        true
    }))
}

const INCLUDED: &str = "insert into mails (id, voicemail_id, call_sid, line, mailbox, kind, recipient, state, attempts, \
    next_at, made_at, settled_at) values ($1, $2, $3, $4, $5, 'transcript', $6, 'included', 0, $7, $7, $7) \
    on conflict (voicemail_id, kind, recipient) do update set state = 'included', settled_at = excluded.settled_at \
    where mails.state = 'waiting'";

/// The row that says: the words of this message went with the message itself.
pub(super) fn included(mail: &MailRow) -> (&'static str, String) {
    (INCLUDED, derived_id("ml", &[&mail.voicemail_id, "transcript", &mail.recipient]))
}
