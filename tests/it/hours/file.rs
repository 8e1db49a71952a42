//! `[lines.hours]`: what it says, and what is wrong with it.

use switchboard::config::hours::Hours;
use switchboard::config::line::Action;
use switchboard::config::{FixedSource, Loaded, load, to_toml};

/// A calendar as a government publishes it: single days, one of two days, a yearly one, a cancelled one, and one with hours.
const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20250101T000000Z\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\n\
    SUMMARY:Christmas\\, and Boxing\r\n  Day\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:2\r\nDTSTAMP:20250101T000000Z\r\nDTSTART;VALUE=DATE:20200701\r\nRRULE:FREQ=YEARLY;COUNT=10\r\n\
    SUMMARY:Canada Day\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:3\r\nDTSTAMP:20250101T000000Z\r\nDTSTART;VALUE=DATE:20260101\r\nSTATUS:CANCELLED\r\n\
    SUMMARY:Not this one\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:4\r\nDTSTAMP:20250101T000000Z\r\nDTSTART:20261231T120000Z\r\nDTEND:20261231T150000Z\r\n\
    SUMMARY:Party\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn file(text: &str) -> Result<Loaded, String> {
    let file = format!(
        "[[lines]]\nname = \"main\"\nnumbers = [\"+15875550100\"]\ntimezone = \"America/New_York\"\n[lines.hours]\n{text}\n"
    );
    let source = FixedSource::default().with_file("holidays.ics", CALENDAR).with_file("bad.ics", "BEGIN:VCARD\n");
    load(&source, Some(("s.toml", &file)))
        .map_err(|mistakes| mistakes.iter().map(|mistake| format!("{mistake}\n")).collect())
}

fn hours(text: &str) -> Hours {
    file(text).expect("good hours").lines[0].hours.clone().expect("hours")
}

fn days(hours: &Hours) -> Vec<String> {
    hours.week.iter().map(|day| day.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn days_have_several_ranges_and_several_days_one_word() {
    let week = hours("weekdays = \"09:00-17:00\"\nfri = [\"13:00-15:00\", \"09:00-12:00\"]\nsunday = \"22:00-06:00\"");
    assert_eq!(days(&week)[3..], ["09:00-17:00", "09:00-12:00 13:00-15:00", "", "22:00-06:00"]);
    assert_eq!(days(&hours("daily = \"08:00-20:00\"\nweekend = []"))[4..], ["08:00-20:00", "", ""]);
    let always =
        load(&FixedSource::default(), Some(("s.toml", "[[lines]]\nname = \"a\"\nnumbers = [\"+15875550100\"]\n")));
    assert_eq!(always.expect("good").lines[0].hours, None);
}

#[test]
fn holidays_are_dates_tables_and_calendars() {
    let loaded = file(
        "daily = \"09:00-17:00\"\nholidays = [\"2026-12-31\", 2027-01-01, { date = \"2026-12-24\", name = \"Eve\", \
         open = \"09:00-11:00\" }, { date = \"2026-08-01\", to = \"2026-08-14\" }, \"holidays.ics\"]",
    )
    .expect("good");
    let hours = loaded.lines[0].hours.clone().expect("hours");
    let named =
        |day: &str| hours.dated(day.parse().expect("a date")).map(|dated| (dated.name.as_str(), dated.open.len()));
    for (day, expected) in [
        ("2026-12-31", Some(("", 0))),
        ("2027-01-01", Some(("", 0))),
        ("2026-12-24", Some(("Eve", 1))),
        ("2026-08-14", Some(("", 0))),
        ("2026-08-15", None),
        ("2026-12-25", Some(("Christmas, and Boxing Day", 0))),
        ("2026-12-26", Some(("Christmas, and Boxing Day", 0))),
        ("2026-12-27", None),
        ("2026-07-01", Some(("Canada Day", 0))),
        ("2029-07-01", Some(("Canada Day", 0))),
        ("2030-07-01", None),
        ("2026-01-01", None),
    ] {
        assert_eq!(named(day), expected, "{day}");
    }
    let warned: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert!(warned.iter().any(|warning| warning.contains("events with times are left out: Party")), "{warned:?}");
}

#[test]
fn what_is_printed_reads_back() {
    let loaded = file("weekdays = \"09:00-17:00\"\nholidays = [\"holidays.ics\"]\nclosed = { greeting = \"Shut.\", then = \"hangup\" }")
        .expect("good");
    let again = load(&FixedSource::default(), Some(("again.toml", &to_toml(&loaded)))).expect("what was printed");
    assert_eq!(again.lines[0].hours, loaded.lines[0].hours);
    assert!(matches!(again.lines[0].hours.as_ref().map(|hours| &hours.closed.then), Some(Action::Hangup { .. })));
}

#[test]
fn mistakes_say_what_is_wrong_and_how_to_mend_it() {
    for (text, what, mend) in [
        ("mon = \"9-17\"", "`9-17` is not a range of time", "09:00-17:00"),
        ("mon = [\"09:00-12:00\", \"11:00-17:00\"]", "09:00-12:00 and 11:00-17:00 overlap", "follow each other"),
        ("mo = \"09:00-17:00\"", "unknown key `mo`", "did you mean"),
        ("mon = []", "the line is never open", "mon = \"09:00-17:00\""),
        ("daily = \"09:00-17:00\"\nholidays = [\"25.12.2026\"]", "`25.12.2026` is not a date", "2026-12-25"),
        ("daily = \"09:00-17:00\"\nholidays = [{ name = \"?\" }]", "the holiday has no date", "date = "),
        (
            "daily = \"09:00-17:00\"\nholidays = [{ date = \"2026-12-25\", to = \"2026-12-24\" }]",
            "before it begins",
            "`to` behind",
        ),
        ("daily = \"09:00-17:00\"\nholidays = \"gone.ics\"", "`gone.ics` cannot be read", "beside this one"),
        ("daily = \"09:00-17:00\"\nholidays = \"bad.ics\"", "`bad.ics` ", "export it"),
        ("daily = \"09:00-17:00\"\nclosed = { then = \"repeat\" }", "nothing to repeat", "voicemail"),
        ("daily = \"09:00-17:00\"\nclosed = { then = { menu = \"night\" } }", "there is no menu `night`", ""),
    ] {
        let said = file(text).expect_err(text);
        assert!(said.contains(what) && said.contains(mend), "{text}: {said}");
    }
}
