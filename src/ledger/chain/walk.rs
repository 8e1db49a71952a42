//! Reading the whole chain, page by page, and what it proves.

use super::extend::head;
use super::link::{Link, Linked};
use super::proof::{Anchor, Found, Kept, Proof, Proven, Range};
use crate::db::{Db, DbError, both};

/// Rows of a page.
const PAGE: i64 = 500;
/// Rows outside of the chain that are named.
const NAMED: i64 = 100;
/// How often the walk begins again because retention took rows out under its feet.
const WALKS: usize = 5;

/// Walks the whole chain as far as it reaches now. `passed` is told after each page how far it is, and how far it goes.
///
/// # Errors
/// [`DbError`].
pub async fn prove(
    db: &Db,
    kept: Kept,
    anchor: Option<&Anchor>,
    mut passed: impl FnMut(i64, i64),
) -> Result<Found, DbError> {
    let mut walk = 1;
    loop {
        let ranges = ranges(db).await?;
        let found = once(db, Proof::new(ranges.clone(), kept, anchor.cloned()), &mut passed).await?;
        if found.breaks.is_empty() || walk == WALKS || self::ranges(db).await? == ranges {
            return Ok(found);
        }
        walk += 1;
    }
}

async fn once(db: &Db, mut proof: Proof, passed: &mut impl FnMut(i64, i64)) -> Result<Found, DbError> {
    let head = head(db).await?;
    let mut last: Option<Linked> = None;
    loop {
        let rows = page(db, last.as_ref(), head.number, PAGE).await?;
        rows.iter().for_each(|placed| proof.row(&placed.row, placed.proven));
        let Some(placed) = rows.into_iter().next_back() else { break };
        passed(placed.row.number, head.number);
        last = Some(placed.row);
    }
    outside(db, NAMED).await?.iter().for_each(|placed| proof.outside(&placed.row));
    Ok(proof.end(&head))
}

/// A row with its place, and whether the timeline knows its webhook.
struct Placed {
    /// The row.
    row: Linked,
    /// Whether the timeline knows its webhook.
    proven: Proven,
}

macro_rules! placed_from_row {
    ($($row:ty),+) => {$(
        impl<'r> sqlx::FromRow<'r, $row> for Placed {
            fn from_row(row: &'r $row) -> Result<Self, sqlx::Error> {
                use sqlx::Row;
                let (number, chained_at) = (row.try_get("chain_no")?, row.try_get("chained_at")?);
                let row_of_chain = Linked { link: Link::from_row(row)?, number, chained_at, hash: row.try_get("chain_hash")? };
                Ok(Self { row: row_of_chain, proven: row.try_get("proven")? })
            }
        }
    )+};
}
placed_from_row!(sqlx::sqlite::SqliteRow, sqlx::postgres::PgRow);

/// The columns of [`Placed`]. A place without its time or hash was not written by us: it will not fit.
macro_rules! placed {
    ($after:literal) => {
        concat!(
            "select consents.id, consents.call_id, consents.call_sid, consents.at, scope, method, notice_version, given, \
             event_id, chain_no, coalesce(chained_at, consents.at) as chained_at, coalesce(chain_hash, '') as chain_hash, \
             case when calls.id is null then null else call_events.id is not null end as proven \
             from consents left join calls on calls.id = consents.call_id \
             left join call_events on call_events.id = consents.event_id and call_events.call_id = consents.call_id \
             and call_events.at = consents.at ",
            $after
        )
    };
}

/// At most `limit` rows behind `after`, up to `last`, in order.
async fn page(db: &Db, after: Option<&Linked>, last: i64, limit: i64) -> Result<Vec<Placed>, DbError> {
    // Two rows can have one number only if somebody took the index away; then both are to be seen.
    const SQL: &str = placed!(
        "where (chain_no, consents.call_id, consents.id) > ($1, $2, $3) and chain_no <= $4 \
         order by chain_no, consents.call_id, consents.id limit $5"
    );
    let (number, call, id) =
        after.map_or((0, i64::MAX, ""), |row| (row.number, row.link.call_id, row.link.id.as_str()));
    let query = both!(db, |p| sqlx::query_as::<_, Placed>(SQL)
        .bind(number)
        .bind(call)
        .bind(id)
        .bind(last)
        .bind(limit)
        .fetch_all(p)
        .await);
    Ok(query?)
}

/// At most `limit` rows with numbers that the chain has never given: behind its end, or before its beginning.
async fn outside(db: &Db, limit: i64) -> Result<Vec<Placed>, DbError> {
    const SQL: &str = placed!(
        "where chain_no < 1 or chain_no > (select number from consent_chain where consent_chain.id = 1) \
         order by chain_no limit $1"
    );
    Ok(both!(db, |p| sqlx::query_as::<_, Placed>(SQL).bind(limit).fetch_all(p).await)?)
}

/// What retention took out.
async fn ranges(db: &Db) -> Result<Vec<Range>, DbError> {
    const SQL: &str = "select first, last, hash, at from consent_checkpoints order by first";
    Ok(both!(db, |p| sqlx::query_as::<_, Range>(SQL).fetch_all(p).await)?)
}
