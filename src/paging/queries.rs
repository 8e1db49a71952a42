//! Statements over `pages`.

use super::events;
use super::live::{Facts, Remains};
use super::note::Note;
use crate::base::Time;
use crate::db::{Db, DbError, both, from_row, write_tx};
use crate::ledger::Outbox;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// How long a process counts as alive behind its last word.
pub(super) const ALIVE: TimeDelta = TimeDelta::seconds(15);
/// Rows that retention removes at once.
const SLICE: i64 = 100;

const INSERT: &str = "insert into pages (id, state, reason, zones, outputs, left_out, source, priority, line, call_sid, \
    caller, from_number, asked_by, address, sip_call_id, codec, chime, requested_at, ended_at, instance, alive_until) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) \
    on conflict (id) do nothing";

/// The row of a page that begins (`reason` is absent) or was refused.
macro_rules! insert {
    ($tx:ident, $facts:expr, $reason:expr, $holder:expr, $now:expr) => {{
        let (facts, reason): (&Facts, Option<&str>) = ($facts, $reason);
        let (state, ended) = if reason.is_some() { ("refused", Some(facts.at)) } else { ("playing", None) };
        let insert = sqlx::query(INSERT).bind(facts.id.as_str()).bind(state).bind(reason);
        let insert = insert.bind(list(&facts.zones)).bind(list(&facts.outputs)).bind(list(&facts.left_out));
        let insert = insert.bind(facts.origin.as_str()).bind(i64::from(facts.priority)).bind(&facts.asker.line);
        let insert = insert.bind(&facts.asker.call_sid).bind(&facts.caller).bind(&facts.asker.from);
        let insert = insert.bind(&facts.asker.user).bind(facts.asker.address.map(|address| address.to_string()));
        let insert = insert.bind(&facts.asker.sip_call_id).bind(facts.asker.codec).bind(facts.chime).bind(facts.at);
        insert.bind(ended).bind($holder).bind($now + ALIVE).execute(&mut *$tx).await?;
    }};
}

/// Writes what happened, with the events that follow, in one transaction. Written twice it is the same.
pub(super) async fn write(db: &Db, notes: &[Note], holder: &str, now: Time) -> Result<(), DbError> {
    const STARTED: &str = "update pages set started_at = $2 where id = $1 and started_at is null";
    const ENDED: &str = "update pages set state = 'ended', reason = $2, ended_at = $3, played = $4, packets_in = $5, \
        packets_lost = $6, packets_late = $7, packets_rejected = $8 where id = $1 and state = 'playing'";
    if notes.iter().all(|note| matches!(note, Note::Written(_))) {
        return Ok(());
    }
    write_tx!(db, |tx| {
        for note in notes {
            match note {
                Note::Refused(facts, why) => insert!(tx, facts, Some(*why), holder, now),
                Note::Begun(facts) => insert!(tx, facts, None, holder, now),
                Note::Started(facts, at) => {
                    sqlx::query(STARTED).bind(facts.id.as_str()).bind(*at).execute(&mut *tx).await?;
                    tx.tell(&events::started(facts, *at)).await?;
                }
                Note::Ended(facts, remains, at) => {
                    let received = &remains.received;
                    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
                    let ended = sqlx::query(ENDED).bind(facts.id.as_str()).bind(remains.reason.as_str()).bind(*at);
                    let ended = ended.bind(played(remains)).bind(count(received.packets)).bind(count(received.lost));
                    let ended = ended.bind(count(received.late)).bind(count(received.rejected));
                    ended.execute(&mut *tx).await?;
                    tx.tell(&events::ended(facts, remains, *at)).await?;
                }
                Note::Written(_) => {}
            }
        }
    });
    Ok(())
}

fn list(names: &[String]) -> String {
    json!(names).to_string()
}

fn played(remains: &Remains) -> String {
    let one =
        |out: &super::seam::PlayedOutput| json!({ "output": out.output, "packets": out.packets, "fault": out.fault });
    Value::from(remains.played.outputs.iter().map(one).collect::<Vec<_>>()).to_string()
}

/// Says that this process lives and plays its pages.
pub(super) async fn renew(db: &Db, holder: &str, now: Time) -> Result<(), DbError> {
    const SQL: &str = "update pages set alive_until = $2 where instance = $1 and state = 'playing'";
    write_tx!(db, |tx| {
        sqlx::query(SQL).bind(holder).bind(now + ALIVE).execute(&mut *tx).await?;
    });
    Ok(())
}

/// A page whose process died.
pub(super) struct Orphan {
    id: String,
    zones: String,
    source: String,
    priority: i64,
    line: Option<String>,
    call_sid: Option<String>,
    requested_at: Time,
    alive_until: Time,
}

from_row!(Orphan { id, zones, source, priority, line, call_sid, requested_at, alive_until });

/// Closes pages whose process died, and says how many. SQLite serves one process, so there every page of another one is
/// over; where several share a database, one that has not been heard of for a while.
pub(super) async fn close_orphans(db: &Db, holder: &str, now: Time) -> Result<usize, DbError> {
    const DEAD: &str = "select id, zones, source, priority, line, call_sid, requested_at, alive_until from pages \
        where state = 'playing' and instance <> $1 and alive_until < $2 order by alive_until limit $3";
    const CLOSE: &str = "update pages set state = 'ended', reason = 'crashed', ended_at = $2 \
        where id = $1 and state = 'playing'";
    let silent_since = if db.is_shared() { now } else { now + TimeDelta::days(365) };
    let dead = both!(db, |p| {
        sqlx::query_as::<_, Orphan>(DEAD).bind(holder).bind(silent_since).bind(SLICE).fetch_all(p).await
    })?;
    if dead.is_empty() {
        return Ok(0);
    }
    Ok(write_tx!(db, |tx| {
        let mut closed = 0;
        for orphan in &dead {
            let at = now.min(orphan.alive_until).max(orphan.requested_at);
            let close = sqlx::query(CLOSE).bind(&orphan.id).bind(at).execute(&mut *tx).await?;
            if close.rows_affected() == 1 {
                closed += 1;
                tx.tell(&told(orphan, at)).await?;
            }
        }
        closed
    }))
}

fn told(orphan: &Orphan, at: Time) -> crate::ledger::Told {
    let page = json!({
        "id": orphan.id,
        "zones": serde_json::from_str::<Value>(&orphan.zones).unwrap_or_default(),
        "source": orphan.source,
        "call_sid": orphan.call_sid,
        "priority": orphan.priority,
    });
    let lasted = events::seconds(orphan.requested_at, at);
    events::crashed(page, (&orphan.id, orphan.line.as_deref()), lasted, at)
}

/// Removes a slice of pages that are older than they should be, and says how many went.
///
/// # Errors
/// [`DbError`].
pub async fn forget_pages(db: &Db, before: Time) -> Result<u64, DbError> {
    const OLD: &str = "select count(*) from (select 1 from pages where requested_at < $1 and state <> 'playing' \
        limit 1) as old";
    const SQL: &str = "delete from pages where id in (select id from pages where requested_at < $1 \
        and state <> 'playing' order by requested_at, id limit $2)";
    // A look first: taking SQLite's write lock for nothing would keep callers waiting.
    let old: i64 = both!(db, |p| sqlx::query_scalar(OLD).bind(before).fetch_one(p).await)?;
    if old == 0 {
        return Ok(0);
    }
    Ok(write_tx!(db, |tx| { sqlx::query(SQL).bind(before).bind(SLICE).execute(&mut *tx).await?.rows_affected() }))
}
