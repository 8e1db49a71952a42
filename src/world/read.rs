//! What the tables say of lines, numbers and sub-accounts.

use super::stored::{Binding, Stored, StoredLine, SubaccountToken};
use crate::base::Time;
use crate::db::{Db, DbError, both};

/// Changes whenever a row that matters here does. Cheap: the tables are small.
///
/// # Errors
/// [`DbError`].
pub async fn version(db: &Db) -> Result<String, DbError> {
    const SQL: &str = "select (select count(*) from lines), (select max(updated_at) from lines), \
        (select count(*) from numbers), (select max(updated_at) from numbers), \
        (select count(*) from subaccounts), (select max(updated_at) from subaccounts)";
    type Row = (i64, Option<Time>, i64, Option<Time>, i64, Option<Time>);
    let row: Row = both!(db, |p| sqlx::query_as(SQL).fetch_one(p).await)?;
    let (lines, line, numbers, number, accounts, account) = row;
    let micros = |at: Option<Time>| at.map_or(0, |at| at.timestamp_micros());
    Ok(format!("{lines}.{}.{numbers}.{}.{accounts}.{}", micros(line), micros(number), micros(account)))
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
    type Pairs = Vec<(String, String)>;
    // The version first: what changes in between is then read again, not missed.
    let version = version(db).await?;
    let lines: Pairs = both!(db, |p| sqlx::query_as(LINES).fetch_all(p).await)?;
    let numbers: Pairs = both!(db, |p| sqlx::query_as(NUMBERS).fetch_all(p).await)?;
    let accounts: Pairs = both!(db, |p| sqlx::query_as(ACCOUNTS).fetch_all(p).await)?;
    Ok(Stored {
        version,
        lines: lines.into_iter().map(|(name, definition)| StoredLine { name, definition }).collect(),
        numbers: numbers.into_iter().map(|(number, line)| Binding { number, line }).collect(),
        subaccounts: accounts.into_iter().map(|(sid, sealed)| SubaccountToken { sid, sealed }).collect(),
    })
}
