//! `[lines.limits]`: how many calls come in.

use super::patterns::patterns;
use super::reader::{Table, Value};
use crate::config::limits::{Custom, Limits, Rate};
use crate::config::mistake::Wrong;

const RATE: &str = "{ burst = 10, every_s = 6 }, or \"off\"";

/// Calls a minute that a limit may let in; with more, a limit is none.
const MOST_PER_MINUTE: u32 = 6000;
const MINUTE_US: i64 = 60_000_000;

pub(super) fn read(table: Table<'_>) -> Limits {
    let default = Limits::default();
    let limits = Limits {
        caller: table.get("caller").map_or(default.caller, |value| rate(&value)),
        line: table.get("line").and_then(|value| rate(&value)),
        account: table.get("account").and_then(|value| rate(&value)),
        custom: table.get("custom").and_then(|value| custom(&value)),
        allow: table.get("allow").map(|value| patterns(&value)).unwrap_or_default(),
    };
    table.finish();
    limits
}

/// A rate; `None` for `"off"`, and for a mistake.
fn rate(value: &Value<'_>) -> Option<Rate> {
    if value.is_table() {
        let table = value.table(RATE)?;
        let rate = rate_of(&table);
        table.finish();
        return rate;
    }
    value.parsed(RATE, |text| match text {
        "off" => Ok(()),
        _ => Err(Wrong::new(format!("`{text}` is no limit"), format!("write {RATE}"))),
    });
    None
}

fn rate_of(table: &Table<'_>) -> Option<Rate> {
    let burst = table.number("burst", 1..=10_000, 10);
    let every_us = match (table.has("every_s"), table.has("per_minute")) {
        (true, false) => i64::from(table.number("every_s", 1..=86_400, 6)) * 1_000_000,
        (false, true) => MINUTE_US / i64::from(table.number("per_minute", 1..=MOST_PER_MINUTE, 10)),
        (both, _) => {
            // Asked for, so that only this is said of them.
            let _ = (table.get("every_s"), table.get("per_minute"));
            let what = if both { "two rates after the burst" } else { "no rate after the burst" };
            table.mistake(what, "write every_s = 6 (seconds a call), or per_minute = 10 (calls a minute)");
            return None;
        }
    };
    Some(Rate { burst, every_us })
}

fn custom(value: &Value<'_>) -> Option<Custom> {
    let table = value.table("custom = { by = [\"FromCountry\"], burst = 20, per_minute = 60 }")?;
    let fields = table.get("by").map(|value| value.list()).unwrap_or_default();
    if fields.is_empty() {
        table.mistake("`custom` names no field", "write by = [\"FromCountry\"]: the carrier's names of fields");
    }
    let by: Vec<String> = fields.iter().filter_map(|field| field.parsed("by = [\"FromCountry\"]", name)).collect();
    let rate = rate_of(&table);
    table.finish();
    (!by.is_empty()).then_some(Custom { by, rate: rate? })
}

/// The carrier's fields begin with a capital and have no blanks. A call's own name would limit nothing.
fn name(text: &str) -> Result<String, Wrong> {
    let sound = text.starts_with(|c: char| c.is_ascii_uppercase()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    match text {
        "CallSid" | "CallToken" => {
            Err(Wrong::new(format!("`{text}` is another one each call"), "name a field that calls have in common"))
        }
        _ if sound => Ok(text.to_owned()),
        _ => Err(Wrong::new(format!("`{text}` is no field of the carrier's"), "write it like \"FromCountry\"")),
    }
}
