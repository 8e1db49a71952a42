//! `[recordings]`: what becomes of the audio.

use super::reader::Table;
use crate::config::recordings::Recordings;

pub(super) fn read(table: Table<'_>) -> Recordings {
    let default = Recordings::default();
    let recordings = Recordings {
        copy: table.boolean("copy").unwrap_or(default.copy),
        delete_at_carrier: table.boolean("delete_at_carrier").unwrap_or(default.delete_at_carrier),
        give_up_days: table.number("give_up_days", 1..=365, default.give_up_days),
    };
    if recordings.delete_at_carrier && !recordings.copy {
        table.mistake("`delete_at_carrier` without `copy` would delete the only copy", "set copy = true");
    }
    table.finish();
    recordings
}
