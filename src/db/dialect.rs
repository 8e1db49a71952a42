//! What the engines do not have in common and no SQL text can hide: who is writing, and telling other instances.

use super::{Db, DbError};
use sqlx::postgres::PgListener;

/// Transactions that hold what an insert, update or delete takes on the table before anything else, until their end.
const WRITERS: &str = "select virtualtransaction from pg_locks where locktype = 'relation' \
    and database = (select oid from pg_database where datname = current_database()) \
    and relation = $1::regclass and mode = 'RowExclusiveLock' and granted";

const NOTIFY: &str = "select pg_notify($1, $2)";

/// Hears what any instance says on one channel. It finds its connection again by itself.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// The next word. What was said while the connection was lost is not repeated: a listener also polls, rarely.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn next(&mut self) -> Result<String, DbError> {
        Ok(self.0.recv().await?.payload().to_owned())
    }
}

impl Db {
    /// Whether several instances may work on it. SQLite serves one.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Names of the transactions that may have written to `table` and have not ended. SQLite has one writer at a time,
    /// so who reads there sees everything up to the newest row: none.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn writers(&self, table: &str) -> Result<Vec<String>, DbError> {
        let Self::Postgres(engine) = self else { return Ok(Vec::new()) };
        Ok(sqlx::query_scalar(WRITERS).bind(table).fetch_all(&engine.rest).await?)
    }

    /// Tells all instances `word` on `channel`. SQLite has no other instance to tell.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn notify(&self, channel: &str, word: &str) -> Result<(), DbError> {
        let Self::Postgres(engine) = self else { return Ok(()) };
        sqlx::query(NOTIFY).bind(channel).bind(word).execute(&engine.rest).await?;
        Ok(())
    }

    /// Hears what is said on `channel`, on a connection of its own. `None` on SQLite.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn listen(&self, channel: &str) -> Result<Option<Listener>, DbError> {
        let Self::Postgres(engine) = self else { return Ok(None) };
        let mut listener = PgListener::connect_with(&engine.rest).await?;
        listener.listen(channel).await?;
        Ok(Some(Listener(listener)))
    }
}
