//! `mail` of `[lines.voicemail]`: addresses, or a table with more to say.

use super::reader::{Table, Value};
use crate::config::hours::Range;
use crate::config::mail::Mailing;
use crate::config::mistake::Wrong;

const SHAPE: &str = "mail = [\"desk@example.com\"], or { to = [\"desk@example.com\"], attach = false }";
const QUIET: &str = "quiet = [\"22:00-07:00\"]";
/// Minutes of a day.
const DAY: u16 = 24 * 60;

pub(super) fn read(value: &Value<'_>) -> Option<Mailing> {
    if !value.is_table() {
        return Some(Mailing::to(addresses(value)));
    }
    value.table(SHAPE).map(table)
}

fn table(table: Table<'_>) -> Mailing {
    let to = table.get("to").map(|value| addresses(&value)).unwrap_or_default();
    if !table.has("to") {
        table.mistake("`mail` names no address", format!("write {SHAPE}"));
    }
    let usual = Mailing::to(to);
    let mailing = Mailing {
        attach: table.boolean("attach").unwrap_or(usual.attach),
        max_mb: table.number("max_mb", 1..=50, usual.max_mb),
        link_days: table.number("link_days", 1..=90, usual.link_days),
        quiet: table.get("quiet").map(|value| quiet(&value)).unwrap_or_default(),
        transcript: table.boolean("transcript").unwrap_or(usual.transcript),
        ..usual
    };
    table.finish();
    mailing
}

fn addresses(value: &Value<'_>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for member in value.list() {
        let Some(address) = member.parsed(SHAPE, address) else { continue };
        if all.iter().any(|other| other.eq_ignore_ascii_case(&address)) {
            member.mistake(format!("`{address}` is there twice"), "keep one of them");
        } else {
            all.push(address);
        }
    }
    all
}

/// An address that a mail can go to. Letters beyond ASCII need a server that few have.
fn address(text: &str) -> Result<String, Wrong> {
    if text.is_ascii() && text.parse::<lettre::Address>().is_ok() {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(format!("`{text}` is not a mail address"), "write it like \"desk@example.com\", without a name"))
}

fn quiet(value: &Value<'_>) -> Vec<Range> {
    let ranges: Vec<Range> = value.list().iter().filter_map(|member| member.parsed(QUIET, range)).collect();
    let is_quiet = |minute| ranges.iter().any(|range| range.today(minute) || range.tomorrow(minute));
    if (0..DAY).all(is_quiet) {
        value.mistake("it is always quiet: no mail would ever be sent", "leave some hours, or write to = []");
    }
    ranges
}

fn range(text: &str) -> Result<Range, Wrong> {
    Range::parse(text).ok_or_else(|| Wrong::new(format!("`{text}` is not a range of time"), format!("write {QUIET}")))
}
