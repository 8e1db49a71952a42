//! Leases: work that one instance does at a time (a relay, a sweep, a saga). A lease saves work, it does not guard data:
//! clocks differ and a stalled holder may wake after its time, so what must not happen twice is guarded where it is
//! written, by a row lock or a unique key.

use super::{Db, DbError};
use crate::base::Time;
use chrono::TimeDelta;
use std::time::Duration;

/// Free, run out, or ours already: then it is ours until `$4`. One statement, so two who ask at once cannot both get it.
const TAKE: &str = "insert into leases (name, holder, until) values ($1, $2, $4) on conflict (name) do update \
    set holder = excluded.holder, until = excluded.until where leases.holder = excluded.holder or leases.until <= $3";

const RELEASE: &str = "delete from leases where name = $1 and holder = $2";

const FORGET: &str = "delete from leases where until < $1";

/// After which time a lease that nobody renewed is forgotten.
const FORGOTTEN: TimeDelta = TimeDelta::days(1);

/// Executes on the writing side of either engine and gives the number of rows.
macro_rules! execute {
    ($db:expr, $query:expr) => {
        match $db {
            Db::Sqlite(engine) => $query.execute(&engine.write).await?.rows_affected(),
            Db::Postgres(engine) => $query.execute(&engine.rest).await?.rows_affected(),
        }
    };
}

impl Db {
    /// Takes or renews the lease on `name` (a piece of work) for `holder` (an instance, by a word of its own), until
    /// `now + length`. `false`: somebody else has it. Renew well before it runs out, at a third of its length.
    ///
    /// # Errors
    /// [`DbError`]; the lease may or may not have been taken then.
    pub async fn lease(&self, name: &str, holder: &str, now: Time, length: Duration) -> Result<bool, DbError> {
        let until = now + length;
        Ok(execute!(self, sqlx::query(TAKE).bind(name).bind(holder).bind(now).bind(until)) == 1)
    }

    /// Gives the lease back, so that another need not wait until it runs out. Nothing happens when it is not ours.
    ///
    /// # Errors
    /// [`DbError`]; the lease runs out by itself then.
    pub async fn release(&self, name: &str, holder: &str) -> Result<(), DbError> {
        execute!(self, sqlx::query(RELEASE).bind(name).bind(holder));
        Ok(())
    }

    /// Removes leases that ran out long ago: work that is done for good under a name of its own leaves no row behind.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn forget_leases(&self, now: Time) -> Result<u64, DbError> {
        Ok(execute!(self, sqlx::query(FORGET).bind(now - FORGOTTEN)))
    }
}
