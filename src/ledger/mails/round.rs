//! What whoever sends mails writes down: whose turn it is, and what came of it.

use super::news::included;
use super::row::{MailRow, columns};
use crate::base::Time;
use crate::db::{Db, DbError, both, write_tx};

/// Executes inside a transaction of its own and gives the number of rows.
macro_rules! execute {
    ($db:expr, $query:expr) => {
        write_tx!($db, |tx| { $query.execute(&mut *tx).await?.rows_affected() })
    };
}

/// Mails that may go now and that nobody sends, the longest due first. Words never go before their message.
///
/// # Errors
/// [`DbError`].
pub async fn due(db: &Db, now: Time, limit: i64) -> Result<Vec<MailRow>, DbError> {
    const SQL: &str = columns!(
        "select",
        "from mails where state = 'waiting' and next_at <= $1 and (held_until is null or held_until <= $1) \
         and (kind = 'voicemail' or not exists (select 1 from mails as whole where whole.state = 'waiting' \
         and whole.voicemail_id = mails.voicemail_id and whole.kind = 'voicemail' \
         and whole.recipient = mails.recipient)) order by next_at, id limit $2"
    );
    Ok(both!(db, |p| sqlx::query_as::<_, MailRow>(SQL).bind(now).bind(limit).fetch_all(p).await)?)
}

/// Takes a mail to send it, until `until`. `None`: somebody else was first.
///
/// # Errors
/// [`DbError`].
pub async fn claim(db: &Db, id: &str, holder: &str, now: Time, until: Time) -> Result<Option<MailRow>, DbError> {
    const SQL: &str = columns!(
        "update mails set attempts = attempts + 1, holder = $2, held_until = $4 where id = $1 and state = 'waiting' \
         and next_at <= $3 and (held_until is null or held_until <= $3) returning",
        ""
    );
    Ok(write_tx!(db, |tx| {
        let claim = sqlx::query_as::<_, MailRow>(SQL).bind(id).bind(holder).bind(now).bind(until);
        claim.fetch_optional(&mut *tx).await?
    }))
}

/// The mail server has it. `with_words`: the caller's words went with it, so no second mail follows.
///
/// # Errors
/// [`DbError`]; then it may go a second time, with the same Message-ID.
pub async fn sent(db: &Db, mail: &MailRow, holder: &str, with_words: bool, now: Time) -> Result<bool, DbError> {
    const SQL: &str = "update mails set state = 'sent', settled_at = $3, problem = null, holder = null, held_until = null \
        where id = $1 and holder = $2 and state = 'waiting'";
    Ok(write_tx!(db, |tx| {
        let sent = sqlx::query(SQL).bind(&mail.id).bind(holder).bind(now).execute(&mut *tx).await?.rows_affected();
        if sent == 1 && with_words {
            let (sql, id) = included(mail);
            let row = sqlx::query(sql).bind(id).bind(&mail.voicemail_id).bind(&mail.call_sid).bind(&mail.line);
            row.bind(&mail.mailbox).bind(&mail.recipient).bind(now).execute(&mut *tx).await?;
        }
        sent == 1
    }))
}

/// Not now: tried again at `next_at`. `asked`: a mail server was, so it counts as a try.
///
/// # Errors
/// [`DbError`].
pub async fn later(
    db: &Db,
    (id, holder): (&str, &str),
    next_at: Time,
    problem: &str,
    asked: bool,
) -> Result<(), DbError> {
    const SQL: &str = "update mails set next_at = $3, problem = $4, attempts = attempts - $5, holder = null, \
        held_until = null where id = $1 and holder = $2 and state = 'waiting'";
    let back = i64::from(!asked);
    execute!(db, sqlx::query(SQL).bind(id).bind(holder).bind(next_at).bind(problem).bind(back));
    Ok(())
}

/// How a mail ends that is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The mail server refused it for good.
    Refused,
    /// It was tried for days.
    Expired,
    /// Nobody wants it any more: its message is deleted.
    Dropped,
}

impl Ending {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Dropped => "dropped",
        }
    }

    /// How `recent_errors` calls it, where somebody should look.
    const fn error(self) -> Option<&'static str> {
        match self {
            Self::Refused => Some("mail.refused"),
            Self::Expired => Some("mail.expired"),
            Self::Dropped => None,
        }
    }
}

const END: &str = "update mails set state = $2, problem = $3, settled_at = $4, holder = null, held_until = null \
    where id = $1 and state = 'waiting'";
/// Words without their message would be a riddle.
const END_WORDS: &str = "update mails set state = 'dropped', problem = 'the message itself was not sent', \
    settled_at = $3, holder = null, held_until = null where voicemail_id = $1 and recipient = $2 \
    and kind = 'transcript' and state = 'waiting'";
const ERROR: &str = "insert into errors (at, kind, message, call_sid) values ($1, $2, $3, $4)";

/// Ends a mail, and writes it down for `recent_errors` where somebody should look; `problem` names no recipient.
/// `false`: it was ended before.
///
/// # Errors
/// [`DbError`].
pub async fn end(db: &Db, mail: &MailRow, ending: Ending, problem: &str, now: Time) -> Result<bool, DbError> {
    Ok(write_tx!(db, |tx| {
        let end = sqlx::query(END).bind(&mail.id).bind(ending.as_str()).bind(problem).bind(now);
        let ended = end.execute(&mut *tx).await?.rows_affected() == 1;
        if ended && mail.kind == "voicemail" {
            let words = sqlx::query(END_WORDS).bind(&mail.voicemail_id).bind(&mail.recipient).bind(now);
            words.execute(&mut *tx).await?;
        }
        if let Some(kind) = ending.error().filter(|_| ended) {
            let message = format!("{} of {}: {problem}", mail.kind, mail.voicemail_id);
            sqlx::query(ERROR).bind(now).bind(kind).bind(message).bind(&mail.call_sid).execute(&mut *tx).await?;
        }
        ended
    }))
}

/// Mails that were made before `before` and still wait, with nobody sending them.
///
/// # Errors
/// [`DbError`].
pub async fn expire(db: &Db, before: Time, limit: i64, now: Time) -> Result<u64, DbError> {
    const OLD: &str = columns!(
        "select",
        "from mails where state = 'waiting' and made_at < $1 and (held_until is null or held_until <= $2) \
         order by next_at limit $3"
    );
    let old = both!(db, |p| sqlx::query_as::<_, MailRow>(OLD).bind(before).bind(now).bind(limit).fetch_all(p).await)?;
    let mut ended = 0;
    for mail in &old {
        let problem = mail.problem.as_deref().unwrap_or("it was not tried");
        ended += u64::from(end(db, mail, Ending::Expired, &format!("given up; at last: {problem}"), now).await?);
    }
    Ok(ended)
}

/// Removes at most `limit` rows that were settled before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn forget(db: &Db, before: Time, limit: i64) -> Result<u64, DbError> {
    const LOOK: &str = "select id from mails where settled_at < $1 limit 1";
    const SQL: &str =
        "delete from mails where id in (select id from mails where settled_at < $1 order by settled_at limit $2)";
    let found: Option<String> = both!(db, |p| sqlx::query_scalar(LOOK).bind(before).fetch_optional(p).await)?;
    if found.is_none() {
        return Ok(0);
    }
    Ok(execute!(db, sqlx::query(SQL).bind(before).bind(limit)))
}
