//! Messages whose report never came, and the accounts that may have more.

use crate::base::Time;
use crate::db::{Db, DbError, both};
use crate::ledger::from_row::from_row;

/// A message of a call with one that is still expected, or recorded and not reported ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// `vm_…`
    pub id: String,
    /// The carrier's name of the call.
    pub call_sid: String,
    /// The account that the call belongs to.
    pub account_sid: Option<String>,
    /// Name of the line.
    pub line: String,
    /// Name of the box.
    pub mailbox: String,
    /// `RE…`, once it is known.
    pub recording_sid: Option<String>,
    /// The Record verb was sent.
    pub expected_at: Time,
    /// Not settled: this one is missing.
    pub open: bool,
}

from_row!(Missing { id, call_sid, account_sid, line, mailbox, recording_sid, expected_at, open });

/// The columns of [`Missing`].
macro_rules! messages {
    ($after:literal) => {
        concat!(
            "select voicemails.id, voicemails.call_sid, account_sid, voicemails.line, mailbox, recording_sid, expected_at, \
             voicemails.state in ('expected', 'recorded') as open \
             from voicemails left join calls on calls.call_sid = voicemails.call_sid ",
            $after
        )
    };
}

/// At most `limit` messages that were expected from `since` on and before `until` and are not settled, in order.
///
/// # Errors
/// [`DbError`].
pub async fn missing(db: &Db, since: Time, until: Time, limit: i64) -> Result<Vec<Missing>, DbError> {
    const SQL: &str = messages!(
        "where expected_at >= $1 and expected_at < $2 and voicemails.state in ('expected', 'recorded') \
         order by expected_at limit $3"
    );
    let query = both!(db, |p| sqlx::query_as::<_, Missing>(SQL).bind(since).bind(until).bind(limit).fetch_all(p).await);
    Ok(query?)
}

/// All messages of a call in order: what is settled has its recording, which belongs to no other.
///
/// # Errors
/// [`DbError`].
pub async fn messages_of(db: &Db, call_sid: &str) -> Result<Vec<Missing>, DbError> {
    const SQL: &str = messages!("where voicemails.call_sid = $1 order by expected_at, voicemails.id");
    Ok(both!(db, |p| sqlx::query_as::<_, Missing>(SQL).bind(call_sid).fetch_all(p).await)?)
}

/// Accounts of tenants below the operator's own.
///
/// # Errors
/// [`DbError`].
pub async fn subaccounts(db: &Db) -> Result<Vec<String>, DbError> {
    const SQL: &str = "select sid from subaccounts where state = 'active' order by sid";
    Ok(both!(db, |p| sqlx::query_scalar::<_, String>(SQL).fetch_all(p).await)?)
}
