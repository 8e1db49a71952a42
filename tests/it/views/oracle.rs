//! What the views should say, recomputed from the event log (`call_events` and `events`) in plain Rust. It knows the
//! words of the log and of docs/OPERATIONS.md, and nothing of the views' SQL.

use crate::support::Database;
use chrono::{DateTime, SecondsFormat, Timelike, Utc};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use switchboard::db::Db;

type Time = DateTime<Utc>;
type Webhook = (i64, Option<String>, Time, String, String, String);
type Event = (String, String, Option<String>, String, Time);
type Transaction = (String, String, String, Option<String>, Option<String>, Option<String>, Time, Option<Time>);
type Step = (String, i64, String, String);
type Number = (String, String);
/// Newest first, calls without a line last.
type Hour = (Reverse<Time>, bool, Option<String>);
/// Given, refused, and of which calls.
type Said = (i64, i64, BTreeSet<String>);

/// Everything that one side of a comparison may look at.
pub(super) struct Oracle {
    end: Time,
    webhooks: Vec<Webhook>,
    events: Vec<Event>,
    refused: Vec<(Time, &'static str, i64)>,
    transactions: Vec<Transaction>,
    steps: Vec<Step>,
    numbers: Vec<Number>,
    calls: BTreeMap<String, Call>,
}

/// A call as its webhooks and events tell it.
#[derive(Debug, Default)]
struct Call {
    line: Option<String>,
    direction: Option<String>,
    from: Option<String>,
    to: Option<String>,
    started_at: Time,
    answered_at: Option<Time>,
    updated_at: Time,
    state: String,
    /// 0 nothing, 1 abandoned, 2 rejected, 3 voicemail, 4 answered.
    outcome: usize,
    duration_s: Option<i64>,
}

const OUTCOMES: [&str; 5] = ["", "abandoned", "rejected", "voicemail", "answered"];

fn rung(state: &str) -> usize {
    match state {
        "ringing" => 1,
        "in-progress" => 2,
        "completed" | "failed" | "no-answer" | "busy" | "canceled" => 3,
        _ => 0,
    }
}

macro_rules! all {
    ($database:expr, $sql:expr) => {
        match &$database.db {
            Db::Sqlite(engine) => sqlx::query_as($sql).fetch_all(&engine.read).await.expect("rows"),
            Db::Postgres(engine) => sqlx::query_as($sql).fetch_all(&engine.rest).await.expect("rows"),
        }
    };
}

impl Oracle {
    pub(super) async fn read(database: &Database, end: Time, refused: Vec<(Time, &'static str, i64)>) -> Self {
        let webhooks: Vec<Webhook> = all!(
            database,
            "select e.id, c.call_sid, e.at, e.kind, e.input, e.decision from call_events e \
             left join calls c on c.id = e.call_id order by e.at, e.id"
        );
        let events = all!(database, "select type, subject, line, payload, at from events order by place");
        let transactions = all!(
            database,
            "select id, kind, state, subject, failed_step, error, created_at, finished_at from transactions"
        );
        let steps = all!(database, "select transaction_id, number, name, state from transaction_steps");
        let numbers = all!(database, "select transaction_id, phone_number from numbers");
        let mut oracle = Self { end, webhooks, events, refused, transactions, steps, numbers, calls: BTreeMap::new() };
        oracle.calls = oracle.tell_calls();
        oracle
    }

    fn tell_calls(&self) -> BTreeMap<String, Call> {
        let mut calls: BTreeMap<String, Call> = BTreeMap::new();
        for (kind, subject, line, payload, at) in &self.events {
            let Some(sid) = subject.strip_prefix("calls/") else { continue };
            let data: Value = serde_json::from_str(payload).expect("JSON");
            let call = calls.entry(sid.to_owned()).or_default();
            let told = |field: &str| data["call"][field].as_str().map(str::to_owned);
            match kind.as_str() {
                "call.started" => {
                    (call.line, call.started_at) = (line.clone(), *at);
                    (call.direction, call.from, call.to) = (told("direction"), told("from"), told("to"));
                }
                "call.answered" => {
                    let mailbox = data["answered_by"]["kind"] == "mailbox";
                    call.outcome = call.outcome.max(if mailbox { 3 } else { 4 });
                    call.answered_at = call.answered_at.or(Some(*at));
                }
                "call.ended" => call.outcome = call.outcome.max(1),
                _ => {}
            }
        }
        for (_, sid, at, _, input, decision) in &self.webhooks {
            let call = calls.get_mut(sid.as_ref().expect("all have a call")).expect("it was started");
            let input: Value = serde_json::from_str(input).expect("JSON");
            let state = input["CallStatus"].as_str().unwrap_or_default();
            if rung(state) > rung(&call.state) {
                call.state = state.to_owned();
            }
            if decision.contains("no line answers") {
                call.outcome = call.outcome.max(2);
            }
            let seconds = input["CallDuration"].as_str().and_then(|text| text.parse().ok());
            call.duration_s = call.duration_s.or(seconds);
            call.updated_at = call.updated_at.max(*at);
        }
        calls
    }

    /// A comparison of empty tables proves nothing.
    pub(super) fn covers_everything(&self) {
        let outcomes: BTreeSet<usize> = self.calls.values().map(|call| call.outcome).collect();
        assert_eq!(outcomes, BTreeSet::from([0, 1, 2, 3, 4]), "every outcome is there, and calls without one");
        let types: BTreeSet<&str> = self.events.iter().map(|event| event.0.as_str()).collect();
        for wanted in ["consent.given", "consent.refused", "voicemail.new", "voicemail.read", "voicemail.deleted"] {
            assert!(types.contains(wanted), "no {wanted} in {types:?}");
        }
        for view in ["active_calls", "recent_errors", "rate_limit_violations", "voicemail_backlog"] {
            assert!(!self.expect(view).is_empty(), "{view} would be empty");
        }
        assert!(self.calls.values().any(|call| rung(&call.state) < 3 && self.age(call.started_at) > 24.0));
        let by_hand = |state: &str| self.transactions.iter().any(|t| t.2 == state && t.4.is_none());
        let failed = |state: &str| self.transactions.iter().any(|t| t.2 == state && t.4.is_some());
        for state in ["rolling_back", "rolled_back", "failed_undo"] {
            assert!(by_hand(state) && failed(state), "{state}, by hand and after a failure");
        }
    }

    fn age(&self, at: Time) -> f64 {
        (self.end - at).as_seconds_f64() / 3600.0
    }

    pub(super) fn compare(&self, view: &str, mut rows: Vec<Value>, seed: u64) {
        let late = (Utc::now() - self.end).as_seconds_f64() + 2.0;
        for row in &mut rows {
            // What grows while the test runs is compared by hand.
            let row = row.as_object_mut().expect("an object");
            if view == "active_calls" {
                let told = row.remove("duration_s").and_then(|v| v.as_f64()).expect("seconds");
                let since: Time = row["started_at"].as_str().expect("a time").parse().expect("a time");
                let least = (self.end - since).as_seconds_f64();
                assert!((least - 2.0..least + late).contains(&told), "{told} {least}");
            }
            if view == "voicemail_backlog" {
                let told = row.remove("hours_old").and_then(|v| v.as_f64()).expect("hours");
                let since: Time = row["received_at"].as_str().expect("a time").parse().expect("a time");
                assert!((self.age(since) - 0.01..self.age(since) + 0.01 + late / 3600.0).contains(&told), "{told}");
            }
        }
        let expected = self.expect(view);
        assert_eq!(rows.len(), expected.len(), "{view}, seed {seed}");
        for (nth, (row, expected)) in rows.iter().zip(&expected).enumerate() {
            assert_eq!(row, expected, "{view}, row {nth}, seed {seed}");
        }
    }

    fn expect(&self, view: &str) -> Vec<Value> {
        match view {
            "active_calls" => self.active_calls(),
            "call_volume_hourly" => self.call_volume_hourly(),
            "recent_errors" => self.recent_errors(),
            "rate_limit_violations" => self.rate_limit_violations(),
            "failed_transactions" => self.failed_transactions(),
            "number_provisioning_status" => self.number_provisioning_status(),
            "voicemail_backlog" => self.voicemail_backlog(),
            "call_success_metrics" => self.call_success_metrics(),
            "consent_metrics" => self.consent_metrics(),
            other => panic!("no oracle for {other}"),
        }
    }

    fn active_calls(&self) -> Vec<Value> {
        let live = |call: &Call| rung(&call.state) < 3 && self.age(call.started_at) < 24.0;
        let mut live: Vec<(&String, &Call)> = self.calls.iter().filter(|(_, call)| live(call)).collect();
        live.sort_by_key(|(_, call)| Reverse(call.started_at));
        let row = |(sid, call): (&String, &Call)| {
            json!({
                "call_sid": sid, "line": call.line, "direction": call.direction, "from_number": call.from,
                "to_number": call.to, "caller_name": null, "state": call.state, "outcome": call.word(),
                "started_at": ms(call.started_at), "answered_at": call.answered_at.map(ms),
                "updated_at": ms(call.updated_at),
            })
        };
        live.into_iter().map(row).collect()
    }

    fn call_volume_hourly(&self) -> Vec<Value> {
        let mut hours: BTreeMap<Hour, Vec<&Call>> = BTreeMap::new();
        for call in self.calls.values() {
            let hour = call.started_at.with_minute(0).and_then(|t| t.with_second(0)?.with_nanosecond(0));
            let key = (Reverse(hour.expect("an hour")), call.line.is_none(), call.line.clone());
            hours.entry(key).or_default().push(call);
        }
        let row = |((hour, _, line), calls): (_, Vec<&Call>)| {
            let Reverse(hour) = hour;
            let count = |outcome: usize| calls.iter().filter(|call| call.outcome == outcome).count();
            json!({
                "hour": ms(hour), "line": line, "calls": calls.len(), "answered": count(4), "voicemail": count(3),
                "emergency": 0, "abandoned": count(1), "rejected": count(2),
                "active": calls.iter().filter(|call| rung(&call.state) < 3).count(),
                "average_duration_s": average(&calls),
            })
        };
        hours.into_iter().map(row).collect()
    }

    fn recent_errors(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        for (_, sid, at, kind, _, decision) in &self.webhooks {
            let (error, message) = match (kind.as_str(), decision.as_str()) {
                ("status", "call status unknown: kept") => {
                    ("webhook.malformed", "a status callback without a CallStatus that we know")
                }
                ("recording", "recording failed") => ("carrier.recording", "the carrier could not make a recording"),
                _ => continue,
            };
            rows.push(json!({ "at": ms(*at), "kind": error, "message": message, "call_sid": sid }));
        }
        rows.reverse();
        rows
    }

    fn rate_limit_violations(&self) -> Vec<Value> {
        let row = |(at, rule, count): &(Time, &str, i64)| json!({ "at": ms(*at), "rule": rule, "key": null, "refused": count });
        self.refused.iter().map(row).collect()
    }

    fn failed_transactions(&self) -> Vec<Value> {
        const ORDER: [&str; 3] = ["failed_undo", "rolling_back", "rolled_back"];
        let mut failed: Vec<(usize, &Transaction)> = self
            .transactions
            .iter()
            .filter_map(|transaction| Some((ORDER.iter().position(|state| *state == transaction.2)?, transaction)))
            .collect();
        failed.retain(|(_, transaction)| transaction.2 == "failed_undo" || transaction.4.is_some());
        failed.sort_by_key(|(place, transaction)| (*place, Reverse(transaction.6)));
        let row = |(_, (id, kind, state, subject, step, error, at, finished)): (usize, &Transaction)| {
            json!({
                "id": id, "kind": kind, "state": state, "subject": subject, "line": "main", "failed_step": step,
                "error": error, "requested_by": "ana", "created_at": ms(*at), "updated_at": ms(*at),
                "finished_at": finished.map(ms),
            })
        };
        failed.into_iter().map(row).collect()
    }

    fn number_provisioning_status(&self) -> Vec<Value> {
        let mut bringing: Vec<&Transaction> = self.transactions.iter().filter(|t| t.1 != "release_number").collect();
        bringing.sort_by_key(|transaction| Reverse(transaction.6));
        let row = |(id, kind, state, subject, failed_step, error, at, _): &Transaction| {
            let mut steps: Vec<&Step> = self.steps.iter().filter(|step| step.0 == *id).collect();
            steps.sort_by_key(|step| step.1);
            let number = self.numbers.iter().find(|number| number.0 == *id).map(|number| number.1.clone());
            let stands_at = steps.iter().find(|step| step.3 != "done").map(|step| step.2.clone());
            let owned = number.is_some();
            json!({
                "transaction_id": id, "kind": kind, "state": state, "phone_number": number.or(subject.clone()),
                "line": "main", "number_sid": owned.then_some("PN1"),
                "step": if state == "done" { None } else { failed_step.clone().or(stands_at) },
                "steps_done": steps.iter().filter(|step| step.3 == "done").count(), "steps": steps.len(),
                "error": error, "monthly_price": owned.then_some("1.15"), "currency": owned.then_some("USD"),
                "requested_by": "ana", "created_at": ms(*at), "updated_at": ms(*at),
            })
        };
        bringing.into_iter().map(row).collect()
    }

    fn voicemail_backlog(&self) -> Vec<Value> {
        let mut waiting: Vec<(Time, String, Value)> = Vec::new();
        for (kind, subject, _, payload, at) in &self.events {
            let data: Value = serde_json::from_str(payload).expect("JSON");
            let Some(id) = subject.strip_prefix("voicemails/") else { continue };
            match kind.as_str() {
                "voicemail.new" => waiting.push((*at, id.to_owned(), data["voicemail"].clone())),
                "voicemail.read" | "voicemail.deleted" => waiting.retain(|(_, waits, _)| waits != id),
                _ => {}
            }
        }
        waiting.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        let row = |(_, id, told): (Time, String, Value)| {
            json!({
                "id": id, "call_sid": told["call_sid"], "line": told["line"], "mailbox": told["mailbox"],
                "from_number": told["from"], "recording_sid": told["recording_sid"],
                "duration_s": told["duration_s"], "transcript_state": "wanted", "received_at": told["received_at"],
            })
        };
        waiting.into_iter().map(row).collect()
    }

    fn call_success_metrics(&self) -> Vec<Value> {
        let calls: Vec<&Call> = self.calls.values().filter(|call| self.age(call.started_at) < 24.0).collect();
        let ended: Vec<&&Call> = calls.iter().filter(|call| rung(&call.state) == 3).collect();
        let count = |outcome: usize| calls.iter().filter(|call| call.outcome == outcome).count();
        let won = ended.iter().filter(|call| call.outcome >= 3).count();
        vec![json!({
            "calls": calls.len(), "ended": ended.len(), "answered": count(4), "voicemail": count(3), "emergency": 0,
            "abandoned": count(1), "rejected": count(2),
            "failed": calls.iter().filter(|call| matches!(call.state.as_str(), "failed" | "no-answer")).count(),
            "success_percent": tenths(won as f64 * 100.0 / ended.len() as f64),
            "average_duration_s": average(&calls),
            "longest_duration_s": calls.iter().filter_map(|call| call.duration_s).max(),
        })]
    }

    fn consent_metrics(&self) -> Vec<Value> {
        let mut days: BTreeMap<(Reverse<String>, String), Said> = BTreeMap::new();
        for (kind, _, _, payload, at) in &self.events {
            let given = match kind.as_str() {
                "consent.given" => true,
                "consent.refused" => false,
                _ => continue,
            };
            let data: Value = serde_json::from_str(payload).expect("JSON");
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let key = (Reverse(at.date_naive().to_string()), text(&data["consent"]["scope"]));
            let row = days.entry(key).or_default();
            row.0 += i64::from(given);
            row.1 += i64::from(!given);
            row.2.insert(text(&data["call"]["sid"]));
        }
        let row = |((day, scope), (given, refused, calls)): ((Reverse<String>, _), Said)| {
            json!({
                "day": day.0, "scope": scope, "given": given, "refused": refused,
                "given_percent": tenths(given as f64 * 100.0 / (given + refused) as f64), "calls": calls.len(),
            })
        };
        days.into_iter().map(row).collect()
    }
}

impl Call {
    fn word(&self) -> Option<&'static str> {
        OUTCOMES.get(self.outcome).copied().filter(|word| !word.is_empty())
    }
}

fn ms(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn average(calls: &[&Call]) -> Option<f64> {
    let known: Vec<i64> = calls.iter().filter_map(|call| call.duration_s).collect();
    (!known.is_empty()).then(|| tenths(known.iter().sum::<i64>() as f64 / known.len() as f64))
}

/// One decimal, halves away from zero.
fn tenths(number: f64) -> f64 {
    (number * 10.0 + 1e-9).round() / 10.0
}
