//! `busy`: what a caller hears who is over a limit, or met by a full house.

use super::reader::Value;
use crate::config::line::Busy;
use crate::config::mistake::Wrong;

const WANTED: &str = "\"reject\", \"voicemail\", { message = \"…\" } or 429";

pub(super) fn read(value: &Value<'_>) -> Option<Busy> {
    if value.is_table() {
        let table = value.table(WANTED)?;
        if !table.has("message") {
            value.mistake("`busy` says nothing", format!("write {WANTED}"));
        }
        let message = table.spoken_always("message", "");
        table.finish();
        return Some(Busy::Message(message));
    }
    match value.integer() {
        Some(429) => Some(Busy::Status429),
        Some(number) => {
            value.mistake(format!("`busy` is {number}"), format!("write {WANTED}"));
            None
        }
        None => value.parsed(WANTED, word),
    }
}

fn word(text: &str) -> Result<Busy, Wrong> {
    match text {
        "reject" => Ok(Busy::Reject),
        "voicemail" => Ok(Busy::Voicemail),
        _ => Err(Wrong::new(format!("`{text}` is nothing that a busy line can do"), format!("write {WANTED}"))),
    }
}
