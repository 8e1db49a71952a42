//! Migrations, compiled in; one list, the same numbers and names for both engines.

use super::error::is_refusal;
use super::lane::STATEMENT_TIMEOUT;
use super::pool::{Postgres, Sqlite};
use super::{Db, DbError};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqlSafeStr};
use std::borrow::Cow;
use tokio::time::timeout;

/// Number, name, and the two texts.
type Step = (i64, &'static str, &'static str, &'static str);

/// A step's two texts, from the file of the same name for each engine.
macro_rules! step {
    ($number:literal, $name:literal, $file:literal) => {
        (
            $number,
            $name,
            include_str!(concat!("../../migrations/sqlite/", $file, ".sql")),
            include_str!(concat!("../../migrations/postgres/", $file, ".sql")),
        )
    };
}

const STEPS: &[Step] = &[
    step!(1, "calls", "0001_calls"),
    step!(2, "limits", "0002_limits"),
    step!(3, "relay", "0003_relay"),
    step!(4, "numbers", "0004_numbers"),
    step!(5, "recordings", "0005_recordings"),
    step!(6, "api_writes", "0006_api_writes"),
    step!(7, "indexes", "0007_indexes"),
    step!(8, "views", "0008_views"),
    step!(9, "pages", "0009_pages"),
    step!(10, "overrides", "0010_overrides"),
    step!(11, "callers", "0011_callers"),
    step!(12, "mails", "0012_mails"),
    step!(13, "messages", "0013_messages"),
    step!(15, "holds", "0015_holds"),
];

impl Db {
    /// Brings the schema up to date, however long a step takes. Safe when several instances start together: Postgres
    /// takes an advisory lock, SQLite's write lock does the same.
    ///
    /// # Errors
    /// [`DbError::Away`] when the database does not answer, [`DbError::Migration`] when a step fails or an applied
    /// step was edited since, [`DbError::Folder`].
    pub async fn migrate(&self) -> Result<(), DbError> {
        self.make_folder()?;
        let migrator = self.migrator();
        let done = match self {
            Self::Sqlite(engine) => migrator.run(&engine.write).await,
            Self::Postgres(engine) => {
                let mut connection = engine.patient().await?;
                let done = migrator.run(&mut connection).await;
                connection.close().await?;
                done
            }
        };
        done.map_err(|error| match error {
            MigrateError::Execute(error) => error.into(),
            MigrateError::ExecuteMigration(error, _) if !is_refusal(&error) => error.into(),
            other => other.into(),
        })
    }

    /// Names of the steps that this database has not seen yet; all of them when SQLite's file is not there. Changes
    /// nothing.
    ///
    /// # Errors
    /// [`DbError`] when the database does not answer.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, DbError> {
        const APPLIED: &str = "select version from _sqlx_migrations where success order by version";
        let applied = match self {
            Self::Sqlite(engine) if !engine.path.exists() => Ok(Vec::new()),
            Self::Sqlite(engine) => {
                let mut connection = engine.onlooker().await?;
                sqlx::query_scalar::<_, i64>(APPLIED).fetch_all(&mut connection).await
            }
            Self::Postgres(engine) => sqlx::query_scalar::<_, i64>(APPLIED).fetch_all(&engine.rest).await,
        };
        let applied = match applied.map_err(DbError::from) {
            Ok(versions) => versions,
            // The table of migrations is made by the first run.
            Err(DbError::Refused(_)) => Vec::new(),
            Err(away) => return Err(away),
        };
        let pending = STEPS.iter().filter(|(number, ..)| !applied.contains(number));
        Ok(pending.map(|(number, name, ..)| format!("{number:04}_{name}")).collect())
    }

    fn migrator(&self) -> Migrator {
        let steps = STEPS.iter().map(|&(number, name, sqlite, postgres)| {
            let sql = if matches!(self, Self::Sqlite(_)) { sqlite } else { postgres };
            let sql = AssertSqlSafe(sql).into_sql_str();
            Migration::new(number, Cow::Borrowed(name), MigrationType::Simple, sql, false)
        });
        let mut migrator = Migrator::with_migrations(steps.collect());
        // During a deploy an older instance meets steps of a newer one; migrations only ever add (expand, contract).
        migrator.set_ignore_missing(true);
        migrator
    }
}

impl Sqlite {
    /// A connection that changes nothing, not even the journal's mode.
    async fn onlooker(&self) -> Result<sqlx::SqliteConnection, DbError> {
        Ok(SqliteConnectOptions::new().filename(&self.path).read_only(true).connect().await?)
    }
}

impl Postgres {
    /// A connection on which a statement may take its time: a step that rewrites a large table, or the wait for
    /// another instance that runs it.
    async fn patient(&self) -> Result<PgConnection, DbError> {
        let options = self.lane.clone().options([("statement_timeout", "0"), ("lock_timeout", "0")]);
        let connected = timeout(STATEMENT_TIMEOUT, options.connect()).await;
        Ok(connected.map_err(|late| DbError::Away(late.into()))??)
    }
}
