//! The dashboard and the alert rules name what exists: metrics with their labels, views with their columns.

use crate::support::Database;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use std::collections::BTreeSet;
use switchboard::db::Db;
use switchboard::ledger::views::VIEWS;
use switchboard::ops::Exporter;

const RULES: &str = include_str!("../../../packaging/prometheus/switchboard.rules.yml");
const DASHBOARD: &str = include_str!("../../../packaging/grafana/switchboard.json");

/// Every text under `field`, however deep.
fn texts<'v>(value: &'v Value, field: &str, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| match inner {
            Value::String(text) if name == field => found.push(text),
            inner => texts(inner, field, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| texts(item, field, found)),
        _ => {}
    }
}

fn of_dashboard(field: &str) -> Vec<String> {
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let mut found = Vec::new();
    texts(&dashboard, field, &mut found);
    found.into_iter().map(str::to_owned).collect()
}

/// The rules: name, expression on one line, and how long it must hold.
fn rules() -> Vec<(String, String, String)> {
    let mut rules = Vec::new();
    for rule in RULES.split("- alert: ").skip(1) {
        let (name, rest) = rule.split_once('\n').expect("a name");
        let (_, expression) = rest.split_once("expr: ").expect("an expression");
        let ends = |line: &&str| !["for:", "labels:"].iter().any(|key| line.trim_start().starts_with(key));
        let lines: Vec<&str> = expression.lines().take_while(ends).map(str::trim).filter(|l| *l != "|").collect();
        let held = rest.split_once("        for: ").and_then(|(_, rest)| rest.lines().next()).unwrap_or_default();
        rules.push((name.to_owned(), lines.join(" "), held.to_owned()));
    }
    rules
}

/// Names in an expression, each with what stands in its braces.
fn series(expression: &str) -> Vec<(String, String)> {
    let named = expression.split("switchboard_").skip(1).map(|rest| {
        let name = word(rest);
        let labels = rest.strip_prefix(name).and_then(|rest| rest.strip_prefix('{')?.split_once('}'));
        (format!("switchboard_{name}"), labels.map_or_else(String::new, |(labels, _)| labels.to_owned()))
    });
    named.collect()
}

/// The word at the beginning.
fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default()
}

#[test]
fn every_metric_and_label_exists() {
    let (exporter, _meters) = Exporter::new(&["voice"]).expect("good buckets");
    let metrics = exporter.render();
    let exists = |name: &str, label: &str| {
        metrics.lines().any(|line| {
            line.strip_prefix(name).is_some_and(|rest| {
                rest.starts_with(' ') && label.is_empty() || rest.starts_with('{') && rest.contains(label)
            })
        })
    };
    let mut expressions = of_dashboard("expr");
    expressions.extend(rules().into_iter().map(|(_, expression, _)| expression));
    assert!(expressions.len() > 25, "the files were not understood");
    for expression in &expressions {
        assert!(!series(expression).is_empty() || expression.starts_with("up{"), "{expression}");
        for (name, labels) in series(expression) {
            assert!(exists(&name, ""), "no metric {name}, in {expression}");
            for label in labels.split(',').filter(|label| !label.is_empty()) {
                let (label, words) = label.split_once("=~").or_else(|| label.split_once('=')).expect("a comparison");
                for word in words.trim_matches('"').split('|') {
                    assert!(exists(&name, &format!("{label}=\"{word}\"")), "{name} has no {label} {word}");
                }
            }
        }
        for by in expression.split("by (").skip(1).filter_map(|rest| rest.split(')').next()) {
            let name = &series(expression)[0].0;
            assert!(exists(name, &format!("{by}=\"")), "{name} has no label {by}");
        }
    }
}

#[tokio::test]
async fn every_statement_of_the_dashboard_runs_and_all_views_are_there() {
    let statements = of_dashboard("rawSql");
    for database in Database::each().await {
        database.db.migrate().await.expect("migrated");
        for sql in &statements {
            let text = AssertSqlSafe(sql.clone());
            let ran = match &database.db {
                Db::Sqlite(engine) => sqlx::query(text).fetch_all(&engine.read).await.map(drop),
                Db::Postgres(engine) => sqlx::query(text).fetch_all(&engine.rest).await.map(drop),
            };
            ran.unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
    }
    let shown: BTreeSet<&str> = VIEWS
        .iter()
        .map(|view| view.name)
        .filter(|name| statements.iter().any(|sql| sql.contains(&format!(" from {name}"))))
        .collect();
    assert_eq!(shown.len(), VIEWS.len(), "{shown:?}");
    for view in RULES.split("The view ").skip(1).map(word) {
        assert!(VIEWS.iter().any(|known| known.name == view), "an alert names the view {view}");
    }
}

#[test]
fn the_alerts_that_were_asked_for_are_there() {
    let rules = rules();
    for (name, needs, held) in [
        ("SwitchboardUnhealthy", "switchboard_health == 0", "5m"),
        ("SwitchboardLowSuccess", "< 0.9", "30m"),
        ("SwitchboardErrors", "switchboard_errors_last_minute) > 5", ""),
        ("SwitchboardDatabaseFailure", "switchboard_storage_up) == 0", "1m"),
        ("SwitchboardVoicemailBacklog", "switchboard_voicemail_backlog) > 10", "15m"),
        ("SwitchboardViolations", "switchboard_violations_last_hour) > 50", ""),
        ("SwitchboardFailedTransactions", "switchboard_failed_transactions_last_hour) > 5", ""),
        ("SwitchboardLongCalls", "> 900", "15m"),
        ("SwitchboardSpoolOld", "switchboard_spool_oldest_seconds > 900", ""),
        ("SwitchboardCallsTurnedAway", "switchboard_turned_away_total[5m])) > 0", ""),
        ("SwitchboardUndoFailed", r#"switchboard_transactions_total{state="failed_undo"}[1h])) > 0"#, ""),
        ("SwitchboardNumbersDrifted", "switchboard_numbers_drifted) > 0", "30m"),
        ("SwitchboardCopiesFail", "switchboard_recordings_retried) > 0", "1h"),
    ] {
        let rule = rules.iter().find(|rule| rule.0 == name).unwrap_or_else(|| panic!("no alert {name}"));
        assert!(rule.1.contains(needs), "{name}: {}", rule.1);
        assert_eq!(rule.2, held, "{name}");
    }
}

#[test]
fn the_documentation_has_every_alert_and_no_other() {
    let operations = include_str!("../../../docs/OPERATIONS.md");
    let told: Vec<&str> = operations.lines().filter(|line| line.starts_with("| `Switchboard")).collect();
    let rules = rules();
    for (name, _, held) in &rules {
        let row = told.iter().find(|row| row.starts_with(&format!("| `{name}` | ")));
        let when = row.unwrap_or_else(|| panic!("{name} is not in docs/OPERATIONS.md")).split(" | ").nth(1);
        let when = when.expect("when it fires");
        let said = when.rsplit_once("for ").map_or("", |(_, held)| held);
        assert_eq!(said, held, "{name}: {when}");
    }
    assert_eq!(told.len(), rules.len());
}
