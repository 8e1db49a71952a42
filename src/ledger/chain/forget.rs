//! Retention: old rows leave the chain, and a checkpoint says how it goes on after them.

use super::proof::Range;
use crate::base::Time;
use crate::db::{Db, DbError, both, write_tx};
use crate::ledger::from_row::from_row;
use crate::ledger::holds::{alone, held_calls};

/// A row that may be old enough to go.
struct Aged {
    chain_no: i64,
    chain_hash: String,
    at: Time,
    kept: bool,
}

from_row!(Aged { chain_no, chain_hash, at, kept });

/// What keeps a consent: audio of its call that is stored, or a hold on it.
macro_rules! kept {
    () => {
        concat!(
            "(exists (select 1 from recordings where recordings.call_id = consents.call_id \
             and (recordings.legal_hold or recordings.state in ('expected', 'fetching', 'stored'))) \
             or consents.call_sid in ",
            held_calls!(),
            ")"
        )
    };
}

/// Removes at most `limit` rows that are older than `before`, and says how many went. A consent outlives the audio
/// that relies on it, and what is on hold. Rows that have no number yet stay, and so does the last old one: as the
/// witness that what went before it was old too, without which anybody could write a checkpoint.
///
/// # Errors
/// [`DbError`]; nothing has changed then.
pub(in crate::ledger) async fn forget(db: &Db, before: Time, limit: i64, now: Time) -> Result<u64, DbError> {
    const OLDEST: &str = concat!(
        "select chain_no, chain_hash, at, ",
        kept!(),
        " as kept from consents where chain_no > $1 order by chain_no limit $2"
    );
    let mut after = 0;
    loop {
        let rows = both!(db, |p| sqlx::query_as::<_, Aged>(OLDEST).bind(after).bind(limit).fetch_all(p).await)?;
        let old = rows.iter().take_while(|row| row.at < before).count();
        let Some((_witness, rest)) = rows.get(..old).and_then(<[Aged]>::split_last) else { return Ok(0) };
        if let Some(run) = first_run(rest, now) {
            return remove(db, &run).await;
        }
        match rest.last() {
            // All of them old and kept: what is behind them may go.
            Some(last) if old == rows.len() => after = last.chain_no,
            _ => return Ok(0),
        }
    }
}

/// The first numbers without a gap that may go.
fn first_run(rows: &[Aged], now: Time) -> Option<Range> {
    let mut rows = rows.iter().skip_while(|row| row.kept);
    let first = rows.next()?;
    let range = Range { first: first.chain_no, last: first.chain_no, hash: first.chain_hash.clone(), at: now };
    let grow = |range: Range, row: &Aged| {
        let next = !row.kept && row.chain_no == range.last + 1;
        if next { Ok(Range { last: row.chain_no, hash: row.chain_hash.clone(), ..range }) } else { Err(range) }
    };
    Some(rows.try_fold(range, grow).unwrap_or_else(|range| range))
}

/// Takes a run out; neighbours that went before grow together with it.
async fn remove(db: &Db, run: &Range) -> Result<u64, DbError> {
    const GONE: &str = concat!("delete from consents where chain_no between $1 and $2 and not ", kept!());
    const NEIGHBOURS: &str =
        "delete from consent_checkpoints where last = $1 or first = $2 returning first, last, hash, at";
    const CHECKPOINT: &str = "insert into consent_checkpoints (first, last, hash, at) values ($1, $2, $3, $4)";
    Ok(write_tx!(db, |tx| {
        sqlx::query(alone(db)).execute(&mut *tx).await?;
        let gone = sqlx::query(GONE).bind(run.first).bind(run.last).execute(&mut *tx).await?.rows_affected();
        if gone != (run.last - run.first + 1).unsigned_abs() {
            // A hold came in between; leaving rolls back.
            return Ok(0);
        }
        let neighbours = sqlx::query_as::<_, Range>(NEIGHBOURS).bind(run.first - 1).bind(run.last + 1);
        let whole = neighbours.fetch_all(&mut *tx).await?.iter().fold(run.clone(), |whole, next| whole.with(next));
        let checkpoint = sqlx::query(CHECKPOINT).bind(whole.first).bind(whole.last).bind(&whole.hash).bind(whole.at);
        checkpoint.execute(&mut *tx).await?;
        gone
    }))
}
