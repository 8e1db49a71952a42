//! `[retention]`: how long rows are kept, in days.

use super::reader::Table;
use crate::config::retention::{LineRetention, Retention};

/// A century: longer is `0`, for good.
const LONGEST: u32 = 36_500;

pub(super) fn read(table: Table<'_>) -> Retention {
    let default = Retention::default();
    let days = |key, default| table.number(key, 0..=LONGEST, default);
    let retention = Retention {
        calls_days: days("calls_days", default.calls_days),
        consents_days: days("consents_days", default.consents_days),
        voicemails_days: days("voicemails_days", default.voicemails_days),
        transcripts_days: days("transcripts_days", default.transcripts_days),
        trash_days: days("trash_days", default.trash_days),
        recordings_days: days("recordings_days", default.recordings_days),
        events_days: days("events_days", default.events_days),
        errors_days: days("errors_days", default.errors_days),
        rejections_days: days("rejections_days", default.rejections_days),
        transactions_days: days("transactions_days", default.transactions_days),
        pages_days: days("pages_days", default.pages_days),
        messages_days: days("messages_days", default.messages_days),
    };
    table.finish();
    retention
}

/// `[lines.retention]`: what a line keeps longer or shorter than the house.
pub(super) fn of_line(table: Table<'_>) -> LineRetention {
    let days = |key| table.get(key).map(|_| table.number(key, 0..=LONGEST, 0));
    let retention = LineRetention {
        voicemails_days: days("voicemails_days"),
        transcripts_days: days("transcripts_days"),
        recordings_days: days("recordings_days"),
    };
    table.not_here("calls_days", "belongs to the whole house", "write it in [retention] at the top of the file");
    table.finish();
    retention
}
