//! Bringing the schema up to date: on a fresh machine, however long it takes, and only when asked to.

use crate::house::{House, call};
use crate::support::Database;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use std::path::Path;
use std::process::{Command, Output};
use std::str::FromStr;
use switchboard::db::Db;

/// `switchboard migrate` in a folder, with this DATABASE_URL or the default one.
fn migrate(folder: &Path, url: Option<&str>, check: bool) -> Output {
    Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .arg("migrate")
        .args(check.then_some("--check"))
        .current_dir(folder)
        .env_clear()
        .envs(url.map(|url| ("DATABASE_URL", url)))
        .output()
        .expect("the binary runs")
}

#[test]
fn a_fresh_machine_is_migrated() {
    for (url, file) in [
        (None, "data/switchboard.db"),
        (Some("sqlite:deep/er/x.db"), "deep/er/x.db"),
        (Some("sqlite://x.db?mode=rwc"), "x.db"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let done = migrate(folder.path(), url, false);
        assert!(done.status.success(), "{url:?}: {done:?}");
        assert!(folder.path().join(file).is_file(), "{file}");
        assert!(migrate(folder.path(), url, true).status.success(), "{url:?}: nothing is missing now");
    }
}

#[test]
fn a_check_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = || std::fs::read_dir(folder.path()).expect("a folder").count();
    for url in [None, Some("sqlite://x.db")] {
        let checked = migrate(folder.path(), url, true);
        assert_eq!(checked.status.code(), Some(1));
        let said = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert!(said.contains("0001_calls"), "{said}");
        assert_eq!(list(), 0, "{url:?}");
    }
    // An empty file is a database without tables.
    std::fs::write(folder.path().join("x.db"), b"").expect("a file");
    let checked = migrate(folder.path(), Some("sqlite://x.db"), true);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    assert_eq!((list(), std::fs::read(folder.path().join("x.db")).expect("a file")), (1, Vec::new()));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("blocker"), b"").expect("a file");
    let done = migrate(folder.path(), Some("sqlite:blocker/x.db"), false);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("cannot make the folder blocker") && said.contains("DATABASE_URL"), "{said}");
}

/// Another instance holds the table for longer than a statement may take elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_migration_is_waited_for() {
    let Some(mut database) = Database::postgres().await else { return };
    database.db.migrate().await.expect("a schema");
    if let Db::Postgres(engine) = &mut database.db {
        let options = PgConnectOptions::from_str(&database.url).expect("a good URL");
        engine.rest = PgPoolOptions::new().connect_lazy_with(options.options([("statement_timeout", "50")]));
    }
    let mut other = PgConnection::connect(&database.url).await.expect("a connection");
    let mut held = other.begin().await.expect("a transaction");
    sqlx::query("lock table _sqlx_migrations").execute(&mut *held).await.expect("locked");
    let release = async {
        sqlx::query("select pg_sleep(0.3)").execute(&mut *held).await.expect("a wait");
        held.commit().await.expect("released");
    };
    let (migrated, ()) = tokio::join!(database.db.migrate(), release);
    migrated.expect("the other instance was waited for");
}

/// A newer version has been here: a step that this one does not know, with a column that it does not name.
async fn a_newer_version_was_here(database: &Database) {
    const COLUMN: &str = "alter table calls add column of_the_future text";
    const STEP: &str = "insert into _sqlx_migrations (version, description, installed_on, success, checksum, \
        execution_time) select 9999, 'of the future', installed_on, success, checksum, 1 from _sqlx_migrations limit 1";
    for sql in [COLUMN, STEP] {
        match &database.db {
            Db::Sqlite(engine) => sqlx::query(sql).execute(&engine.write).await.map(drop),
            Db::Postgres(engine) => sqlx::query(sql).execute(&engine.rest).await.map(drop),
        }
        .expect("a newer schema");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_works_beside_a_newer_one_during_a_deploy() {
    for database in Database::each().await {
        let running_before = House::open(&database).await;
        assert_eq!(running_before.post("/twilio/voice", &call("CA1")).await.status, 200);
        a_newer_version_was_here(&database).await;
        assert_eq!(running_before.post("/twilio/voice", &call("CA2")).await.status, 200);
        running_before.running.stop().await;
        let started_after = House::open(&database).await;
        assert_eq!(started_after.post("/twilio/voice", &call("CA3")).await.status, 200);
        assert_eq!(database.rows("calls").await, 3);
        assert_eq!(database.rows("errors").await, 0);
        started_after.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_instances_that_start_at_once_make_one_schema() {
    let Some(database) = Database::postgres().await else { return };
    let houses = futures_util::future::join_all((0..3).map(|_| House::open(&database))).await;
    for (place, house) in houses.into_iter().enumerate() {
        let answer = house.post("/twilio/voice", &call(&format!("CA{place}"))).await;
        assert!(answer.body.contains("<Gather"), "{answer:?}");
        house.running.stop().await;
    }
    assert_eq!(database.rows("calls").await, 3);
}
