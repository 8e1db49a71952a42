//! What would be lost with an account at the carrier.

use crate::db::{Db, DbError, both};
use crate::ledger::holds::held_calls;

/// How many recordings of an account are not copied yet, or are on legal hold.
///
/// # Errors
/// [`DbError`].
pub async fn kept_by(db: &Db, account_sid: &str) -> Result<i64, DbError> {
    const SQL: &str = concat!(
        "select count(*) from recordings where account_sid = $1 \
         and (state in ('expected', 'fetching') or legal_hold or call_sid in ",
        held_calls!(),
        ")"
    );
    Ok(both!(db, |p| sqlx::query_scalar(SQL).bind(account_sid).fetch_one(p).await)?)
}
