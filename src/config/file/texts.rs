//! `[lines.texts]`: what a line writes by itself.

use super::reader::Table;
use crate::config::texts::Texts;

/// What a carrier takes as one text.
const LONGEST: usize = 1600;
/// A month.
const HOURS: std::ops::RangeInclusive<u32> = 1..=720;
/// Where the time of the next opening stands.
const OPENS: &str = "{opens}";

pub(super) fn read(table: Table<'_>) -> Texts {
    let default = Texts::default();
    let texts = Texts {
        reply: text(&table, "reply", false),
        reply_closed: text(&table, "reply_closed", true),
        reply_every_h: table.number("reply_every_h", HOURS, default.reply_every_h),
        missed: text(&table, "missed", false),
        missed_every_h: table.number("missed_every_h", HOURS, default.missed_every_h),
    };
    table.finish();
    texts
}

fn text(table: &Table<'_>, key: &'static str, knows_opening: bool) -> String {
    let text = table.text(key, "").trim().to_owned();
    let Some(value) = table.get(key) else { return text };
    let length = text.chars().count();
    if length > LONGEST {
        value.mistake(format!("`{key}` has {length} characters"), format!("a text has at most {LONGEST}"));
    }
    if text.contains(OPENS) && !knows_opening {
        value.mistake(
            format!("`{key}` names {OPENS}, and is also sent while the line is open"),
            format!("write {OPENS} in reply_closed"),
        );
    }
    text
}
