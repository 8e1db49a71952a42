//! What tests of several rooms share: databases of both engines, each test its own.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
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

    /// How many rows of a table, behind what is written of them, belong to a call.
    pub(crate) async fn rows_where(&self, table: &str, call_sid: &str) -> i64 {
        let and = if table.ends_with("and") { "" } else { " where" };
        let sql = AssertSqlSafe(format!("select count(*) from {table}{and} call_sid = $1"));
        match &self.db {
            Db::Sqlite(engine) => {
                sqlx::query_scalar(sql).bind(call_sid).fetch_one(&engine.read).await.expect("a count")
            }
            Db::Postgres(engine) => {
                sqlx::query_scalar(sql).bind(call_sid).fetch_one(&engine.rest).await.expect("a count")
            }
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

impl Database {
    /// One that is there, or is not, already.
    pub(crate) fn of(db: Db) -> Self {
        Self { url: String::new(), db, _folder: tempfile::tempdir().expect("a folder") }
    }

    /// The same, with its URL.
    pub(crate) fn at(self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self }
    }
}

/// A Postgres server of a test's own, which it may stop.
pub(crate) struct Cluster {
    pub(crate) url: String,
    /// Closed when this is dropped; then the cluster ends.
    orders: ChildStdin,
    told: Lines<BufReader<ChildStdout>>,
    script: Child,
}

impl Cluster {
    /// `None` where tests run without Postgres, but never in CI.
    pub(crate) fn start() -> Option<Self> {
        if std::env::var("TEST_POSTGRES_URL").is_err() {
            assert!(std::env::var("CI").is_err(), "TEST_POSTGRES_URL is not set: run scripts/test");
            return None;
        }
        let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/postgres");
        let script = Command::new(script).arg("steer").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut script = script.expect("scripts/postgres runs");
        let orders = script.stdin.take().expect("its input");
        let mut told = BufReader::new(script.stdout.take().expect("its output")).lines();
        let url = told.next().expect("it says where it is").expect("text");
        Some(Self { url, orders, told, script })
    }

    /// `stop` or `start`; returns when that is done.
    pub(crate) fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("it listens");
        let told = self.told.next().expect("it answers").expect("text");
        assert_eq!(told, format!("{order}: done"));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = writeln!(self.orders, "end");
        let _ = self.script.wait();
    }
}
