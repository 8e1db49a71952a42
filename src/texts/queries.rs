//! Statements over `messages` and `message_opt_outs`.

use crate::base::Time;
use crate::db::{Db, DbError, both, from_row, write_tx};
use crate::ledger::{Outbox, Quota, Quotas, TextState, Told};
use chrono::TimeDelta;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) message_sid: Option<String>,
    pub(super) account_sid: Option<String>,
    pub(super) line: Option<String>,
    pub(super) direction: String,
    pub(super) kind: String,
    pub(super) from_number: Option<String>,
    pub(super) to_number: Option<String>,
    pub(super) body: Option<String>,
    pub(super) media: String,
    pub(super) segments: Option<i64>,
    pub(super) state: String,
    pub(super) error_code: Option<i64>,
    pub(super) error: Option<String>,
    pub(super) in_reply_to: Option<String>,
    pub(super) call_sid: Option<String>,
    pub(super) requested_by: Option<String>,
    pub(super) attempts: i64,
    pub(super) asked_at: Option<Time>,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
}

from_row!(Row {
    id,
    message_sid,
    account_sid,
    line,
    direction,
    kind,
    from_number,
    to_number,
    body,
    media,
    segments,
    state,
    error_code,
    error,
    in_reply_to,
    call_sid,
    requested_by,
    attempts,
    asked_at,
    created_at,
    updated_at
});

impl Row {
    pub(super) fn is_missed_call(&self) -> bool {
        self.kind == "missed-call"
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, message_sid, account_sid, line, direction, kind, from_number, to_number, body, media, segments, state, \
             error_code, error, in_reply_to, call_sid, requested_by, attempts, asked_at, created_at, updated_at from messages ",
            $rest
        )
    };
}

/// A text that an operator wants sent; the same one again changes nothing.
pub(super) async fn insert(db: &Db, row: &Row) -> Result<(), DbError> {
    const SQL: &str = "insert into messages (id, account_sid, line, direction, kind, from_number, to_number, body, state, \
        state_rank, requested_by, due_at, created_at, updated_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, $9, $10, $10, $10) on conflict (id) do nothing";
    write_tx!(db, |tx| {
        let insert = sqlx::query(SQL).bind(&row.id).bind(&row.account_sid).bind(&row.line).bind(&row.direction);
        let insert = insert.bind(&row.kind).bind(&row.from_number).bind(&row.to_number).bind(&row.body);
        insert.bind(&row.requested_by).bind(row.created_at).execute(&mut *tx).await?;
    });
    Ok(())
}

/// One, by our name or the carrier's.
pub(super) async fn one(db: &Db, name: &str) -> Result<Option<Row>, DbError> {
    const SQL: &str = columns!("where id = $1 or message_sid = $1 order by created_at limit 1");
    Ok(both!(db, |p| sqlx::query_as(SQL).bind(name).fetch_optional(p).await)?)
}

/// Which texts.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    pub(super) line: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) direction: Option<&'static str>,
    pub(super) state: Option<String>,
}

/// Newest first.
pub(super) async fn list(
    db: &Db,
    filter: &Filter,
    before: Option<&(Time, String)>,
    limit: i64,
) -> Result<Vec<Row>, DbError> {
    const SQL: &str = columns!(
        "where ($1 is null or line = $1) and ($2 is null or from_number = $2) and ($3 is null or to_number = $3) \
         and ($4 is null or direction = $4) and ($5 is null or state = $5) \
         and ($6 is null or created_at < $6 or (created_at = $6 and id < $7)) order by created_at desc, id desc limit $8"
    );
    let (at, id) = before.map(|(at, id)| (*at, id.as_str())).unzip();
    Ok(both!(db, |p| sqlx::query_as(SQL)
        .bind(&filter.line)
        .bind(&filter.from)
        .bind(&filter.to)
        .bind(filter.direction)
        .bind(&filter.state)
        .bind(at)
        .bind(id)
        .bind(limit)
        .fetch_all(p)
        .await)?)
}

/// The one that has waited longest for something to be done.
pub(super) async fn due(db: &Db, now: Time) -> Result<Option<Row>, DbError> {
    const SQL: &str = columns!("where due_at <= $1 order by due_at, id limit 1");
    Ok(both!(db, |p| sqlx::query_as(SQL).bind(now).fetch_optional(p).await)?)
}

/// Who takes a text up, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hold<'a> {
    pub(super) id: &'a str,
    pub(super) holder: &'a str,
    pub(super) now: Time,
    pub(super) lease: TimeDelta,
}

/// Whose a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// Ours, to be handed to the carrier now.
    Ours,
    /// Another instance was faster.
    Elsewhere,
    /// Its recipient has had his text: it is gone.
    Spent,
}

/// Takes up a text that waits. Both happen in one transaction: that it is about to be sent, and that the quota is used.
pub(super) async fn begin(db: &Db, hold: Hold<'_>, quota: Option<&Quota>) -> Result<Begun, DbError> {
    const SQL: &str = "update messages set state = 'sending', state_rank = 1, attempts = attempts + 1, asked_at = $3, \
        due_at = $4, lease_holder = $2, lease_until = $4, updated_at = $3 where id = $1 and state = 'queued' and due_at <= $3";
    const REMOVE: &str = "delete from messages where id = $1";
    let Hold { id, holder, now, lease } = hold;
    Ok(write_tx!(db, |tx| {
        let begun = sqlx::query(SQL).bind(id).bind(holder).bind(now).bind(now + lease).execute(&mut *tx).await?;
        if begun.rows_affected() == 0 {
            Begun::Elsewhere
        } else if let Some(quota) = quota
            && !tx.take(quota, now).await?
        {
            sqlx::query(REMOVE).bind(id).execute(&mut *tx).await?;
            Begun::Spent
        } else {
            Begun::Ours
        }
    }))
}

/// Takes up a text whose answer never came. `false`: another instance was faster.
pub(super) async fn look(db: &Db, hold: Hold<'_>) -> Result<bool, DbError> {
    const SQL: &str = "update messages set state = 'unknown', state_rank = 2, due_at = $4, lease_holder = $2, \
        lease_until = $4, updated_at = $3 where id = $1 and state in ('sending', 'unknown') and due_at <= $3";
    let Hold { id, holder, now, lease } = hold;
    Ok(write_tx!(db, |tx| {
        let taken = sqlx::query(SQL).bind(id).bind(holder).bind(now).bind(now + lease).execute(&mut *tx).await?;
        taken.rows_affected() == 1
    }))
}

/// The carrier has it, whatever was thought of it before.
pub(super) async fn taken(db: &Db, id: &str, (sid, state): (&str, TextState), told: &Told) -> Result<(), DbError> {
    const SQL: &str = "update messages set message_sid = coalesce(message_sid, $2), error = null, due_at = null, \
        lease_holder = null, lease_until = null, updated_at = $5, \
        state = case when state_rank < $4 then $3 else state end, \
        state_rank = case when state_rank < $4 then $4 else state_rank end where id = $1";
    write_tx!(db, |tx| {
        let note = sqlx::query(SQL).bind(id).bind(sid).bind(state.as_str()).bind(state.rank()).bind(told.at);
        note.execute(&mut *tx).await?;
        tx.tell(told).await?;
    });
    Ok(())
}

/// It will not arrive.
pub(super) async fn failed(db: &Db, id: &str, (code, why): (Option<i64>, &str), told: &Told) -> Result<(), DbError> {
    const SQL: &str = "update messages set state = 'failed', state_rank = 5, error_code = $2, error = $3, due_at = null, \
        lease_holder = null, lease_until = null, updated_at = $4 where id = $1 and state_rank < 5";
    write_tx!(db, |tx| {
        let note = sqlx::query(SQL).bind(id).bind(code).bind(why).bind(told.at).execute(&mut *tx).await?;
        if note.rows_affected() == 1 {
            tx.tell(told).await?;
        }
    });
    Ok(())
}

/// The carrier did not take it: another time. Only whoever holds it knows that.
pub(super) async fn again(
    db: &Db,
    id: &str,
    (holder, due): (&str, Time),
    (why, now): (&str, Time),
) -> Result<(), DbError> {
    const SQL: &str = "update messages set state = 'queued', state_rank = 0, due_at = $3, error = $4, lease_holder = null, \
        lease_until = null, updated_at = $5 where id = $1 and lease_holder = $2 and state = 'sending'";
    write_tx!(db, |tx| {
        sqlx::query(SQL).bind(id).bind(holder).bind(due).bind(why).bind(now).execute(&mut *tx).await?;
    });
    Ok(())
}

/// Nobody knows whether the carrier took it; it is looked for at `due`, if ever again.
pub(super) async fn unknown(db: &Db, id: &str, (due, why): (Option<Time>, &str), now: Time) -> Result<(), DbError> {
    const SQL: &str = "update messages set state = 'unknown', state_rank = 2, due_at = $2, error = $3, lease_holder = null, \
        lease_until = null, updated_at = $4 where id = $1 and state in ('sending', 'unknown')";
    write_tx!(db, |tx| {
        sqlx::query(SQL).bind(id).bind(due).bind(why).bind(now).execute(&mut *tx).await?;
    });
    Ok(())
}

/// It was never to be sent.
pub(super) async fn remove(db: &Db, id: &str) -> Result<(), DbError> {
    const SQL: &str = "delete from messages where id = $1 and state = 'queued' and attempts = 0";
    write_tx!(db, |tx| {
        sqlx::query(SQL).bind(id).execute(&mut *tx).await?;
    });
    Ok(())
}

/// Whether `peer` wants no texts from `number`.
pub(super) async fn opted_out(db: &Db, number: &str, peer: &str) -> Result<bool, DbError> {
    const SQL: &str = "select count(*) from message_opt_outs where number = $1 and peer = $2 and opted_out";
    let found: i64 = both!(db, |p| sqlx::query_scalar(SQL).bind(number).bind(peer).fetch_one(p).await)?;
    Ok(found > 0)
}

/// The carrier knows that the recipient wants none.
pub(super) async fn opt_out(db: &Db, row: &Row, code: u32, now: Time) -> Result<(), DbError> {
    const SQL: &str = "insert into message_opt_outs (number, peer, opted_out, word, at) values ($1, $2, true, $3, $4) \
        on conflict (number, peer) do update set opted_out = true, word = excluded.word, at = excluded.at";
    let (Some(number), Some(peer)) = (&row.from_number, &row.to_number) else { return Ok(()) };
    write_tx!(db, |tx| {
        sqlx::query(SQL).bind(number).bind(peer).bind(code.to_string()).bind(now).execute(&mut *tx).await?;
    });
    Ok(())
}

/// The account that a number of ours belongs to, where this house bought it.
pub(super) async fn account_of(db: &Db, number: &str) -> Result<Option<String>, DbError> {
    const SQL: &str = "select account_sid from numbers where phone_number = $1 and state = 'active'";
    Ok(both!(db, |p| sqlx::query_scalar(SQL).bind(number).fetch_optional(p).await)?)
}
