//! Work beside the hot path: counts of refused requests, and rows whose time is over. Always in small slices, so
//! that no lane waits long for the write lock.

use super::handle::Ledger;
use super::{chain, inbox};
use crate::base::Time;
use crate::config::retention::Retention;
use crate::db::{Db, DbError, write_tx};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// Calls or messages in one slice, with all that hangs on them: some ten rows each.
const WHOLES: i64 = 20;
/// Rows in one slice where nothing hangs on them.
const ROWS: i64 = 100;

impl Ledger {
    /// Writes down how many requests each rule refused in the second that began at `at`.
    ///
    /// # Errors
    /// [`DbError`]; the counts are lost then, the refusals stand.
    pub async fn note_refusals(db: &Db, at: Time, counts: &BTreeMap<&'static str, i64>) -> Result<(), DbError> {
        const SQL: &str = "insert into rate_limit_rejections (at, rule, count) values ($1, $2, $3)";
        write_tx!(db, |tx| {
            for (rule, count) in counts {
                sqlx::query(SQL).bind(at).bind(*rule).bind(*count).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// Removes one slice of every table whose rows are older than they should be, and says how many rows went.
    /// A worker calls it until it says 0, with pauses that let the lanes write.
    ///
    /// # Errors
    /// [`DbError`]; what was removed before stays removed.
    pub async fn sweep(db: &Db, now: Time, keep: &Retention) -> Result<u64, DbError> {
        let before = |days: u32| (days > 0).then(|| now - TimeDelta::days(i64::from(days)));
        let mut gone = 0;
        for (days, size, statements) in [
            (keep.calls_days, WHOLES, CALLS),
            (keep.trash_days, WHOLES, TRASH),
            (keep.events_days, ROWS, &[EVENTS]),
            (keep.errors_days, ROWS, &[ERRORS]),
            (keep.rejections_days, ROWS, &[REJECTIONS]),
        ] {
            if let Some(before) = before(days) {
                gone += slice(db, before, size, statements).await?;
            }
        }
        if let Some(before) = before(keep.consents_days) {
            gone += chain::forget(db, before, ROWS, now).await?;
        }
        if let Some(before) = before(keep.voicemails_days) {
            gone += inbox::expire(db, before, WHOLES, now).await?;
        }
        Ok(gone)
    }
}

async fn slice(db: &Db, before: Time, size: i64, statements: &[&'static str]) -> Result<u64, DbError> {
    Ok(write_tx!(db, |tx| {
        let mut gone = 0;
        for sql in statements {
            gone += sqlx::query(*sql).bind(before).bind(size).execute(&mut *tx).await?.rows_affected();
        }
        gone
    }))
}

/// The oldest calls that are over; the inner query looks at one slice only, however large the table. A hold keeps the
/// call that its recording belongs to.
macro_rules! old_calls {
    () => {
        "(select id from (select id, updated_at from calls where id not in (select call_id from recordings \
         where legal_hold) order by id limit $2) as oldest where updated_at < $1)"
    };
}

/// What hangs on a call first, the call last. A webhook's key lives as long as its call.
const CALLS: &[&str] = &[
    concat!("delete from idempotency_keys where call_id in ", old_calls!()),
    concat!("delete from call_events where call_id in ", old_calls!()),
    concat!("delete from calls where id in ", old_calls!()),
    "delete from idempotency_keys where call_id = 0 and event_id in \
        (select id from call_events where call_id is null and at < $1 limit $2)",
    "delete from call_events where id in (select id from call_events where call_id is null and at < $1 limit $2)",
];

/// Old rows of the trash that no hold keeps.
macro_rules! old_trash {
    () => {
        "(select id from voicemails where deleted_at < $1 and id not in (select voicemail_id from recordings \
         where legal_hold and voicemail_id is not null) order by deleted_at, id limit $2)"
    };
}

/// The audio goes with its message: the recorder removes what is marked here. Nobody is told: that was done when the
/// message came into the trash.
const TRASH: &[&str] = &[
    concat!(
        "update recordings set state = 'deleted', settled_at = $1 where state <> 'deleted' and voicemail_id in ",
        old_trash!()
    ),
    concat!("delete from voicemail_pieces where voicemail_id in ", old_trash!()),
    concat!("delete from voicemails where id in ", old_trash!()),
];

const EVENTS: &str = "delete from events where place in \
    (select place from (select place, at from events order by place limit $2) as oldest where at < $1)";

const ERRORS: &str = "delete from errors where id in (select id from errors where at < $1 order by at limit $2)";

const REJECTIONS: &str = "delete from rate_limit_rejections where id in (select id from rate_limit_rejections where at < $1 order by at limit $2)";
