//! Hours as the file writes them; days of a calendar are written out.

use super::action;
use super::rows::{Rows, list, quoted, spoken};
use crate::config::hours::{Dated, Hours, Range};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

pub(super) fn write(rows: &mut Rows, hours: &Hours) {
    rows.header("[lines.hours]");
    for (day, ranges) in DAYS.into_iter().zip(&hours.week) {
        rows.row(day, open(ranges));
    }
    rows.row("holidays", list(hours.dates.iter().map(dated)));
    let greeting = spoken(&hours.closed.greeting);
    rows.row("closed", format!("{{ greeting = {greeting}, then = {} }}", action::written(&hours.closed.then)));
}

fn open(ranges: &[Range]) -> String {
    list(ranges.iter().map(|range| quoted(&range.to_string())))
}

fn dated(dated: &Dated) -> String {
    let Dated { first, last, name, open: ranges } = dated;
    format!("{{ date = \"{first}\", to = \"{last}\", name = {}, open = {} }}", quoted(name), open(ranges))
}
