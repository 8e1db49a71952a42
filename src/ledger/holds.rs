//! Legal holds: a held call keeps its row, its timeline, its messages, its recordings and its consents, whatever retention and
//! people say, until somebody releases it. Who held it, why, and who released it stays for good.

use super::from_row::from_row;
use crate::base::{Time, derived_id};
use crate::db::{Db, DbError, both, write_tx};

/// A row of `legal_holds`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// `hold_…`
    pub id: String,
    /// The call that is kept.
    pub call_sid: String,
    /// Why, in the words of who put it on hold.
    pub reason: String,
    /// Who.
    pub held_by: String,
    /// Since when.
    pub held_at: Time,
    /// Who ended it.
    pub released_by: Option<String>,
    /// When it ended.
    pub released_at: Option<Time>,
}

from_row!(HoldRow { id, call_sid, reason, held_by, held_at, released_by, released_at });

/// Calls that are on hold, as SQL.
macro_rules! held_calls {
    () => {
        "(select call_sid from legal_holds where released_at is null)"
    };
}
pub(super) use held_calls;

/// What a hold, and every removal that a hold forbids, begins with: so one waits for the other, and what follows in the
/// transaction sees what the other did. SQLite has one writer at a time anyway.
pub(super) const fn alone(db: &Db) -> &'static str {
    if db.is_shared() { "select pg_advisory_xact_lock(7016996765293437281)" } else { "select 1" }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!("select id, call_sid, reason, held_by, held_at, released_by, released_at from legal_holds ", $rest)
    };
}

/// Puts a call on hold, with everything that is left of it. On one that is on hold the first reason stands. `None`: nothing
/// of such a call is left.
///
/// # Errors
/// [`DbError`].
pub async fn hold(db: &Db, call_sid: &str, (by, reason): (&str, &str), now: Time) -> Result<Option<HoldRow>, DbError> {
    const KNOWN: &str = "select count(*) from (select 1 from calls where call_sid = $1 union all \
        select 1 from voicemails where call_sid = $1 union all \
        select 1 from recordings where call_sid = $1 and state <> 'deleted') as known";
    const HOLD: &str = "insert into legal_holds (id, call_sid, reason, held_by, held_at) values ($1, $2, $3, $4, $5) \
        on conflict (call_sid) where released_at is null do nothing";
    let id = derived_id("hold", &[call_sid, &now.timestamp_micros().to_string()]);
    let held = write_tx!(db, |tx| {
        sqlx::query(alone(db)).execute(&mut *tx).await?;
        let known: i64 = sqlx::query_scalar(KNOWN).bind(call_sid).fetch_one(&mut *tx).await?;
        if known > 0 {
            let hold = sqlx::query(HOLD).bind(&id).bind(call_sid).bind(reason).bind(by).bind(now);
            hold.execute(&mut *tx).await?;
        }
        known > 0
    });
    if held { held_call(db, call_sid).await } else { Ok(None) }
}

/// Ends the hold on a call; retention goes on as if it had never been. The hold that was ended; `None`: there was none.
///
/// # Errors
/// [`DbError`].
pub async fn release(db: &Db, call_sid: &str, by: &str, now: Time) -> Result<Option<HoldRow>, DbError> {
    const RELEASE: &str = "update legal_holds set released_by = $2, released_at = $3 \
        where call_sid = $1 and released_at is null \
        returning id, call_sid, reason, held_by, held_at, released_by, released_at";
    Ok(write_tx!(db, |tx| {
        sqlx::query(alone(db)).execute(&mut *tx).await?;
        let release = sqlx::query_as::<_, HoldRow>(RELEASE).bind(call_sid).bind(by).bind(now);
        release.fetch_optional(&mut *tx).await?
    }))
}

/// The hold on a call, if it is on hold.
///
/// # Errors
/// [`DbError`].
pub async fn held_call(db: &Db, call_sid: &str) -> Result<Option<HoldRow>, DbError> {
    const SQL: &str = columns!("where call_sid = $1 and released_at is null");
    Ok(both!(db, |p| sqlx::query_as::<_, HoldRow>(SQL).bind(call_sid).fetch_optional(p).await)?)
}

/// Holds behind `after`, newest first; those that count now, or also those that were released.
///
/// # Errors
/// [`DbError`].
pub async fn holds(
    db: &Db,
    released_too: bool,
    after: Option<&(Time, String)>,
    limit: i64,
) -> Result<Vec<HoldRow>, DbError> {
    const SQL: &str = columns!(
        "where ($1 or released_at is null) and ($2 is null or held_at < $2 or (held_at = $2 and id < $3)) \
         order by held_at desc, id desc limit $4"
    );
    let (at, id) = after.map(|(at, id)| (*at, id.as_str())).unzip();
    let query = both!(db, |p| sqlx::query_as::<_, HoldRow>(SQL)
        .bind(released_too)
        .bind(at)
        .bind(id)
        .bind(limit)
        .fetch_all(p)
        .await);
    Ok(query?)
}
