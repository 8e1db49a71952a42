//! `[[paging.bells]]`: announcements at fixed times.

use super::super::reader::Table;
use super::values::{days, small, time};
use crate::config::mistake::{Wrong, nearest};
use crate::config::paging::{Announcement, Bell, Zone};
use chrono::NaiveDate;
use std::sync::Arc;

pub(super) fn read(paging: &Table<'_>, zones: &[Arc<Zone>], announcements: &[Announcement]) -> Vec<Bell> {
    let tables = paging.get("bells").map(|value| value.tables("[[paging.bells]]")).unwrap_or_default();
    tables.into_iter().filter_map(|table| bell(table, zones, announcements)).collect()
}

fn bell(table: Table<'_>, zones: &[Arc<Zone>], announcements: &[Announcement]) -> Option<Bell> {
    let at = table.get("at").map(|value| value.list()).unwrap_or_default();
    if at.is_empty() {
        table.mistake("the bell never rings", "write at = [\"08:00\", \"12:00\"]");
    }
    let zone = zone(&table, zones);
    let bell = Bell {
        zone: String::new(),
        announcement: table.parsed("announcement", "announcement = \"…\"", |name| announcement(name, announcements)),
        at: at.iter().filter_map(time).collect(),
        days: days(&table),
        except: table
            .get("except")
            .map(|value| value.list())
            .unwrap_or_default()
            .iter()
            .filter_map(|value| value.parsed("except = [\"2026-12-25\"]", date))
            .collect(),
        priority: small(&table, "priority", 0..=9, 3),
    };
    table.finish();
    Some(Bell { zone: zone?, ..bell })
}

fn zone(table: &Table<'_>, zones: &[Arc<Zone>]) -> Option<String> {
    const SHAPE: &str = "zone = \"701\"";
    let Some(written) = table.get("zone") else {
        table.mistake("the bell rings nowhere", format!("write {SHAPE}"));
        return None;
    };
    let zone = written.word(SHAPE)?;
    if !zones.iter().any(|known| known.extension == zone) {
        written.mistake(format!("there is no zone `{zone}`"), format!("write [paging.zones.{zone}]"));
    }
    Some(zone)
}

fn announcement(name: &str, known: &[Announcement]) -> Result<String, Wrong> {
    if known.iter().any(|announcement| announcement.name == name) {
        return Ok(name.to_owned());
    }
    let mend = nearest(name, known.iter().map(|known| known.name.as_str())).map_or_else(
        || format!("write [paging.announcements] {name} = \"{name}.wav\""),
        |near| format!("did you mean `{near}`?"),
    );
    Err(Wrong::new(format!("there is no announcement `{name}`"), mend))
}

fn date(text: &str) -> Result<NaiveDate, Wrong> {
    text.parse().map_err(|_| Wrong::new(format!("`{text}` is not a date"), "write it like \"2026-12-25\""))
}
