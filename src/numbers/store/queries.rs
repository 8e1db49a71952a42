//! Writing the journal. Whoever writes holds the transaction's lease, or nothing is written.

use super::changes::Tables;
use crate::base::Time;
use crate::db::{Db, DbError, both, write_tx};
use crate::ledger::{Outbox, Told};
use crate::numbers::saga::{Change, Entry, State, Step, StepState, Urls, Wish};
use chrono::TimeDelta;

/// A wish that is to become a transaction.
#[derive(Clone, Debug)]
pub(in crate::numbers) struct Request<'a> {
    /// `txn_…`; the same id is the same request.
    pub id: &'a str,
    pub wish: &'a Wish,
    pub requested_by: &'a str,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::numbers) enum Taken {
    /// It is, or was before, a transaction of that id.
    Up,
    /// Another transaction works on the same number or tenant.
    Busy,
}

/// Writes a transaction and its steps down, once.
pub(in crate::numbers) async fn ask(db: &Db, request: &Request<'_>, now: Time) -> Result<Taken, DbError> {
    const WHOLE: &str = "insert into transactions (id, kind, state, subject, line, input, requested_by, attempts, \
        next_at, created_at, updated_at) values ($1, $2, 'running', $3, $4, $5, $6, 0, $7, $7, $7) \
        on conflict do nothing";
    const STEP: &str = "insert into transaction_steps (transaction_id, number, name, state, attempts) \
        values ($1, $2, $3, 'waiting', 0)";
    const THERE: &str = "select count(*) from transactions where id = $1";
    let Request { id, wish, requested_by } = *request;
    Ok(write_tx!(db, |tx| {
        let insert = sqlx::query(WHOLE).bind(id).bind(wish.kind().as_str()).bind(wish.subject()).bind(wish.line());
        let insert = insert.bind(wish.to_json()).bind(requested_by).bind(now);
        if insert.execute(&mut *tx).await?.rows_affected() == 1 {
            for (number, step) in (1i64..).zip(wish.kind().steps()) {
                sqlx::query(STEP).bind(id).bind(number).bind(step.as_str()).execute(&mut *tx).await?;
            }
            Taken::Up
        } else {
            let there: i64 = sqlx::query_scalar(THERE).bind(id).fetch_one(&mut *tx).await?;
            if there == 1 { Taken::Up } else { Taken::Busy }
        }
    }))
}

/// Takes the transaction that has waited longest and that nobody works on. Both conditions stand outside the inner
/// query too: on Postgres they are judged again when two ask at once.
pub(in crate::numbers) async fn claim(
    db: &Db,
    holder: &str,
    now: Time,
    lease: TimeDelta,
) -> Result<Option<String>, DbError> {
    const SQL: &str = "update transactions set lease_holder = $1, lease_until = $3 where id = \
        (select id from transactions where finished_at is null and next_at <= $2 \
         and (lease_until is null or lease_until <= $2) order by next_at, id limit 1) \
        and finished_at is null and (lease_until is null or lease_until <= $2) returning id";
    // A look first: taking SQLite's write lock for nothing would keep callers waiting.
    const DUE: &str = "select count(*) from transactions where finished_at is null and next_at <= $1 \
        and (lease_until is null or lease_until <= $1)";
    let due: i64 = both!(db, |p| sqlx::query_scalar(DUE).bind(now).fetch_one(p).await)?;
    if due == 0 {
        return Ok(None);
    }
    Ok(write_tx!(db, |tx| {
        sqlx::query_scalar(SQL).bind(holder).bind(now).bind(now + lease).fetch_optional(&mut *tx).await?
    }))
}

/// Who writes: the holder of a transaction's lease.
#[derive(Clone, Copy, Debug)]
pub(in crate::numbers) struct Pen<'a> {
    pub db: &'a Db,
    pub holder: &'a str,
    /// `txn_…`
    pub id: &'a str,
    pub now: Time,
}

/// A try that is about to begin.
#[derive(Clone, Copy, Debug)]
pub(in crate::numbers) struct Begin {
    /// Place of the step.
    pub number: i64,
    /// `Doing` or `Undoing`.
    pub state: StepState,
    /// The transaction must stand there, or somebody has decided otherwise meanwhile.
    pub expected: State,
    /// How long the lease is renewed for.
    pub lease: TimeDelta,
}

impl Pen<'_> {
    /// Notes that a step is about to be tried, and renews the lease. `false`: the lease is lost, or the transaction was
    /// turned around; nothing may be tried then.
    pub(in crate::numbers) async fn begin(&self, begin: Begin) -> Result<bool, DbError> {
        const WHOLE: &str = "update transactions set lease_until = $4, updated_at = $5 \
            where id = $1 and lease_holder = $2 and state = $3";
        const DO: &str = "update transaction_steps set state = $3, attempts = attempts + 1, tried_at = $4, \
            started_at = coalesce(started_at, $4) where transaction_id = $1 and number = $2";
        const UNDO: &str = "update transaction_steps set state = $3, attempts = attempts + 1 \
            where transaction_id = $1 and number = $2 and $4 is not null";
        let step = if begin.state == StepState::Doing { DO } else { UNDO };
        Ok(write_tx!(self.db, |tx| {
            let renewed = sqlx::query(WHOLE).bind(self.id).bind(self.holder).bind(begin.expected.as_str());
            let renewed = renewed.bind(self.now + begin.lease).bind(self.now).execute(&mut *tx).await?;
            let ours = renewed.rows_affected() == 1;
            if ours {
                let noted = sqlx::query(step).bind(self.id).bind(begin.number).bind(begin.state.as_str());
                noted.bind(self.now).execute(&mut *tx).await?;
            }
            ours
        }))
    }

    /// Notes what a try came to, with all that belongs to the same commit; lets go of the lease when there is nothing
    /// to do for now. `false`: the lease is lost, and nothing was written.
    pub(in crate::numbers) async fn note(&self, number: i64, entry: &Entry, told: &[Told]) -> Result<bool, DbError> {
        const WHOLE: &str = "update transactions set state = case when state in ('running', 'rolling_back', \
            'failed_undo') then coalesce($3, state) else state end, failed_step = coalesce(failed_step, $4), \
            error = coalesce(error, $5), attempts = $6, next_at = $7, updated_at = $8, \
            lease_holder = case when $9 then null else lease_holder end, \
            lease_until = case when $9 then null else lease_until end where id = $1 and lease_holder = $2";
        const STEP: &str = "update transaction_steps set state = $3, result = coalesce($4, result), error = $5, \
            done_at = case when $3 = 'done' then $6 else done_at end, \
            undone_at = case when $3 = 'undone' then $6 else undone_at end \
            where transaction_id = $1 and number = $2";
        let (failed_step, reason) = entry.failed.as_ref().map(|(step, why)| (Step::as_str(*step), why)).unzip();
        let known = entry.known.as_ref().and_then(|known| serde_json::to_string(known).ok());
        Ok(write_tx!(self.db, |tx| {
            let whole = sqlx::query(WHOLE).bind(self.id).bind(self.holder).bind(entry.state.map(State::as_str));
            let whole = whole.bind(failed_step).bind(reason).bind(entry.attempts);
            let whole = whole.bind(self.now + entry.wait.unwrap_or_default()).bind(self.now);
            let ours = whole.bind(entry.wait.is_some()).execute(&mut *tx).await?.rows_affected() == 1;
            if ours {
                let step = sqlx::query(STEP).bind(self.id).bind(number).bind(entry.step.as_str()).bind(known);
                step.bind(&entry.error).bind(self.now).execute(&mut *tx).await?;
                for change in &entry.changes {
                    tx.apply(change, self.id, self.now).await?;
                }
                for event in told {
                    tx.tell(event).await?;
                }
            }
            ours
        }))
    }

    /// The transaction has come to its end. `false`: the lease is lost.
    pub(in crate::numbers) async fn end(&self, state: State, told: &[Told]) -> Result<bool, DbError> {
        const SQL: &str = "update transactions set state = $3, finished_at = $4, updated_at = $4, attempts = 0, \
            lease_holder = null, lease_until = null where id = $1 and lease_holder = $2";
        Ok(write_tx!(self.db, |tx| {
            let ended = sqlx::query(SQL).bind(self.id).bind(self.holder).bind(state.as_str()).bind(self.now);
            let ours = ended.execute(&mut *tx).await?.rows_affected() == 1;
            if ours {
                for event in told {
                    tx.tell(event).await?;
                }
            }
            ours
        }))
    }

    /// Lets go of the transaction until `next_at`; nothing was tried.
    pub(in crate::numbers) async fn let_go(&self, next_at: Time) -> Result<(), DbError> {
        const SQL: &str = "update transactions set lease_holder = null, lease_until = null, next_at = $3 \
            where id = $1 and lease_holder = $2";
        write_tx!(self.db, |tx| {
            sqlx::query(SQL).bind(self.id).bind(self.holder).bind(next_at).execute(&mut *tx).await?;
        });
        Ok(())
    }
}

/// Takes it up at once, whatever it was waiting for. `false`: it has ended.
pub(in crate::numbers) async fn hurry(db: &Db, id: &str, now: Time) -> Result<bool, DbError> {
    const SQL: &str = "update transactions set next_at = $2, attempts = 0 where id = $1 and finished_at is null";
    Ok(write_tx!(db, |tx| { sqlx::query(SQL).bind(id).bind(now).execute(&mut *tx).await?.rows_affected() == 1 }))
}

/// Begins a transaction anew that was rolled back. `false`: it is not rolled back, or another one works on the same.
pub(in crate::numbers) async fn reopen(db: &Db, id: &str, now: Time) -> Result<bool, DbError> {
    const WHOLE: &str = "update transactions set state = 'running', finished_at = null, failed_step = null, \
        error = null, attempts = 0, next_at = $2, updated_at = $2 where id = $1 and state = 'rolled_back' \
        and not exists (select 1 from transactions as other where other.subject = transactions.subject \
        and other.finished_at is null)";
    const STEPS: &str = "update transaction_steps set state = 'waiting', result = null, error = null, \
        done_at = null, undone_at = null where transaction_id = $1";
    Ok(write_tx!(db, |tx| {
        let anew = sqlx::query(WHOLE).bind(id).bind(now).execute(&mut *tx).await?.rows_affected() == 1;
        if anew {
            sqlx::query(STEPS).bind(id).execute(&mut *tx).await?;
        }
        anew
    }))
}

/// Turns a transaction around that stands at `from`. Whoever holds it notices before its next try. `false`: it does not
/// stand there, or another one works on the same.
pub(in crate::numbers) async fn turn_back(
    db: &Db,
    id: &str,
    (from, why): (State, &str),
    now: Time,
) -> Result<bool, DbError> {
    const SQL: &str = "update transactions set state = 'rolling_back', finished_at = null, \
        error = coalesce(error, $3), attempts = 0, next_at = $4, updated_at = $4 where id = $1 and state = $2 \
        and not exists (select 1 from transactions as other where other.subject = transactions.subject \
        and other.finished_at is null and other.id <> transactions.id)";
    Ok(write_tx!(db, |tx| {
        let turned = sqlx::query(SQL).bind(id).bind(from.as_str()).bind(why).bind(now);
        turned.execute(&mut *tx).await?.rows_affected() == 1
    }))
}

/// Notes where the carrier was seen to ask.
pub(in crate::numbers) async fn see(db: &Db, seen: &[(String, Urls)], now: Time) -> Result<(), DbError> {
    write_tx!(db, |tx| {
        for (number, urls) in seen {
            tx.apply(&Change::Seen(number.clone(), urls.clone()), "", now).await?;
        }
    });
    Ok(())
}

/// Notes where the carrier shall ask from now on, for every number that is ours.
pub(in crate::numbers) async fn want(db: &Db, wanted: &Urls, now: Time) -> Result<(), DbError> {
    const SQL: &str = "update numbers set voice_url = $1, voice_fallback_url = $2, status_callback = $3, \
        sms_url = $4, updated_at = $5 where state <> 'released' and (voice_url <> $1 or voice_fallback_url <> $2 \
        or status_callback <> $3 or sms_url <> $4)";
    write_tx!(db, |tx| {
        let update = sqlx::query(SQL).bind(&wanted.voice).bind(&wanted.voice_fallback).bind(&wanted.status);
        update.bind(&wanted.sms).bind(now).execute(&mut *tx).await?;
    });
    Ok(())
}

/// Transactions that ended before `$1` and that no tenant needs: one that is set up is taken away by what its journal
/// says, however long that takes.
macro_rules! ended {
    () => {
        "from transactions where finished_at < $1 \
         and not exists (select 1 from lines where lines.transaction_id = transactions.id) \
         and not exists (select 1 from subaccounts where subaccounts.transaction_id = transactions.id \
         and subaccounts.state <> 'closed')"
    };
}

/// Removes one slice of transactions, numbers and accounts that ended before `before`, and says how many rows went.
pub(in crate::numbers) async fn sweep(db: &Db, before: Time) -> Result<u64, DbError> {
    const SLICE: i64 = 50;
    const OLD: [&str; 4] = [
        concat!(
            "delete from transaction_steps where transaction_id in (select id ",
            ended!(),
            " order by finished_at, id limit $2)"
        ),
        concat!("delete from transactions where id in (select id ", ended!(), " order by finished_at, id limit $2)"),
        "delete from numbers where phone_number in \
            (select phone_number from numbers where released_at < $1 limit $2)",
        "delete from subaccounts where sid in \
            (select sid from subaccounts where state = 'closed' and updated_at < $1 limit $2)",
    ];
    const ANY: &str = concat!(
        "select (select count(*) ",
        ended!(),
        ") + (select count(*) from numbers where released_at < $1) + \
         (select count(*) from subaccounts where state = 'closed' and updated_at < $1)"
    );
    let old: i64 = both!(db, |p| sqlx::query_scalar(ANY).bind(before).fetch_one(p).await)?;
    if old == 0 {
        return Ok(0);
    }
    Ok(write_tx!(db, |tx| {
        let mut gone = 0;
        for sql in OLD {
            gone += sqlx::query(sql).bind(before).bind(SLICE).execute(&mut *tx).await?.rows_affected();
        }
        gone
    }))
}
