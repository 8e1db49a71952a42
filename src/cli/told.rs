//! Transactions, numbers and tenants, as a person reads them; and following one to its end.

use super::admin::Admin;
use super::transaction_bar::follow;
use crate::cli::say;
use serde_json::Value;
use std::process::ExitCode;

/// Says what was told.
pub(super) fn show(told: &Value, as_json: bool) {
    if as_json {
        say::json(told);
    } else {
        say::text(&words(told));
    }
}

/// How long somebody stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// It has begun.
    Begun,
    /// The carrier has the order of a port: its end is days away.
    Ordered,
    /// It has ended.
    Ended,
    /// It has been taken back, as was wished.
    Gone,
}

/// Follows a transaction as far as wanted; 0 when it is done or under way, 1 when it failed.
///
/// # Errors
/// A sentence for the user.
pub(super) async fn stay(admin: &Admin, begun: Value, until: Until, as_json: bool) -> Result<ExitCode, String> {
    let enough = |told: &Value| until == Until::Ordered && told.get("order_sid").is_some_and(Value::is_string);
    let told = if until == Until::Begun { begun } else { follow(admin, begun, enough).await? };
    show(&told, as_json);
    let failed = match text(&told, "state") {
        "rolled_back" => until != Until::Gone,
        state => state == "failed_undo",
    };
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("-")
}

/// What was told, as a person reads it.
fn words(told: &Value) -> String {
    if let Some(items) = told.get("items").and_then(Value::as_array) {
        let rows: String = items.iter().map(|item| row(item) + "\n").collect();
        return if rows.is_empty() { "none\n".to_owned() } else { rows };
    }
    if told.get("candidates").is_some() {
        return plan(told);
    }
    let mut lines = row(told) + "\n";
    for (name, what) in [("order_state", "the order"), ("signature_url", "sign at")] {
        if let Some(said) = told.get(name).and_then(Value::as_str) {
            lines += &format!("  {what}: {said}\n");
        }
    }
    for step in told.get("steps").and_then(Value::as_array).into_iter().flatten() {
        let error = step.get("error").and_then(Value::as_str).map(|error| format!("  {error}")).unwrap_or_default();
        lines += &format!("  {:12} {}{error}\n", text(step, "name"), text(step, "state"));
    }
    lines
}

fn row(item: &Value) -> String {
    if item.get("kind").is_some() {
        let error = item.get("error").and_then(Value::as_str).map(|error| format!("  {error}")).unwrap_or_default();
        let what = ["number", "subject", "line"].into_iter().find_map(|name| item.get(name).and_then(Value::as_str));
        let what = what.unwrap_or("-");
        return format!("{}  {:16}  {:12}  {what}{error}", text(item, "id"), text(item, "kind"), text(item, "state"));
    }
    if item.get("sid").is_some() {
        let price = item.get("monthly_price").map(money).unwrap_or_default();
        return format!("{:16}  {:9}  {:20}  {price}", text(item, "number"), text(item, "state"), text(item, "line"));
    }
    if item.get("definition").is_some() {
        return format!("{:24}  {}  {}", text(item, "name"), text(item, "created_at"), text(item, "transaction_id"));
    }
    format!("{:16}  {} {}", text(item, "number"), text(item, "locality"), text(item, "region"))
}

fn money(price: &Value) -> String {
    match price.is_null() {
        true => "price unknown".to_owned(),
        false => format!("{} {} a month", text(price, "amount"), text(price, "currency")),
    }
}

fn plan(told: &Value) -> String {
    let steps: Vec<&str> =
        told.get("steps").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut lines = format!(
        "{} for line {}, {}\nsteps: {}\n",
        text(told, "number"),
        text(told, "line"),
        told.get("monthly_price").map(money).unwrap_or_default(),
        steps.join(", ")
    );
    for (name, url) in told.get("urls").and_then(Value::as_object).into_iter().flatten() {
        lines += &format!("{name:18}  {}\n", url.as_str().unwrap_or("-"));
    }
    for note in told.get("notes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        lines += &format!("note: {note}\n");
    }
    lines + "nothing was bought; `switchboard numbers buy` does it\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_told_is_one_line_each() {
        let list = json!({ "items": [{ "id": "txn_1", "kind": "provision_number", "state": "done", "number": "+15875550142" }] });
        assert_eq!(words(&list), "txn_1  provision_number  done          +15875550142\n");
        assert_eq!(words(&json!({ "items": [] })), "none\n");
        let one = json!({ "id": "txn_1", "kind": "provision_number", "state": "rolled_back", "subject": null, "line": "main",
            "error": "21422: gone", "steps": [{ "name": "buy", "state": "undone", "error": null }] });
        assert!(words(&one).contains("main  21422: gone\n  buy          undone\n"), "{}", words(&one));
    }

    #[test]
    fn a_port_says_where_to_sign_and_a_tenant_is_one_line() {
        let port = json!({ "id": "txn_1", "kind": "port_number", "state": "running", "number": null, "line": "main",
            "order_state": "In Review", "signature_url": "https://sign.example.com/KW1", "steps": [] });
        let told = words(&port);
        assert!(told.contains("the order: In Review\n  sign at: https://sign.example.com/KW1\n"), "{told}");
        let tenant = json!({ "name": "clinic", "definition": "", "created_at": "2026-11-20T16:00:00.000Z", "transaction_id": "txn_1" });
        assert_eq!(words(&json!({ "items": [tenant] })), "clinic                    2026-11-20T16:00:00.000Z  txn_1\n");
    }
}
