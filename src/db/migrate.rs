//! Migrations, compiled in; one list, the same numbers and names for both engines.

use super::{Db, DbError};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};
use std::borrow::Cow;

/// Number, name, and the two texts.
type Step = (i64, &'static str, &'static str, &'static str);

const STEPS: [Step; 1] = [(
    1,
    "calls",
    include_str!("../../migrations/sqlite/0001_calls.sql"),
    include_str!("../../migrations/postgres/0001_calls.sql"),
)];

impl Db {
    /// Brings the schema up to date. Safe when several instances start together: Postgres takes an advisory lock,
    /// SQLite's write lock does the same.
    ///
    /// # Errors
    /// [`DbError::Away`] when the database does not answer, [`DbError::Migration`] when a step fails or an applied
    /// step was edited since.
    pub async fn migrate(&self) -> Result<(), DbError> {
        let migrator = self.migrator();
        let done = match self {
            Self::Sqlite(engine) => migrator.run(&engine.write).await,
            Self::Postgres(engine) => migrator.run(&engine.rest).await,
        };
        done.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            other => other.into(),
        })
    }

    /// Names of the steps that this database has not seen yet.
    ///
    /// # Errors
    /// [`DbError`] when the database does not answer.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, DbError> {
        const APPLIED: &str = "select version from _sqlx_migrations where success order by version";
        let applied = match self {
            Self::Sqlite(engine) => sqlx::query_scalar::<_, i64>(APPLIED).fetch_all(&engine.write).await,
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
