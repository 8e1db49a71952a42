//! What the views tell, compared with what an oracle makes of the event log.

use super::history::{Dice, History};
use super::oracle::Oracle;
use crate::ops_desk::{Desk, credential};
use crate::support::Database;
use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::collections::BTreeMap;
use switchboard::db::Db;
use switchboard::ledger::Ledger;
use switchboard::ledger::views::VIEWS;
use switchboard::ops::Role;

/// Names of a view's columns, as the engine has them.
async fn columns(database: &Database, view: &str) -> Vec<String> {
    match &database.db {
        Db::Sqlite(engine) => {
            let sql = "select name from pragma_table_info($1) order by cid";
            sqlx::query_scalar(sql).bind(view).fetch_all(&engine.read).await.expect("columns")
        }
        Db::Postgres(engine) => {
            let sql = "select column_name::text from information_schema.columns where table_name = $1 \
                order by ordinal_position";
            sqlx::query_scalar(sql).bind(view).fetch_all(&engine.rest).await.expect("columns")
        }
    }
}

#[tokio::test]
async fn every_view_has_the_same_columns_everywhere() {
    for database in Database::each().await {
        database.db.migrate().await.expect("migrated");
        for view in &VIEWS {
            let told: Vec<&str> = view.columns.iter().map(|(name, _)| *name).collect();
            assert_eq!(columns(&database, view.name).await, told, "{}", view.name);
        }
        if let Db::Postgres(engine) = &database.db {
            let sql = "select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid \
                where c.relkind = 'v' and c.relnamespace = 'public'::regnamespace and a.attnum > 0 \
                and col_description(c.oid, a.attnum) is null";
            let bare: i64 = sqlx::query_scalar(sql).fetch_one(&engine.rest).await.expect("a count");
            assert_eq!(bare, 0, "every column says what it is");
        }
    }
}

#[test]
fn the_documentation_has_every_view_and_column() {
    let operations = include_str!("../../../docs/OPERATIONS.md");
    for view in &VIEWS {
        let row = operations.lines().find(|line| line.starts_with(&format!("| `{}` |", view.name)));
        let row = row.unwrap_or_else(|| panic!("{} is not in docs/OPERATIONS.md", view.name));
        let columns: Vec<String> = view.columns.iter().map(|(name, _)| format!("`{name}`")).collect();
        assert!(row.ends_with(&format!("| {} |", columns.join(", "))), "{row}");
    }
}

/// A caller with a name that a spreadsheet would run.
const EVIL: &str = "insert into calls (call_sid, line, direction, from_number, to_number, caller_name, state, state_rank, \
    outcome_rank, started_at, updated_at, opened_by) values ('CA1', 'main', 'inbound', '+14035550111', '+15875550100', \
    '=cmd(\"calc\"),x', 'ringing', 2, -1, $1, $1, 1)";

async fn ring(database: &Database, at: DateTime<Utc>) {
    match &database.db {
        Db::Sqlite(engine) => drop(sqlx::query(EVIL).bind(at).execute(&engine.write).await.expect("written")),
        Db::Postgres(engine) => drop(sqlx::query(EVIL).bind(at).execute(&engine.rest).await.expect("written")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_leaves_the_house_as_json_and_as_csv() {
    for database in Database::each().await {
        database.db.migrate().await.expect("migrated");
        let desk = Desk::new(&database.db);
        let at: DateTime<Utc> = Utc::now() - TimeDelta::minutes(10);
        ring(&database, at).await;
        let body = desk.get("/api/views/active_calls", Role::Operator).await.json();
        assert_eq!(body["view"], "active_calls");
        assert_eq!(body["items"][0]["from_number"], "+14035550111");
        assert_eq!(body["items"][0]["answered_at"], Value::Null);
        assert_eq!(body["items"][0]["started_at"], at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());

        let csv = desk.get("/api/views/active_calls?format=csv", Role::Operator).await;
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
        let text = csv.text();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], columns(&database, "active_calls").await.join(","));
        let row = "CA1,main,inbound,'+14035550111,'+15875550100,\"'=cmd(\"\"calc\"\"),x\",ringing,,";
        assert!(lines[1].starts_with(row), "{}", lines[1]);
        assert_eq!(lines[2..], [""]);

        let accept = [("accept", "text/csv")];
        let asked = desk.ask(Method::GET, "/api/views/active_calls", Some(&credential(Role::Viewer)), &accept).await;
        assert!(asked.text().contains(",'+1403•••0111,'+1587•••0100,,ringing,"), "{}", asked.text());

        let list = desk.get("/api/views", Role::Viewer).await.json();
        let names: Vec<&str> =
            list["items"].as_array().expect("nine").iter().filter_map(|v| v["name"].as_str()).collect();
        assert_eq!(names, VIEWS.map(|view| view.name));
        for name in names {
            desk.get(&format!("/api/views/{name}?limit=1"), Role::Viewer).await.json();
            desk.get(&format!("/api/views/{name}?format=csv"), Role::Viewer).await;
        }
        let unknown = desk.get("/api/views/calls", Role::Viewer).await;
        let told = unknown.is_problem(404, "/api/views/calls")["detail"].as_str().expect("a detail").to_owned();
        assert!(VIEWS.iter().all(|view| told.contains(view.name)), "{told}");
        desk.get("/api/views/active_calls?limit=0", Role::Viewer).await.is_problem(400, "/api/views/active_calls");
        desk.get("/api/views/active_calls?format=xml", Role::Viewer).await.is_problem(400, "/api/views/active_calls");
    }
}

/// Drives random histories through the whole service, then recomputes each view from the event log and compares.
#[tokio::test(flavor = "multi_thread")]
async fn the_views_tell_what_the_event_log_tells() {
    for database in Database::each().await {
        for seed in [1, 2] {
            let database = if seed == 1 { &database } else { &another(&database).await };
            let mut dice = Dice::new(seed);
            let end = Utc::now();
            let house = History::play(database, &mut dice, end).await;
            let refused = refusals(database, &mut dice, end).await;
            super::history::transactions(database, &mut dice, end).await;
            let oracle = Oracle::read(database, end, refused).await;
            oracle.covers_everything();
            for view in &VIEWS {
                let body = house.get(&format!("/api/views/{}?limit=10000", view.name)).await;
                assert_eq!(body.status, 200, "{}", body.body);
                let body: Value = serde_json::from_str(&body.body).expect("JSON");
                let rows = body["items"].as_array().expect("rows").clone();
                oracle.compare(view.name, rows, seed);
            }
            house.running.stop().await;
        }
    }
}

async fn another(database: &Database) -> Database {
    if database.db.is_shared() { Database::postgres().await.expect("a cluster") } else { Database::sqlite() }
}

/// Refused requests and calls, second by second; gives what a limit refused, newest first.
async fn refusals(database: &Database, dice: &mut Dice, end: DateTime<Utc>) -> Vec<(DateTime<Utc>, &'static str, i64)> {
    let mut told = Vec::new();
    for nth in (1..20).rev() {
        let at = end - TimeDelta::seconds(nth * 600);
        let rule = dice.one_of(&["caller", "line", "address.flood", "signature.wrong", "signature.missing"]);
        let count = dice.below(50) + 1;
        Ledger::note_refusals(&database.db, at, &BTreeMap::from([(rule, count)])).await.expect("noted");
        if !rule.starts_with("signature") {
            told.insert(0, (at, rule, count));
        }
    }
    told
}
