//! Opening the database: nothing connects until it is used, so the service starts while the database is away.

use super::DbError;
use super::lane::{LaneConnection, STATEMENT_TIMEOUT};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgPool, SqlitePool};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One database.
#[derive(Clone, Debug)]
pub enum Db {
    /// SQLite inside the process.
    Sqlite(Sqlite),
    /// Postgres, shared by several instances.
    Postgres(Postgres),
}

/// SQLite: one writer for everything that is not a lane, a few readers.
#[derive(Clone, Debug)]
pub struct Sqlite {
    /// One connection.
    pub write: SqlitePool,
    /// Read-only connections.
    pub read: SqlitePool,
    pub(super) path: PathBuf,
    /// Set when the write-ahead log does not come to its end by itself; the lane lets it begin anew.
    log_is_large: Arc<AtomicBool>,
}

/// Postgres: one pool for everything that is not a lane.
#[derive(Clone, Debug)]
pub struct Postgres {
    /// Connections for the API, the workers and the health check.
    pub rest: PgPool,
    pub(super) lane: Box<PgConnectOptions>,
}

/// Expands the body once per engine; `$p` is a pool to read from.
macro_rules! both {
    ($db:expr, |$p:ident| $body:expr) => {
        match $db {
            $crate::db::Db::Sqlite(engine) => {
                let $p = &engine.read;
                $body
            }
            $crate::db::Db::Postgres(engine) => {
                let $p = &engine.rest;
                $body
            }
        }
    };
}

/// Expands the body once per engine inside one transaction, `$tx` being a connection. SQLite takes the write lock
/// first: a later upgrade could fail at once with SQLITE_BUSY_SNAPSHOT.
macro_rules! write_tx {
    ($db:expr, |$tx:ident| $body:block) => {
        match $db {
            $crate::db::Db::Sqlite(engine) => {
                let mut transaction = engine.write.begin_with("BEGIN IMMEDIATE").await?;
                let result = {
                    let $tx = &mut *transaction;
                    $body
                };
                transaction.commit().await?;
                result
            }
            $crate::db::Db::Postgres(engine) => {
                let mut transaction = engine.rest.begin().await?;
                let result = {
                    let $tx = &mut *transaction;
                    $body
                };
                transaction.commit().await?;
                result
            }
        }
    };
}
pub(crate) use {both, write_tx};

/// Pages of 4 KiB in the write-ahead log, 64 MiB, from which on it is made to begin anew.
const LARGE_LOG_PAGES: i64 = 16_384;

impl Db {
    /// Reads the URL; connects later.
    ///
    /// # Errors
    /// [`DbError::Url`] when it is neither `sqlite://` nor `postgres://`.
    pub fn open(url: &str) -> Result<Self, DbError> {
        if url.starts_with("sqlite:") {
            return Sqlite::open(url).map(Self::Sqlite);
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Postgres::open(url).map(Self::Postgres);
        }
        Err(DbError::Url("unknown scheme".to_owned()))
    }

    /// Makes the folder of SQLite's file, as its driver does not.
    ///
    /// # Errors
    /// [`DbError::Folder`].
    pub fn make_folder(&self) -> Result<(), DbError> {
        let Self::Sqlite(engine) = self else { return Ok(()) };
        let Some(folder) = engine.path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
        std::fs::create_dir_all(folder).map_err(|source| DbError::Folder { folder: folder.to_owned(), source })
    }

    /// How many lanes the ledger should drive. SQLite has one writer. Postgres could have more, and was measured with two:
    /// each commit then stored half as many webhooks (8 instead of 16), and a webhook cost server and database together
    /// two fifths more processor time.
    #[must_use]
    pub const fn lanes(&self) -> usize {
        match self {
            Self::Sqlite(_) | Self::Postgres(_) => 1,
        }
    }

    /// A connection of a lane's own.
    ///
    /// # Errors
    /// [`DbError::Away`] when the database does not answer.
    pub async fn lane(&self) -> Result<LaneConnection, DbError> {
        Ok(match self {
            Self::Sqlite(engine) => LaneConnection::open_sqlite(&engine.path, &engine.log_is_large)?,
            Self::Postgres(engine) => LaneConnection::of_postgres(engine.lane.connect().await?),
        })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`DbError::Away`] when it does not.
    pub async fn ping(&self) -> Result<(), DbError> {
        both!(self, |p| sqlx::query("select 1").execute(p).await.map(drop))?;
        Ok(())
    }

    /// Connections in use outside the lanes.
    #[must_use]
    pub fn in_use(&self) -> u32 {
        both!(self, |p| p.size().saturating_sub(u32::try_from(p.num_idle()).unwrap_or(u32::MAX)))
    }

    /// Moves what the write-ahead log holds into the database file, without stopping the writer. When the log has
    /// grown large because the writer never pauses, its lane is asked to let it begin anew. Postgres does all this by
    /// itself.
    ///
    /// # Errors
    /// [`DbError::Away`] when the file cannot be written.
    pub async fn checkpoint(&self) -> Result<(), DbError> {
        const PASSIVE: &str = "pragma wal_checkpoint(passive)";
        let Self::Sqlite(engine) = self else { return Ok(()) };
        let (_, pages, _): (i64, i64, i64) = sqlx::query_as(PASSIVE).fetch_one(&engine.write).await?;
        if pages > LARGE_LOG_PAGES {
            // What came meanwhile, so that little is left for the lane, which callers wait for.
            sqlx::query(PASSIVE).execute(&engine.write).await?;
            engine.log_is_large.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// Closes the pools; the lanes close their own connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(engine) => {
                engine.read.close().await;
                engine.write.close().await;
            }
            Self::Postgres(engine) => engine.rest.close().await,
        }
    }
}

impl Sqlite {
    fn open(url: &str) -> Result<Self, DbError> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|e| DbError::Url(e.to_string()))?
            .create_if_missing(true)
            .foreign_keys(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(STATEMENT_TIMEOUT)
            .disable_statement_logging();
        let path = options.get_filename().to_owned();
        if path.as_os_str().is_empty() || url.contains(":memory:") || url.contains("mode=memory") {
            return Err(DbError::Url(
                "every connection would see a database of its own in memory: name a file".to_owned(),
            ));
        }
        let pool = SqlitePoolOptions::new().acquire_timeout(STATEMENT_TIMEOUT);
        // A full disk can end a transaction behind the driver's back, which then would never begin another there.
        let write = pool.clone().max_connections(1).before_acquire(|connection, _| {
            let sound = !connection.is_in_transaction();
            Box::pin(async move { Ok(sound) })
        });
        let write = write.connect_lazy_with(options.clone());
        let read = pool.max_connections(4).connect_lazy_with(options.read_only(true).create_if_missing(false));
        Ok(Self { write, read, path, log_is_large: Arc::default() })
    }
}

impl Postgres {
    fn open(url: &str) -> Result<Self, DbError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| DbError::Url("it does not parse".to_owned()))?
            .application_name("switchboard")
            .disable_statement_logging();
        let lane = options.clone().statement_cache_capacity(256).options([
            ("statement_timeout", "5000"),
            ("lock_timeout", "4000"),
            ("idle_in_transaction_session_timeout", "1000"),
        ]);
        let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(STATEMENT_TIMEOUT);
        let rest = pool.connect_lazy_with(options.options([("statement_timeout", "5000")]));
        Ok(Self { rest, lane: Box::new(lane) })
    }
}
