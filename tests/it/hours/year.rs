//! A year of instants in five zones, against jiff: another calendar library with its own copy of the zones.

use chrono::{DateTime, NaiveDate, Utc};
use jiff::tz::TimeZone;
use switchboard::config::hours::{Closed, Dated, Hours, Range};
use switchboard::config::line::Action;
use switchboard::config::text::Text;

/// Two of the north, one of the south whose clock is changed by half an hour, one whose clock never is, one that is off by
/// half an hour and changed.
const ZONES: [&str; 5] =
    ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns"];

/// Seconds between two instants.
const STEP: i64 = 900;

/// A week as people write it, and dates: `(first, last, ranges)`.
struct Written {
    week: [&'static [&'static str]; 7],
    dates: &'static [(&'static str, &'static str, &'static [&'static str])],
}

const OFFICE: &[&str] = &["09:00-12:00", "13:00-17:30"];

const WRITTEN: [Written; 3] = [
    Written {
        week: [OFFICE, OFFICE, OFFICE, OFFICE, &["09:00-12:00"], &[], &[]],
        dates: &[
            ("2026-12-25", "2026-12-26", &[]),
            ("2026-12-24", "2026-12-24", &["09:00-11:00"]),
            ("2026-07-01", "2026-07-14", &[]),
        ],
    },
    // Nights, also those on which the clock is changed.
    Written {
        week: [
            &["22:00-06:00"],
            &[],
            &["23:30-02:15"],
            &[],
            &["20:00-03:00"],
            &["01:00-02:30", "22:00-02:30"],
            &["00:30-03:30", "23:00-01:30"],
        ],
        dates: &[("2026-03-08", "2026-03-08", &["02:30-05:00"]), ("2026-10-25", "2026-10-25", &["02:00-03:00"])],
    },
    // Nearly always open: the gaps are what is looked for.
    Written {
        week: [
            &["00:00-24:00"],
            &["00:00-24:00"],
            &["00:00-23:45"],
            &["00:15-24:00"],
            &["00:00-24:00"],
            &["00:00-24:00"],
            &["00:00-02:00", "02:15-24:00"],
        ],
        dates: &[("2026-01-01", "2026-01-01", &[])],
    },
];

fn ours(written: &Written) -> Hours {
    let ranges = |texts: &[&str]| texts.iter().map(|text| Range::parse(text).expect("a range")).collect::<Vec<_>>();
    let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
    Hours {
        week: written.week.map(ranges),
        dates: written
            .dates
            .iter()
            .map(|(first, last, open)| Dated {
                first: day(first),
                last: day(last),
                name: String::new(),
                open: ranges(open),
            })
            .collect(),
        closed: Closed { greeting: Text::default(), then: Action::Voicemail },
    }
}

/// The ranges of a day, by the text alone.
fn texts(written: &Written, day: jiff::civil::Date) -> &'static [&'static str] {
    let text = day.to_string();
    // Dates in this form sort as they follow each other.
    let dated = written.dates.iter().find(|(first, last, _)| *first <= text.as_str() && text.as_str() <= *last);
    dated.map_or_else(|| written.week[usize::from(day.weekday().to_monday_zero_offset() as u8)], |(_, _, open)| open)
}

/// Whether a wall clock's day and time are within the hours: another way to say what CONTRACT.md wants.
fn open(written: &Written, local: jiff::civil::DateTime) -> bool {
    let now = format!("{:02}:{:02}", local.hour(), local.minute());
    let split = |range: &'static str| range.split_once('-').expect("a range");
    let today = texts(written, local.date())
        .iter()
        .map(|range| split(range))
        .any(|(from, to)| from <= now.as_str() && (now.as_str() < to || to <= from));
    let night = texts(written, local.date().yesterday().expect("a day"))
        .iter()
        .map(|range| split(range))
        .any(|(from, to)| to <= from && now.as_str() < to);
    today || night
}

fn walk(zone: &str) -> usize {
    let theirs = TimeZone::get(zone).expect("a zone of jiff's");
    let zone: chrono_tz::Tz = zone.parse().expect("a zone of ours");
    let start = "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().expect("a time").timestamp();
    let mut compared = 0;
    for written in &WRITTEN {
        let hours = ours(written);
        // Ten days more than a year, so that the last closed instant finds its opening.
        let expected: Vec<bool> = (0..(375 * 86_400 / STEP))
            .map(|step| {
                let at = jiff::Timestamp::from_second(start + step * STEP).expect("a time");
                open(written, theirs.to_datetime(at))
            })
            .collect();
        for (step, expected_now) in
            expected.iter().enumerate().take(usize::try_from(365 * 86_400 / STEP).expect("small"))
        {
            let at = |step: usize| DateTime::from_timestamp(start + step as i64 * STEP, 0).expect("a time");
            let standing = hours.standing(zone, at(step), &[]);
            assert_eq!(standing.open, *expected_now, "{zone} {}", at(step));
            assert_eq!(standing.open, standing.rule.opens());
            let next = (!expected_now).then(|| (step..expected.len()).find(|later| expected[*later]).map(at)).flatten();
            assert_eq!(standing.opens.map(|opens| opens.to_utc()), next, "{zone}: closed at {}", at(step));
            compared += 1;
        }
    }
    compared
}

#[test]
fn every_quarter_of_an_hour_of_a_year_is_what_another_library_says() {
    let compared: usize = std::thread::scope(|scope| {
        let walks: Vec<_> = ZONES.map(|zone| scope.spawn(move || walk(zone))).into_iter().collect();
        walks.into_iter().map(|walk| walk.join().expect("no difference")).sum()
    });
    println!("{compared} instants of {} zones compared, no difference", ZONES.len());
    assert_eq!(compared, 5 * 3 * 365 * 96);
}

#[test]
fn both_nights_of_daylight_saving() {
    // New York, 2026: 02:00 is 03:00 on 8 March, and 02:00 is 01:00 on 1 November.
    let zone = chrono_tz::America::New_York;
    let hours = ours(&Written { week: [&["02:15-04:00"]; 7], dates: &[] });
    let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
    let standing = |text: &str| hours.standing(zone, at(text), &[]);
    // 01:59 is closed; the next minute is 03:00, which is within the range.
    let before = standing("2026-03-08T06:59:00Z");
    assert!(!before.open);
    assert_eq!(before.opens.map(|opens| opens.to_rfc3339()).as_deref(), Some("2026-03-08T03:00:00-04:00"));
    assert!(standing("2026-03-08T07:00:00Z").open && standing("2026-03-08T07:59:00Z").open);
    assert!(!standing("2026-03-08T08:00:00Z").open);
    // The hour from 01:00 comes twice, and so does what is written within it.
    let hours = ours(&Written { week: [&["01:30-01:45"]; 7], dates: &[] });
    let standing = |text: &str| hours.standing(zone, at(text), &[]);
    assert!(standing("2026-11-01T05:30:00Z").open && standing("2026-11-01T06:30:00Z").open);
    let between = standing("2026-11-01T05:50:00Z");
    assert_eq!(between.opens.map(|opens| opens.to_rfc3339()).as_deref(), Some("2026-11-01T01:30:00-05:00"));
    assert_eq!(
        standing("2026-11-01T06:45:00Z").opens.map(|opens| opens.to_rfc3339()).as_deref(),
        Some("2026-11-02T01:30:00-05:00")
    );
}
