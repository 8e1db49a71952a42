//! `[lines.hours]`: days of the week, holidays, and what a caller meets while the line is closed.

use super::reader::{Table, Value};
use super::scope::Scope;
use super::{action, calendar, words};
use crate::config::hours::{Closed, Dated, Hours, Range};
use crate::config::line::Action;
use crate::config::mistake::Wrong;
use chrono::NaiveDate;
use std::path::Path;

const SHAPE: &str = "mon = \"09:00-17:00\", or a list of ranges: [\"09:00-12:00\", \"13:00-17:00\"]; [] is closed";
const HOLIDAYS: &str =
    "holidays = [\"2026-12-25\", \"holidays.ics\", { date = \"2026-12-24\", open = \"09:00-12:00\" }]";
const DATE: &str = "a date like \"2026-12-25\"";

/// A day's two names, and the word for several of them that counts where a day itself is not written.
const DAYS: [(&str, &str, &str); 7] = [
    ("mon", "monday", "weekdays"),
    ("tue", "tuesday", "weekdays"),
    ("wed", "wednesday", "weekdays"),
    ("thu", "thursday", "weekdays"),
    ("fri", "friday", "weekdays"),
    ("sat", "saturday", "weekend"),
    ("sun", "sunday", "weekend"),
];

/// `None`: nothing is written, so the line is always open.
pub(super) fn read(line: &Table<'_>, scope: &Scope<'_>) -> Option<Hours> {
    let table = line.get("hours")?.table("[lines.hours]")?;
    let mistakes = || table.file.findings.borrow().mistakes.len();
    let before = mistakes();
    let usual = table.get("daily").map(|value| ranges(&value));
    let week = DAYS.map(|(day, long, several)| {
        let [day, long, several] = [day, long, several].map(|key| table.get(key).map(|value| ranges(&value)));
        day.or(long).or(several).or_else(|| usual.clone()).unwrap_or_default()
    });
    let hours = Hours {
        dates: table.get("holidays").map(|value| holidays(&value)).unwrap_or_default(),
        closed: closed(&table, scope),
        week,
    };
    // A range that cannot be read has been told of; the line would be open.
    let sound = mistakes() == before;
    if sound && hours.week.iter().all(Vec::is_empty) && hours.dates.iter().all(|dated| dated.open.is_empty()) {
        table.mistake("the line is never open", format!("write {SHAPE}"));
    }
    table.finish();
    Some(hours)
}

fn ranges(value: &Value<'_>) -> Vec<Range> {
    let mut ranges: Vec<Range> = value.list().iter().filter_map(|member| member.parsed(SHAPE, range)).collect();
    ranges.sort_unstable();
    if let Some([one, next]) =
        ranges.windows(2).find_map(|pair| <[Range; 2]>::try_from(pair).ok().filter(|[a, b]| a.today(b.begins())))
    {
        value.mistake(format!("{one} and {next} overlap"), "write ranges that follow each other");
    }
    ranges
}

fn range(text: &str) -> Result<Range, Wrong> {
    Range::parse(text).ok_or_else(|| Wrong::new(format!("`{text}` is not a range of time"), format!("write {SHAPE}")))
}

fn holidays(value: &Value<'_>) -> Vec<Dated> {
    value.list().iter().flat_map(holiday).collect()
}

fn holiday(value: &Value<'_>) -> Vec<Dated> {
    if value.is_table() {
        return value.table(HOLIDAYS).and_then(|table| dated(table, value)).into_iter().collect();
    }
    let Some(text) = value.date_or_text(HOLIDAYS) else { return Vec::new() };
    if Path::new(&text).extension().is_some_and(|end| end.eq_ignore_ascii_case("ics")) {
        return from_file(value, &text);
    }
    match date(&text) {
        Ok(day) => vec![Dated { first: day, last: day, name: String::new(), open: Vec::new() }],
        Err(Wrong { what, .. }) => {
            value.mistake(what, format!("write {HOLIDAYS}"));
            Vec::new()
        }
    }
}

fn dated(table: Table<'_>, value: &Value<'_>) -> Option<Dated> {
    let day = |key| table.get(key).and_then(|value| value.date_or_text(DATE).map(|text| (value, text)));
    let read = |(value, text): (Value<'_>, String)| match date(&text) {
        Ok(day) => Some(day),
        Err(Wrong { what, mend }) => {
            value.mistake(what, mend);
            None
        }
    };
    if !table.has("date") {
        value.mistake("the holiday has no date", format!("write {HOLIDAYS}"));
    }
    let first = day("date").and_then(read);
    let last = day("to").and_then(read).or(first);
    let name = table.text("name", "");
    let open = table.get("open").map(|value| ranges(&value)).unwrap_or_default();
    table.finish();
    let (first, last) = (first?, last?);
    if last < first {
        value.mistake(format!("the holiday ends on {last}, before it begins"), "write `to` behind `date`");
    }
    Some(Dated { first, last, name, open })
}

fn date(text: &str) -> Result<NaiveDate, Wrong> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map_err(|_| Wrong::new(format!("`{text}` is not a date"), format!("write {DATE}")))
}

/// The file stands beside the configuration, and is read again whenever that is.
fn from_file(value: &Value<'_>, name: &str) -> Vec<Dated> {
    let beside = Path::new(value.file.name).parent().unwrap_or(Path::new(""));
    let found = beside.join(name).to_string_lossy().into_owned();
    let text = match value.file.around.source.read_file(&found) {
        Ok(text) => text,
        Err(error) => {
            value.mistake(format!("`{found}` cannot be read: {error}"), "name a file beside this one");
            return Vec::new();
        }
    };
    match calendar::read(&text) {
        Ok(holidays) => {
            if !holidays.timed.is_empty() {
                let what = format!("`{name}`: events with times are left out: {}", holidays.timed.join(", "));
                value.warning(what, "make them last whole days, or write { date = \"…\", open = \"…\" }");
            }
            holidays.dates
        }
        Err(what) => {
            value.mistake(format!("`{name}` {what}"), "export it from the calendar again, as .ics");
            Vec::new()
        }
    }
}

fn closed(table: &Table<'_>, scope: &Scope<'_>) -> Closed {
    let written = table.table("closed", "closed = { greeting = \"We are closed.\", then = \"voicemail\" }");
    let greeting = written.spoken("greeting", words::CLOSED);
    let then = written.get("then").and_then(|value| action::read(&value, scope).map(|choice| (value, choice.action)));
    let then = match then {
        Some((value, action)) if matches!(action.last(), Action::Repeat) => {
            value
                .mistake("there is nothing to repeat yet", "end it with \"voicemail\", \"hangup\" or { menu = \"…\" }");
            Action::Voicemail
        }
        Some((value, action)) if matches!(action.last(), Action::Page { .. } | Action::Hours { .. }) => {
            value.mistake("a closed line does this by a key only", "lead to a menu with such a key: { menu = \"…\" }");
            Action::Voicemail
        }
        Some((_, action)) => action,
        None => Action::Voicemail,
    };
    written.finish();
    Closed { greeting, then }
}
