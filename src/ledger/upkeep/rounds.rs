//! Work beside the hot path: counts of refused requests, and rows whose time is over. Always in small slices, so
//! that no lane waits long for the write lock.

use super::fading;
use crate::base::Time;
use crate::config::retention::{Retention, Terms};
use crate::db::{Db, DbError, both, write_tx};
use crate::ledger::handle::Ledger;
use crate::ledger::holds::{alone, held_calls};
use crate::ledger::{chain, inbox};
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
        Self::sweep_by(db, now, &Terms::from(*keep)).await
    }

    /// The same where lines may keep their messages, and what was said in them, longer or shorter than the house.
    ///
    /// # Errors
    /// [`DbError`]; what was removed before stays removed.
    pub async fn sweep_by(db: &Db, now: Time, terms: &Terms) -> Result<u64, DbError> {
        let keep = &terms.house;
        let before = |days: u32| (days > 0).then(|| now - TimeDelta::days(i64::from(days)));
        let mut gone = 0;
        for (days, size, old) in [
            (keep.calls_days, WHOLES, &CALLS),
            (keep.trash_days, WHOLES, &TRASH),
            (keep.events_days, ROWS, &EVENTS),
            (keep.errors_days, ROWS, &ERRORS),
            (keep.rejections_days, ROWS, &REJECTIONS),
            (keep.messages_days, ROWS, &TEXTS),
            (keep.messages_days, ROWS, &OPT_OUTS),
        ] {
            if let Some(before) = before(days) {
                gone += slice(db, before, size, old).await?;
            }
        }
        if let Some(before) = before(keep.calls_days) {
            gone += callless(db, before).await?;
        }
        if let Some(before) = before(keep.consents_days) {
            gone += chain::forget(db, before, ROWS, now).await?;
        }
        for (lines, days) in terms.each(keep.voicemails_days, |own| own.voicemails_days) {
            if let Some(before) = before(days) {
                gone += inbox::expire(db, (before, &lines), WHOLES, now).await?;
            }
        }
        for (lines, days) in terms.each(keep.transcripts_days, |own| own.transcripts_days) {
            if let Some(before) = before(days) {
                gone += fading::remove_words(db, before, &lines, WHOLES).await?;
            }
        }
        Ok(gone)
    }
}

/// How rows go whose time is over. Each statement takes the time before which rows are old, and the size of a slice.
struct Old {
    /// Counts them, up to a slice.
    look: &'static str,
    /// What hangs on them first, they themselves last.
    remove: &'static [&'static str],
}

/// A look comes first: where nothing is old, no lane waits for the write lock.
async fn slice(db: &Db, before: Time, size: i64, old: &Old) -> Result<u64, DbError> {
    let found: i64 = both!(db, |p| sqlx::query_scalar(old.look).bind(before).bind(size).fetch_one(p).await)?;
    if found == 0 {
        return Ok(0);
    }
    Ok(write_tx!(db, |tx| {
        sqlx::query(alone(db)).execute(&mut *tx).await?;
        let mut gone = 0;
        for sql in old.remove {
            gone += sqlx::query(*sql).bind(before).bind(size).execute(&mut *tx).await?.rows_affected();
        }
        gone
    }))
}

/// The oldest calls that are over; the inner query looks at one slice only, however large the table. A hold keeps the
/// call that its recording belongs to.
macro_rules! old_calls {
    () => {
        concat!(
            "(select id from (select id, updated_at from calls where id not in (select call_id from recordings \
             where legal_hold) and call_sid not in ",
            held_calls!(),
            " order by id limit $2) as oldest where updated_at < $1)"
        )
    };
}

/// A webhook's key lives as long as its call.
const CALLS: Old = Old {
    look: concat!("select count(*) from ", old_calls!(), " as old"),
    remove: &[
        concat!("delete from idempotency_keys where call_id in ", old_calls!()),
        concat!("delete from call_events where call_id in ", old_calls!()),
        concat!("delete from calls where id in ", old_calls!()),
    ],
};

/// The oldest webhooks that named no call; as with calls, no more than a slice is looked at.
const CALLLESS: &str = "select id from (select id, at from call_events where call_id is null order by id limit $2) as oldest \
    where at < $1";

const KEY: &str = "delete from idempotency_keys where call_id = 0 and event_id = $1";
/// Left to itself, SQLite reads all keys of no call.
const KEY_SQLITE: &str =
    "delete from idempotency_keys indexed by idempotency_keys_no_call where call_id = 0 and event_id = $1";

async fn callless(db: &Db, before: Time) -> Result<u64, DbError> {
    const WEBHOOK: &str = "delete from call_events where id = $1";
    let old: Vec<i64> = both!(db, |p| sqlx::query_scalar(CALLLESS).bind(before).bind(ROWS).fetch_all(p).await)?;
    if old.is_empty() {
        return Ok(0);
    }
    let key = if db.is_shared() { KEY } else { KEY_SQLITE };
    Ok(write_tx!(db, |tx| {
        let mut gone = 0;
        for id in &old {
            for sql in [key, WEBHOOK] {
                gone += sqlx::query(sql).bind(id).execute(&mut *tx).await?.rows_affected();
            }
        }
        gone
    }))
}

/// Old rows of the trash that no hold keeps.
macro_rules! old_trash {
    () => {
        concat!(
            "(select id from voicemails where deleted_at < $1 and id not in (select voicemail_id from recordings \
             where legal_hold and voicemail_id is not null) and call_sid not in ",
            held_calls!(),
            " order by deleted_at, id limit $2)"
        )
    };
}

/// The audio goes with its message: the recorder removes what is marked here. Nobody is told: that was done when the
/// message came into the trash.
const TRASH: Old = Old {
    look: concat!("select count(*) from ", old_trash!(), " as old"),
    remove: &[
        concat!(
            "update recordings set state = 'deleted', settled_at = $1 where state <> 'deleted' and not legal_hold \
             and voicemail_id in ",
            old_trash!()
        ),
        concat!("delete from voicemail_pieces where voicemail_id in ", old_trash!()),
        concat!("delete from voicemails where id in ", old_trash!()),
    ],
};

macro_rules! old_events {
    () => {
        "(select place from (select place, at from events order by place limit $2) as oldest where at < $1)"
    };
}

const EVENTS: Old = Old {
    look: concat!("select count(*) from ", old_events!(), " as old"),
    remove: &[concat!("delete from events where place in ", old_events!())],
};

macro_rules! old_errors {
    () => {
        "(select id from errors where at < $1 order by at limit $2)"
    };
}

const ERRORS: Old = Old {
    look: concat!("select count(*) from ", old_errors!(), " as old"),
    remove: &[concat!("delete from errors where id in ", old_errors!())],
};

macro_rules! old_rejections {
    () => {
        "(select id from rate_limit_rejections where at < $1 order by at limit $2)"
    };
}

const REJECTIONS: Old = Old {
    look: concat!("select count(*) from ", old_rejections!(), " as old"),
    remove: &[concat!("delete from rate_limit_rejections where id in ", old_rejections!())],
};

macro_rules! old_texts {
    () => {
        "(select id from messages where updated_at < $1 and due_at is null order by created_at limit $2)"
    };
}

/// One that is still to be sent is not old.
const TEXTS: Old = Old {
    look: concat!("select count(*) from ", old_texts!(), " as old"),
    remove: &[concat!("delete from messages where id in ", old_texts!())],
};

macro_rules! old_opt_outs {
    () => {
        "(select number || peer from message_opt_outs where at < $1 and not opted_out limit $2)"
    };
}

/// A wish for no texts stands until it is taken back.
const OPT_OUTS: Old = Old {
    look: concat!("select count(*) from ", old_opt_outs!(), " as old"),
    remove: &[concat!("delete from message_opt_outs where number || peer in ", old_opt_outs!())],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn keys_of_no_call_are_found_without_a_walk_through_all_of_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite://{}", folder.path().join("test.db").display())).expect("a good URL");
        db.migrate().await.expect("migrated");
        let Db::Sqlite(engine) = &db else { unreachable!("it is SQLite's") };
        let plan = format!("explain query plan {KEY_SQLITE}");
        let plan = sqlx::query_as::<_, (i64, i64, i64, String)>(sqlx::AssertSqlSafe(plan));
        let plan = plan.bind(1).fetch_all(&engine.read).await.expect("a plan");
        assert!(plan.iter().any(|(.., step)| step.contains("idempotency_keys_no_call")), "{plan:?}");
    }
}
