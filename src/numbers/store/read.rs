//! What the tables tell.

use super::rows::{AccountRow, LineRow, NumberRow, StepText, TransactionText};
use crate::base::Time;
use crate::db::{Db, both};
use crate::numbers::error::NumbersError;
use crate::numbers::saga::{Journal, Transaction};

/// Columns of `transactions`, between two pieces of a statement.
macro_rules! transactions {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, kind, state, subject, line, input, failed_step, error, requested_by, attempts, next_at, \
             lease_holder, lease_until, created_at, updated_at, finished_at ",
            $after
        )
    };
}

/// Columns of `numbers`, between two pieces of a statement.
macro_rules! numbers {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " phone_number, sid, account_sid, line, state, voice_url, voice_fallback_url, status_callback, sms_url, \
             actual_voice_url, actual_voice_fallback_url, actual_status_callback, actual_sms_url, checked_at, \
             monthly_price, currency, transaction_id, created_at, updated_at, released_at ",
            $after
        )
    };
}

/// Which transactions. Absent means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::numbers) struct TransactionFilter {
    /// What they are for.
    pub kind: Option<String>,
    /// Where they stand.
    pub state: Option<String>,
    /// Name of the line.
    pub line: Option<String>,
}

/// Place in the list: time and id.
pub(in crate::numbers) type TransactionPlace = (Time, String);

/// Which numbers. Absent means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::numbers) struct NumberFilter {
    /// Name of the line.
    pub line: Option<String>,
    /// `active`, `releasing`, `released`.
    pub state: Option<String>,
}

/// Place in the list: time and number.
pub(in crate::numbers) type NumberPlace = (Time, String);

/// A transaction with its steps.
///
/// # Errors
/// [`NumbersError`]: the database, or a row that cannot be read.
pub(in crate::numbers) async fn journal(db: &Db, id: &str) -> Result<Option<Journal>, NumbersError> {
    const WHOLE: &str = transactions!("select", "from transactions where id = $1");
    const STEPS: &str = "select transaction_id, number, name, state, attempts, result, error, started_at, tried_at, \
        done_at, undone_at from transaction_steps where transaction_id = $1 order by number";
    let (whole, steps) = both!(db, |p| {
        let whole = sqlx::query_as::<_, TransactionText>(WHOLE).bind(id).fetch_optional(p).await;
        let steps = sqlx::query_as::<_, StepText>(STEPS).bind(id).fetch_all(p).await;
        (whole, steps)
    });
    let Some(whole) = whole.map_err(crate::db::DbError::from)? else { return Ok(None) };
    let steps = steps.map_err(crate::db::DbError::from)?;
    let steps = steps.into_iter().map(StepText::read).collect::<Result<_, _>>()?;
    Ok(Some(Journal { transaction: whole.read()?, steps }))
}

/// At most `limit` transactions behind `after`, newest first.
///
/// # Errors
/// [`NumbersError`].
pub(in crate::numbers) async fn transactions(
    db: &Db,
    filter: &TransactionFilter,
    after: Option<&TransactionPlace>,
    limit: i64,
) -> Result<Vec<Transaction>, NumbersError> {
    const SQL: &str = transactions!(
        "select",
        "from transactions where ($1 is null or created_at < $1 or (created_at = $1 and id < $2)) \
         and ($3 is null or kind = $3) and ($4 is null or state = $4) and ($5 is null or line = $5) \
         order by created_at desc, id desc limit $6"
    );
    let rows = both!(db, |p| sqlx::query_as::<_, TransactionText>(SQL)
        .bind(after.map(|(at, _)| *at))
        .bind(after.map(|(_, id)| id))
        .bind(&filter.kind)
        .bind(&filter.state)
        .bind(&filter.line)
        .bind(limit)
        .fetch_all(p)
        .await);
    rows.map_err(crate::db::DbError::from)?.into_iter().map(TransactionText::read).collect()
}

/// The transaction that has not ended and works on this.
///
/// # Errors
/// [`NumbersError`].
pub(in crate::numbers) async fn unfinished_of(db: &Db, subject: &str) -> Result<Option<String>, NumbersError> {
    const SQL: &str = "select id from transactions where subject = $1 and finished_at is null";
    let id = both!(db, |p| sqlx::query_scalar(SQL).bind(subject).fetch_optional(p).await);
    Ok(id.map_err(crate::db::DbError::from)?)
}

/// What else an account is used for: numbers that are not released, and transactions that have not ended.
#[derive(Clone, Copy, Debug)]
pub(in crate::numbers) struct Tenancy<'a> {
    pub account_sid: &'a str,
    /// SID of the tenant's own number.
    pub number_sid: Option<&'a str>,
    /// The transaction that set the tenant up.
    pub transaction: &'a str,
}

/// How many others use a tenant's account: numbers, and transactions that work in it.
///
/// # Errors
/// [`NumbersError`].
pub(in crate::numbers) async fn others_in(db: &Db, tenancy: Tenancy<'_>) -> Result<(i64, i64), NumbersError> {
    const NUMBERS: &str = "select count(*) from numbers where account_sid = $1 and state <> 'released' \
        and sid <> coalesce($2, '')";
    // The wish names the account in its JSON, which we write without blanks.
    const BUSY: &str = "select count(*) from transactions where finished_at is null and id <> $1 and input like $2";
    let Tenancy { account_sid, number_sid, transaction } = tenancy;
    let named = format!("%\"account_sid\":\"{account_sid}\"%");
    let (numbers, busy) = both!(db, |p| {
        let numbers = sqlx::query_scalar(NUMBERS).bind(account_sid).bind(number_sid).fetch_one(p).await;
        let busy = sqlx::query_scalar(BUSY).bind(transaction).bind(&named).fetch_one(p).await;
        (numbers, busy)
    });
    Ok((numbers.map_err(crate::db::DbError::from)?, busy.map_err(crate::db::DbError::from)?))
}

/// At most `limit` numbers behind `after`, newest first.
///
/// # Errors
/// [`NumbersError`].
pub(in crate::numbers) async fn numbers(
    db: &Db,
    filter: &NumberFilter,
    after: Option<&NumberPlace>,
    limit: i64,
) -> Result<Vec<NumberRow>, NumbersError> {
    const SQL: &str = numbers!(
        "select",
        "from numbers where ($1 is null or created_at < $1 or (created_at = $1 and phone_number < $2)) \
         and ($3 is null or line = $3) and ($4 is null or state = $4) \
         order by created_at desc, phone_number desc limit $5"
    );
    let rows = both!(db, |p| sqlx::query_as::<_, NumberRow>(SQL)
        .bind(after.map(|(at, _)| *at))
        .bind(after.map(|(_, number)| number))
        .bind(&filter.line)
        .bind(&filter.state)
        .bind(limit)
        .fetch_all(p)
        .await);
    Ok(rows.map_err(crate::db::DbError::from)?)
}

/// One number.
///
/// # Errors
/// [`NumbersError`].
pub(in crate::numbers) async fn number(db: &Db, phone_number: &str) -> Result<Option<NumberRow>, NumbersError> {
    const SQL: &str = numbers!("select", "from numbers where phone_number = $1");
    let row = both!(db, |p| sqlx::query_as::<_, NumberRow>(SQL).bind(phone_number).fetch_optional(p).await);
    Ok(row.map_err(crate::db::DbError::from)?)
}

/// Accounts of tenants that are not closed.
///
/// # Errors
/// [`NumbersError`].
pub(in crate::numbers) async fn accounts(db: &Db) -> Result<Vec<AccountRow>, NumbersError> {
    const SQL: &str = "select sid, friendly_name, sealed_token, state, transaction_id from subaccounts \
        where state <> 'closed' order by created_at, sid";
    let rows = both!(db, |p| sqlx::query_as::<_, AccountRow>(SQL).fetch_all(p).await);
    Ok(rows.map_err(crate::db::DbError::from)?)
}

/// One account of a tenant, closed or not.
///
/// # Errors
/// [`NumbersError`].
pub(in crate::numbers) async fn account(db: &Db, sid: &str) -> Result<Option<AccountRow>, NumbersError> {
    const SQL: &str = "select sid, friendly_name, sealed_token, state, transaction_id from subaccounts where sid = $1";
    let row = both!(db, |p| sqlx::query_as::<_, AccountRow>(SQL).bind(sid).fetch_optional(p).await);
    Ok(row.map_err(crate::db::DbError::from)?)
}

/// Place in the list: time and name.
pub(in crate::numbers) type LinePlace = (Time, String);

/// At most `limit` lines that were onboarded at run time behind `after`, newest first.
///
/// # Errors
/// [`NumbersError`].
pub(in crate::numbers) async fn lines(
    db: &Db,
    after: Option<&LinePlace>,
    limit: i64,
) -> Result<Vec<LineRow>, NumbersError> {
    const SQL: &str = "select name, definition, transaction_id, created_at from lines \
        where ($1 is null or created_at < $1 or (created_at = $1 and name < $2)) \
        order by created_at desc, name desc limit $3";
    let rows = both!(db, |p| sqlx::query_as::<_, LineRow>(SQL)
        .bind(after.map(|(at, _)| *at))
        .bind(after.map(|(_, name)| name))
        .bind(limit)
        .fetch_all(p)
        .await);
    Ok(rows.map_err(crate::db::DbError::from)?)
}

/// One of them.
///
/// # Errors
/// [`NumbersError`].
pub(in crate::numbers) async fn line(db: &Db, name: &str) -> Result<Option<LineRow>, NumbersError> {
    const SQL: &str = "select name, definition, transaction_id, created_at from lines where name = $1";
    let row = both!(db, |p| sqlx::query_as::<_, LineRow>(SQL).bind(name).fetch_optional(p).await);
    Ok(row.map_err(crate::db::DbError::from)?)
}
