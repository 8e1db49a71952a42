//! A row of `mails`.

use crate::base::Time;
use crate::db::{Db, DbError, both};
use crate::ledger::from_row::from_row;

/// A row of `mails`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRow {
    /// `ml_…`
    pub id: String,
    /// `vm_…`
    pub voicemail_id: String,
    /// The carrier's name of the call.
    pub call_sid: String,
    /// Name of the line.
    pub line: String,
    /// Name of the box.
    pub mailbox: String,
    /// `voicemail`, `transcript`.
    pub kind: String,
    /// A mail address.
    pub recipient: String,
    /// `waiting`, `sent`, `included`, `refused`, `expired`, `dropped`.
    pub state: String,
    /// Times that a mail server was asked.
    pub attempts: i64,
    /// When it is tried (again).
    pub next_at: Time,
    /// Why the last try failed, or why it is dropped.
    pub problem: Option<String>,
    /// Made.
    pub made_at: Time,
    /// Not waiting any more.
    pub settled_at: Option<Time>,
}

from_row!(MailRow {
    id,
    voicemail_id,
    call_sid,
    line,
    mailbox,
    kind,
    recipient,
    state,
    attempts,
    next_at,
    problem,
    made_at,
    settled_at,
});

/// The columns of [`MailRow`].
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, voicemail_id, call_sid, line, mailbox, kind, recipient, state, attempts, next_at, problem, made_at, \
             settled_at ",
            $after
        )
    };
}
pub(super) use columns;

/// One mail.
///
/// # Errors
/// [`DbError`].
pub async fn mail(db: &Db, id: &str) -> Result<Option<MailRow>, DbError> {
    const SQL: &str = columns!("select", "from mails where id = $1");
    Ok(both!(db, |p| sqlx::query_as::<_, MailRow>(SQL).bind(id).fetch_optional(p).await)?)
}

/// The mails about a message, in the order in which they were made.
///
/// # Errors
/// [`DbError`].
pub async fn mails_of_voicemail(db: &Db, voicemail: &str) -> Result<Vec<MailRow>, DbError> {
    const SQL: &str = columns!("select", "from mails where voicemail_id = $1 order by made_at, kind desc, recipient");
    Ok(both!(db, |p| sqlx::query_as::<_, MailRow>(SQL).bind(voicemail).fetch_all(p).await)?)
}

/// The mails about all messages of a call.
///
/// # Errors
/// [`DbError`].
pub async fn mails_of_call(db: &Db, call_sid: &str) -> Result<Vec<MailRow>, DbError> {
    const SQL: &str = columns!("select", "from mails where call_sid = $1 order by made_at, kind desc, recipient");
    Ok(both!(db, |p| sqlx::query_as::<_, MailRow>(SQL).bind(call_sid).fetch_all(p).await)?)
}
