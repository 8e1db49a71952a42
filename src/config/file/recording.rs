//! `recording`: whether dialled conversations are recorded, and who hears of it.

use super::reader::{Table, Value};
use crate::config::line::{Recording, Taping, TellCalled};
use crate::config::mistake::Wrong;

const WANTED: &str = "\"off\", \"dial\", or { mode = \"dial\", channels = \"dual\", tell_called = true }";

pub(super) fn read(value: &Value<'_>) -> Option<Recording> {
    if !value.is_table() {
        let dials = value.parsed(WANTED, mode)?;
        return Some(if dials { Recording::Dial(Taping::default()) } else { Recording::Off });
    }
    let table = value.table(WANTED)?;
    let dials = table.parsed("mode", "mode = \"dial\"", mode).unwrap_or(true);
    let dual = table.parsed("channels", "channels = \"dual\"", channels).unwrap_or(false);
    let taping = Taping { dual, tell_called: tell_called(&table) };
    table.finish();
    Some(if dials { Recording::Dial(taping) } else { Recording::Off })
}

/// Whether conversations are recorded.
fn mode(text: &str) -> Result<bool, Wrong> {
    match text {
        "off" => Ok(false),
        "dial" => Ok(true),
        _ => Err(Wrong::new(format!("`{text}` is not a way of recording"), "write \"off\" or \"dial\"")),
    }
}

/// Whether each side has a channel of its own.
fn channels(text: &str) -> Result<bool, Wrong> {
    match text {
        "mono" => Ok(false),
        "dual" => Ok(true),
        _ => Err(Wrong::new(format!("`{text}` is no number of channels"), "write \"mono\" or \"dual\"")),
    }
}

fn tell_called(table: &Table<'_>) -> TellCalled {
    let Some(value) = table.get("tell_called") else { return TellCalled::default() };
    if value.is_boolean() {
        return if value.boolean() == Some(true) { TellCalled::Usual } else { TellCalled::No };
    }
    TellCalled::Words(table.spoken_always("tell_called", ""))
}
