//! `[paging.zones.<extension>]`: who is heard where.

use super::super::names;
use super::super::reader::{Table, Value};
use super::named::find;
use super::values::{days, range, small};
use crate::config::mistake::{Wrong, nearest};
use crate::config::paging::{Announcement, Caller, Chime, Hours, Output, Zone};
use std::sync::Arc;

const SHAPE: &str = "[paging.zones.701]";
/// The zone that is all of them, unless it says otherwise.
const ALL: &str = "700";

/// What zones may name.
pub(super) struct Known<'k> {
    pub(super) outputs: &'k [Arc<Output>],
    pub(super) callers: &'k [Arc<Caller>],
    pub(super) announcements: &'k [Announcement],
}

pub(super) fn read(paging: &Table<'_>, known: &Known<'_>) -> Vec<Arc<Zone>> {
    let mut zones: Vec<Zone> = Vec::new();
    for (extension, span, value) in paging.table("zones", SHAPE).entries() {
        if let Err(Wrong { what, mend }) = names::extension(&extension) {
            value.file.mistake(&span, what, mend);
        } else if let Some(table) = value.table(SHAPE) {
            zones.push(zone(extension, table, known));
        }
    }
    let mut everywhere: Vec<Arc<Output>> = Vec::new();
    for output in zones.iter().filter(|zone| zone.extension != ALL).flat_map(|zone| &zone.outputs) {
        if !everywhere.iter().any(|one| one.name == output.name) {
            everywhere.push(Arc::clone(output));
        }
    }
    if let Some(all) = zones.iter_mut().find(|zone| zone.extension == ALL && zone.outputs.is_empty()) {
        all.outputs = everywhere;
    }
    zones.into_iter().map(Arc::new).collect()
}

fn zone(extension: String, table: Table<'_>, known: &Known<'_>) -> Zone {
    let all = extension == ALL;
    let zone = Zone {
        name: table.text("name", if all { "All zones" } else { &extension }),
        outputs: outputs(&table, all, known.outputs),
        priority: small(&table, "priority", 0..=9, if all { 7 } else { 5 }),
        chime: table.get("chime").and_then(|value| chime(&value, known.announcements)).unwrap_or_default(),
        settle_ms: table.number("settle_ms", 0..=2_000, 0),
        tail_ms: table.number("tail_ms", 0..=60_000, 0),
        limit_s: table.number("limit_s", 5..=3_600, 60),
        emergency_limit_s: table.number("emergency_limit_s", 5..=3_600, 600),
        partly: table.boolean("partly").unwrap_or(false),
        enabled: table.boolean("enabled").unwrap_or(true),
        schedule: table.get("schedule").map(|value| schedule(&value)).unwrap_or_default(),
        callers: callers(&table, known.callers),
        extension,
    };
    table.finish();
    zone
}

fn outputs(table: &Table<'_>, all: bool, known: &[Arc<Output>]) -> Vec<Arc<Output>> {
    let Some(written) = table.get("outputs") else {
        if !all {
            table.mistake("the zone plays nowhere", "write outputs = [\"…\"], names of [paging.outputs.…]");
        }
        return Vec::new();
    };
    let mut outputs: Vec<Arc<Output>> = Vec::new();
    let values = written.list();
    if values.is_empty() {
        written.mistake("the zone plays nowhere", "name at least one output");
    }
    for value in values {
        let Some(output) = find(&value, ("output", "outputs"), known, |output| &output.name) else { continue };
        if outputs.iter().any(|one| one.name == output.name) {
            value.mistake(format!("`{}` is named twice", output.name), "name it once");
        } else {
            outputs.push(output);
        }
    }
    outputs
}

fn callers(table: &Table<'_>, known: &[Arc<Caller>]) -> Vec<String> {
    let values = table.get("callers").map(|value| value.list()).unwrap_or_default();
    let found = values.iter().filter_map(|value| find(value, ("caller", "callers"), known, |caller| &caller.name));
    found.map(|caller| caller.name.clone()).collect()
}

fn chime(value: &Value<'_>, known: &[Announcement]) -> Option<Chime> {
    const SHAPE: &str = "chime = \"off\", \"beep\", \"two-tone\", or the name of an announcement";
    value.parsed(SHAPE, |text| match text {
        "off" => Ok(Chime::Off),
        "beep" => Ok(Chime::Beep),
        "two-tone" => Ok(Chime::TwoTone),
        _ if known.iter().any(|announcement| announcement.name == text) => Ok(Chime::Announcement(text.to_owned())),
        _ => {
            let names = known.iter().map(|known| known.name.as_str()).chain(["off", "beep", "two-tone"]);
            let mend = nearest(text, names)
                .map_or_else(|| format!("write {SHAPE}"), |near| format!("did you mean \"{near}\"?"));
            Err(Wrong::new(format!("there is no chime `{text}`"), mend))
        }
    })
}

fn schedule(value: &Value<'_>) -> Vec<Hours> {
    const SHAPE: &str = "schedule = [{ days = [\"mon\", \"fri\"], time = \"07:30-18:00\" }]";
    let hours = |table: Table<'_>| {
        if !table.has("time") {
            table.mistake("no time is written", format!("write {SHAPE}"));
        }
        let days = days(&table);
        let time = table.parsed("time", SHAPE, range);
        table.finish();
        time.map(|(from, to)| Hours { days, from, to })
    };
    value.tables(SHAPE).into_iter().filter_map(hours).collect()
}
