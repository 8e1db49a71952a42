//! What the tables say of lines, numbers and sub-accounts.

use super::stored::{Binding, Stored, StoredLine, SubaccountToken};
use crate::base::Time;
use crate::config::entries::{Entry, List};
use crate::config::hours::Override;
use crate::db::{Db, DbError, both};

/// Changes whenever a row that matters here does. Cheap: the tables are small.
///
/// # Errors
/// [`DbError`].
pub async fn version(db: &Db) -> Result<String, DbError> {
    const SQL: &str = "select count(*), max(updated_at) from lines union all select count(*), max(updated_at) from numbers \
        union all select count(*), max(updated_at) from subaccounts union all \
        select count(*) + count(cancelled_at), max(updated_at) from overrides union all select count(*), max(at) from revocations union all \
        select count(*) + count(cancelled_at), max(updated_at) from caller_entries";
    let rows: Vec<(i64, Option<Time>)> = both!(db, |p| sqlx::query_as(SQL).fetch_all(p).await)?;
    let table =
        |(rows, changed): &(i64, Option<Time>)| format!("{rows}.{}", changed.map_or(0, |at| at.timestamp_micros()));
    Ok(rows.iter().map(table).collect::<Vec<_>>().join("."))
}

/// Everything, sorted, so that two readings of the same rows are equal.
///
/// # Errors
/// [`DbError`].
pub async fn stored(db: &Db) -> Result<Stored, DbError> {
    const LINES: &str = "select name, definition from lines order by name";
    const NUMBERS: &str =
        "select phone_number, line from numbers where state = 'active' and line is not null order by phone_number";
    const ACCOUNTS: &str = "select sid, sealed_token from subaccounts where state = 'active' order by sid";
    const OVERRIDES: &str = "select id, line, state, starts_at, ends_at, say from overrides \
        where cancelled_at is null order by starts_at, id";
    const LISTED: &str = "select id, line, number, list, ends_at, created_at from caller_entries \
        where cancelled_at is null order by created_at, id";
    const REVOKED: &str = "select call_sid from revocations order by call_sid";
    type Pairs = Vec<(String, String)>;
    // The version first: what changes in between is then read again, not missed.
    let version = version(db).await?;
    let lines: Pairs = both!(db, |p| sqlx::query_as(LINES).fetch_all(p).await)?;
    let numbers: Pairs = both!(db, |p| sqlx::query_as(NUMBERS).fetch_all(p).await)?;
    let accounts: Pairs = both!(db, |p| sqlx::query_as(ACCOUNTS).fetch_all(p).await)?;
    let said: Vec<Said> = both!(db, |p| sqlx::query_as(OVERRIDES).fetch_all(p).await)?;
    let revoked: Vec<String> = both!(db, |p| sqlx::query_scalar(REVOKED).fetch_all(p).await)?;
    let listed: Vec<Listed> = both!(db, |p| sqlx::query_as(LISTED).fetch_all(p).await)?;
    Ok(Stored {
        version,
        entries: listed.into_iter().filter_map(entry).collect(),
        revoked,
        lines: lines.into_iter().map(|(name, definition)| StoredLine { name, definition }).collect(),
        numbers: numbers.into_iter().map(|(number, line)| Binding { number, line }).collect(),
        subaccounts: accounts.into_iter().map(|(sid, sealed)| SubaccountToken { sid, sealed }).collect(),
        overrides: said.into_iter().map(overridden).collect(),
    })
}

/// Id, line, number, list, end, beginning.
type Listed = (String, Option<String>, String, String, Option<Time>, Time);

fn entry((id, line, number, list, until, made): Listed) -> Option<Entry> {
    Some(Entry { id, line, number, list: List::parse(&list)?, until, made })
}

/// Id, line, state, beginning, end, words.
type Said = (String, String, String, Time, Option<Time>, String);

fn overridden((id, line, state, from, until, say): Said) -> Override {
    Override { id, line, open: state == "open", from, until, say }
}
