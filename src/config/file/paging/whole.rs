//! `[paging]` as a whole.

use super::super::names::{menu_name, timezone};
use super::super::reader::Table;
use super::zone::Known;
use super::{bell, caller, contact, output, register, sip, zone};
use crate::config::mistake::Wrong;
use crate::config::paging::{Announcement, Caller, Paging};
use chrono_tz::Tz;
use std::sync::Arc;

pub(in crate::config::file) fn read(table: Table<'_>) -> Paging {
    let contacts = contact::read(&table);
    let outputs = output::read(&table, &contacts);
    let (callers, announcements) = (caller::read(&table), announcements(&table));
    let registrations = register::read(&table);
    // A zone may name a PBX among its callers.
    let pbxes = registrations.iter().map(|registration| Arc::new(registration.caller()));
    let named: Vec<Arc<Caller>> = callers.iter().cloned().chain(pbxes).collect();
    let known = Known { outputs: &outputs, callers: &named, announcements: &announcements };
    let zones = zone::read(&table, &known);
    let bells = bell::read(&table, &zones, &announcements);
    for output in outputs.iter().filter(|output| !zones.iter().any(|zone| zone.outputs.contains(output))) {
        let what = format!("no zone plays on output `{}`", output.name);
        table.file.note_of(&format!("{}.outputs.{}", table.path, output.name), what);
    }
    let paging = Paging {
        enabled: table.boolean("enabled").unwrap_or(true),
        timezone: table.parsed("timezone", "timezone = \"America/Edmonton\"", timezone).unwrap_or(Tz::UTC),
        zones,
        outputs,
        callers,
        announcements,
        bells,
        registrations,
        tls: sip::read(&table),
    };
    table.finish();
    paging
}

fn announcements(table: &Table<'_>) -> Vec<Announcement> {
    const SHAPE: &str = "[paging.announcements] evacuate = \"announcements/evacuate.wav\"";
    let named = table.table("announcements", SHAPE).entries().into_iter();
    named
        .filter_map(|(name, span, value)| {
            if let Err(Wrong { what, mend }) = menu_name(&name) {
                value.file.mistake(&span, what, mend);
            }
            if matches!(name.as_str(), "off" | "beep" | "two-tone") {
                value.file.mistake(&span, format!("`{name}` is a chime of the house"), "give it another name");
            }
            let file = value.text(SHAPE).filter(|file| !file.trim().is_empty())?;
            // Calls are answered without it too: a warning, at `check` and at the start.
            if let Err(error) = value.file.around.source.find_file(&file) {
                let mend =
                    "put a WAV file there: until then pages and bells that name it are refused, and chimes are silent";
                value.warning(format!("announcement `{name}`: `{file}` cannot be read: {error}"), mend);
            }
            Some(Announcement { name, file })
        })
        .collect()
}
