//! What tests of several rooms share: databases of both engines, each test its own.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering};
use switchboard::db::Db;

/// A database of its own, gone when it is dropped.
pub(crate) struct Database {
    /// As `DATABASE_URL` would say it.
    pub(crate) url: String,
    /// Not migrated yet.
    pub(crate) db: Db,
    _folder: tempfile::TempDir,
}

impl Database {
    /// A file in a folder of its own.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Self { db: Db::open(&url).expect("a good URL"), url, _folder: folder }
    }

    /// A database of its own in the private cluster that `scripts/test` starts. `None` without one, but never in CI.
    pub(crate) async fn postgres() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
            assert!(std::env::var("CI").is_err(), "TEST_POSTGRES_URL is not set: run scripts/test");
            return None;
        };
        let name = format!("it_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&server).await.expect("the private cluster answers");
        let create = AssertSqlSafe(format!("create database {name}"));
        sqlx::query(create).execute(&mut connection).await.expect("a new database");
        let (base, query) = server.split_once('?').unwrap_or((&server, ""));
        let (base, _) = base.rsplit_once('/').expect("a database in the URL");
        let url = format!("{base}/{name}?{query}");
        Some(Self { db: Db::open(&url).expect("a good URL"), url, _folder: tempfile::tempdir().expect("a folder") })
    }

    /// One of each engine.
    pub(crate) async fn each() -> Vec<Self> {
        [Some(Self::sqlite()), Self::postgres().await].into_iter().flatten().collect()
    }

    /// A number out of the database.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        match &self.db {
            Db::Sqlite(engine) => sqlx::query_scalar(sql).fetch_one(&engine.read).await.expect("a count"),
            Db::Postgres(engine) => sqlx::query_scalar(sql).fetch_one(&engine.rest).await.expect("a count"),
        }
    }

    /// How many rows a table has.
    pub(crate) async fn rows(&self, table: &str) -> i64 {
        let sql = AssertSqlSafe(format!("select count(*) from {table}"));
        match &self.db {
            Db::Sqlite(engine) => sqlx::query_scalar(sql).fetch_one(&engine.read).await.expect("a count"),
            Db::Postgres(engine) => sqlx::query_scalar(sql).fetch_one(&engine.rest).await.expect("a count"),
        }
    }

    /// A text out of the database.
    pub(crate) async fn text(&self, sql: &'static str) -> Option<String> {
        match &self.db {
            Db::Sqlite(engine) => sqlx::query_scalar(sql).fetch_one(&engine.read).await.expect("a text"),
            Db::Postgres(engine) => sqlx::query_scalar(sql).fetch_one(&engine.rest).await.expect("a text"),
        }
    }
}
