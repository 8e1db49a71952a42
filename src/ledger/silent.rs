//! Calls that nobody has told anything about for a while.

use super::from_row::from_row;
use crate::base::Time;
use crate::db::{Db, DbError, both};

/// A call, or a leg of one, that has not ended as far as its row knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentCall {
    /// The carrier's name of it.
    pub call_sid: String,
    /// The account that the webhooks named.
    pub account_sid: Option<String>,
    /// Of a leg: the call that dialled it.
    pub parent_call_sid: Option<String>,
    /// Name of the line.
    pub line: Option<String>,
    /// `inbound`, `outbound-api`, `outbound-dial`.
    pub direction: Option<String>,
    /// Twilio's CallStatus.
    pub state: String,
    /// Last webhook.
    pub updated_at: Time,
}

from_row!(SilentCall { call_sid, account_sid, parent_call_sid, line, direction, state, updated_at });

/// From when on silence is suspicious.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    /// Not answered, and last heard of before this.
    pub ringing: Time,
    /// Answered, and last heard of before this.
    pub talking: Time,
    /// Older ones are left alone.
    pub begun: Time,
}

/// At most `limit` of them, those who are silent longest first.
///
/// # Errors
/// [`DbError`].
pub async fn silent_calls(db: &Db, since: Silence, limit: i64) -> Result<Vec<SilentCall>, DbError> {
    const SQL: &str = "select call_sid, account_sid, parent_call_sid, line, direction, state, updated_at from calls \
        where state_rank < 4 and started_at > $1 and updated_at < case when state_rank < 3 then $2 else $3 end \
        order by updated_at, id limit $4";
    let query = both!(db, |p| sqlx::query_as::<_, SilentCall>(SQL)
        .bind(since.begun)
        .bind(since.ringing)
        .bind(since.talking)
        .bind(limit)
        .fetch_all(p)
        .await);
    Ok(query?)
}
