//! What the tables tell: calls, their timeline, and a few numbers. Reading never waits for the lanes.

use super::from_row::from_row;
use crate::base::Time;
use crate::db::{Db, DbError, both};
use chrono::TimeDelta;

/// No call lasts longer than a day with any carrier we know: one that has not ended by then has lost its last
/// callback, and is not shown as live.
const LONGEST_CALL: TimeDelta = TimeDelta::hours(24);

/// Live calls that a list may show.
const MOST_LIVE: i64 = 5000;

/// Webhooks of one call that a timeline may show.
const MOST_WEBHOOKS: i64 = 1000;

/// A row of `calls`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRow {
    /// Ours, rising.
    pub id: i64,
    /// The carrier's name of the call.
    pub call_sid: String,
    /// The account that the webhooks named.
    pub account_sid: Option<String>,
    /// Of a child leg: the call that dialled it.
    pub parent_call_sid: Option<String>,
    /// Name of the line.
    pub line: Option<String>,
    /// `inbound`, `outbound-api`, `outbound-dial`.
    pub direction: Option<String>,
    /// As the carrier sent it.
    pub from_number: Option<String>,
    /// As the carrier sent it.
    pub to_number: Option<String>,
    /// CNAM.
    pub caller_name: Option<String>,
    /// `StirVerstat`.
    pub verstat: Option<String>,
    /// Twilio's CallStatus.
    pub state: String,
    /// The best that was reached.
    pub outcome: Option<String>,
    /// Why it ended, in a few words.
    pub reason: Option<String>,
    /// Seconds, from the final callback.
    pub duration_s: Option<i64>,
    /// First heard of.
    pub started_at: Time,
    /// A person, an agent or the mailbox was reached.
    pub answered_at: Option<Time>,
    /// First final state.
    pub ended_at: Option<Time>,
    /// Last webhook.
    pub updated_at: Time,
}

from_row!(CallRow {
    id,
    call_sid,
    account_sid,
    parent_call_sid,
    line,
    direction,
    from_number,
    to_number,
    caller_name,
    verstat,
    state,
    outcome,
    reason,
    duration_s,
    started_at,
    answered_at,
    ended_at,
    updated_at,
});

/// A row of `call_events`: one webhook of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRow {
    /// Arrival.
    pub at: Time,
    /// Last part of the route.
    pub kind: String,
    /// Step of the call that the URL carried.
    pub step: i64,
    /// The carrier's `SequenceNumber`.
    pub sequence: Option<i64>,
    /// JSON object of the fields that matter.
    pub input: String,
    /// What was decided and why.
    pub decision: String,
    /// The answer's body.
    pub answer: String,
    /// Copies that came after the first; `None` when the key is no longer kept.
    pub seen: Option<i64>,
}

from_row!(WebhookRow { at, kind, step, sequence, input, decision, answer, seen });

/// A row of `consents`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRow {
    /// `con_…`
    pub id: String,
    /// When the proof arrived.
    pub at: Time,
    /// `recording` or `voicemail`.
    pub scope: String,
    /// `notice-heard`, `key`, `message-after-tone`, `revoked-by-key`, `revoked-by-operator`.
    pub method: String,
    /// Version of the notice.
    pub notice_version: String,
    /// False: refused.
    pub given: bool,
}

from_row!(ConsentRow { id, at, scope, method, notice_version, given });

/// Which calls. Absent means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Name of the line.
    pub line: Option<String>,
    /// Twilio's CallStatus.
    pub state: Option<String>,
    /// What was reached.
    pub outcome: Option<String>,
    /// Exactly as the carrier sent it.
    pub from: Option<String>,
    /// Exactly as the carrier sent it.
    pub to: Option<String>,
    /// Started at or after.
    pub since: Option<Time>,
    /// Started before.
    pub until: Option<Time>,
    /// Child legs too.
    pub legs: bool,
}

/// Numbers for health and metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that have not ended.
    pub live_calls: i64,
    /// When the oldest message that nobody has read became ready.
    pub oldest_unread: Option<Time>,
    /// Messages that nobody has read.
    pub unread: i64,
    /// Errors of the last minute.
    pub errors: i64,
    /// Calls and requests that a limit refused in the last hour.
    pub violations: i64,
    /// Transactions that failed and wrote that down in the last hour.
    pub failed_transactions: i64,
    /// Recordings whose copy failed and is tried again.
    pub retried_recordings: i64,
    /// When the oldest of them was first heard of.
    pub oldest_retried: Option<Time>,
}

from_row!(Counts {
    live_calls,
    oldest_unread,
    unread,
    errors,
    violations,
    failed_transactions,
    retried_recordings,
    oldest_retried,
});

/// The columns of [`CallRow`].
macro_rules! select_calls {
    ($rest:literal) => {
        concat!(
            "select id, call_sid, account_sid, parent_call_sid, line, direction, from_number, to_number, caller_name, \
             verstat, state, outcome, reason, duration_s, started_at, answered_at, ended_at, updated_at from calls ",
            $rest
        )
    };
}

/// Calls that have not ended, newest first; child legs belong to their call.
///
/// # Errors
/// [`DbError`].
pub async fn live_calls(db: &Db, now: Time) -> Result<Vec<CallRow>, DbError> {
    const SQL: &str = select_calls!(
        "where state_rank < 4 and started_at > $1 and parent_call_sid is null order by started_at desc limit $2"
    );
    let query =
        both!(db, |p| sqlx::query_as::<_, CallRow>(SQL).bind(now - LONGEST_CALL).bind(MOST_LIVE).fetch_all(p).await);
    Ok(query?)
}

/// At most `limit` calls below the id `before`, newest first. Ids rise and rows stay, so a call that comes in
/// while somebody turns pages neither moves nor repeats another.
///
/// # Errors
/// [`DbError`].
pub async fn calls(db: &Db, filter: &CallFilter, before: Option<i64>, limit: i64) -> Result<Vec<CallRow>, DbError> {
    const SQL: &str = select_calls!(
        "where ($1 is null or id < $1) and ($2 is null or line = $2) and ($3 is null or state = $3) \
         and ($4 is null or outcome = $4) and ($5 is null or from_number = $5) and ($6 is null or to_number = $6) \
         and ($7 is null or started_at >= $7) and ($8 is null or started_at < $8) \
         and ($9 or parent_call_sid is null) order by id desc limit $10"
    );
    let query = both!(db, |p| sqlx::query_as::<_, CallRow>(SQL)
        .bind(before)
        .bind(&filter.line)
        .bind(&filter.state)
        .bind(&filter.outcome)
        .bind(&filter.from)
        .bind(&filter.to)
        .bind(filter.since)
        .bind(filter.until)
        .bind(filter.legs)
        .bind(limit)
        .fetch_all(p)
        .await);
    Ok(query?)
}

/// One call.
///
/// # Errors
/// [`DbError`].
pub async fn call(db: &Db, sid: &str) -> Result<Option<CallRow>, DbError> {
    const SQL: &str = select_calls!("where call_sid = $1");
    Ok(both!(db, |p| sqlx::query_as::<_, CallRow>(SQL).bind(sid).fetch_optional(p).await)?)
}

/// The webhooks of a call in the order they came.
///
/// # Errors
/// [`DbError`].
pub async fn webhooks(db: &Db, call: &CallRow) -> Result<Vec<WebhookRow>, DbError> {
    const SQL: &str = "select e.at, e.kind, e.step, e.sequence, e.input, e.decision, e.answer, k.seen \
        from call_events e left join idempotency_keys k on k.call_id = e.call_id and k.event_id = e.id \
        where e.call_id = $1 order by e.at, e.id limit $2";
    let query =
        both!(db, |p| sqlx::query_as::<_, WebhookRow>(SQL).bind(call.id).bind(MOST_WEBHOOKS).fetch_all(p).await);
    Ok(query?)
}

/// The consents of a call.
///
/// # Errors
/// [`DbError`].
pub async fn consents(db: &Db, call: &CallRow) -> Result<Vec<ConsentRow>, DbError> {
    const SQL: &str = "select id, at, scope, method, notice_version, given from consents \
        where call_id = $1 order by at, id";
    Ok(both!(db, |p| sqlx::query_as::<_, ConsentRow>(SQL).bind(call.id).fetch_all(p).await)?)
}

const COUNTS: &str = "select \
    (select count(*) from calls where state_rank < 4 and started_at > $1 and parent_call_sid is null) as live_calls, \
    oldest_unread, unread, (select count(*) from errors where at > $2) as errors, \
    (select cast(coalesce(sum(count), 0) as bigint) from rate_limit_rejections \
        where at > $3 and rule not like 'signature.%') as violations, \
    (select count(*) from failed_transactions where updated_at > $3) as failed_transactions, \
    (select count(*) from recordings where state in ('expected', 'fetching') and problem is not null) \
        as retried_recordings, \
    (select min(found_at) from recordings where state in ('expected', 'fetching') and problem is not null) \
        as oldest_retried \
    from (select min(received_at) as oldest_unread, count(*) as unread from voicemails \
        where state = 'ready' and read_at is null and deleted_at is null) as inbox";

/// The numbers as they are now.
///
/// # Errors
/// [`DbError`].
pub async fn counts(db: &Db, now: Time) -> Result<Counts, DbError> {
    let query = both!(db, |p| sqlx::query_as::<_, Counts>(COUNTS)
        .bind(now - LONGEST_CALL)
        .bind(now - TimeDelta::minutes(1))
        .bind(now - TimeDelta::hours(1))
        .fetch_one(p)
        .await);
    Ok(query?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn unread_messages_are_counted_without_a_walk_through_all_messages() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite://{}", folder.path().join("test.db").display())).expect("a good URL");
        db.migrate().await.expect("migrated");
        let Db::Sqlite(engine) = &db else { unreachable!("it is SQLite's") };
        let plan = sqlx::AssertSqlSafe(format!("explain query plan {COUNTS}"));
        let plan = sqlx::query_as::<_, (i64, i64, i64, String)>(plan).fetch_all(&engine.read).await.expect("a plan");
        assert!(plan.iter().any(|(.., step)| step.contains("voicemails_unread")), "{plan:?}");
    }
}
