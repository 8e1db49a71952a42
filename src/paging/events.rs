//! What others are told of pages.

use super::live::{Facts, Remains};
use crate::base::{Time, derived_id};
use crate::ledger::Told;
use serde_json::{Value, json};

pub(super) fn started(facts: &Facts, at: Time) -> Told {
    let data = json!({ "page": page(facts), "devices": facts.outputs.len() });
    event("paging.started", (facts.id.as_str(), facts.asker.line.as_deref()), data, at)
}

pub(super) fn ended(facts: &Facts, remains: &Remains, at: Time) -> Told {
    let failed: Vec<&str> =
        remains.played.outputs.iter().filter(|out| out.fault.is_some()).map(|out| out.output.as_str()).collect();
    let data = json!({
        "page": page(facts),
        "duration_s": seconds(facts.at, at),
        "reason": remains.reason.as_str(),
        "devices_failed": failed,
    });
    event("paging.ended", (facts.id.as_str(), facts.asker.line.as_deref()), data, at)
}

/// Of a page whose process died: nobody knows which devices failed.
pub(super) fn crashed(page: Value, (id, line): (&str, Option<&str>), duration_s: f64, at: Time) -> Told {
    let data = json!({ "page": page, "duration_s": duration_s, "reason": "crashed", "devices_failed": [] });
    event("paging.ended", (id, line), data, at)
}

fn page(facts: &Facts) -> Value {
    json!({
        "id": facts.id.as_str(),
        "zones": facts.zones,
        "source": facts.origin.as_str(),
        "call_sid": facts.asker.call_sid,
        "priority": facts.priority,
    })
}

/// Tenths of a second.
pub(super) fn seconds(from: Time, to: Time) -> f64 {
    ((to - from).num_milliseconds() as f64 / 100.0).round() / 10.0
}

/// A page starts and ends once, so its name is the event's.
fn event(kind: &'static str, (id, line): (&str, Option<&str>), data: Value, at: Time) -> Told {
    Told {
        id: derived_id("evt", &[kind, id]),
        kind,
        line: line.map(str::to_owned),
        subject: format!("pages/{id}"),
        data,
        at,
    }
}
