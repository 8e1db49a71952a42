//! Holidays of an iCalendar file (RFC 5545): events of whole days, also those that come again.

use crate::config::hours::Dated;
use chrono::{Days, NaiveDate, TimeDelta};
use icalendar::{Calendar, CalendarComponent, Component, DatePerhapsTime, Event, EventLike, EventStatus};

/// Times that an event comes again; a yearly one lasts longer than any of us.
const MOST: u16 = 400;

/// What a calendar says, and what of it is left out.
#[derive(Debug, Default)]
pub(super) struct Holidays {
    pub(super) dates: Vec<Dated>,
    /// Names of events that have times of the day: which hours are meant cannot be told.
    pub(super) timed: Vec<String>,
}

/// Reads the text of a calendar.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn read(text: &str) -> Result<Holidays, String> {
    let calendar: Calendar = text.parse().map_err(|_| "is no iCalendar file".to_owned())?;
    let mut holidays = Holidays::default();
    for component in &calendar.components {
        if let CalendarComponent::Event(event) = component
            && event.get_status() != Some(EventStatus::Cancelled)
        {
            add(event, &mut holidays)?;
        }
    }
    if holidays.dates.is_empty() && holidays.timed.is_empty() {
        return Err("holds no event".to_owned());
    }
    Ok(holidays)
}

fn add(event: &Event, holidays: &mut Holidays) -> Result<(), String> {
    let name = event.get_summary().unwrap_or_default().to_owned();
    let Some(DatePerhapsTime::Date(start)) = event.get_start() else {
        holidays.timed.push(name);
        return Ok(());
    };
    // The end of whole days is the day after the last.
    let lasts = match event.get_end() {
        Some(DatePerhapsTime::Date(end)) => (end - start - TimeDelta::days(1)).num_days().clamp(0, 366),
        _ => 0,
    };
    let lasts = Days::new(u64::try_from(lasts).unwrap_or_default());
    let days = again(event, start)
        .map_err(|why| format!("has an event `{name}` whose repetition is not understood: {why}"))?;
    holidays.dates.extend(days.into_iter().filter_map(|first| {
        let last = first.checked_add_days(lasts)?;
        Some(Dated { first, last, name: name.clone(), open: Vec::new() })
    }));
    Ok(())
}

/// All days on which an event begins.
fn again(event: &Event, start: NaiveDate) -> Result<Vec<NaiveDate>, String> {
    let repeats = ["RRULE", "RDATE"]
        .iter()
        .any(|key| event.property_value(key).is_some() || event.multi_properties().contains_key(*key));
    if !repeats {
        return Ok(vec![start]);
    }
    let rule = event.get_recurrence().map_err(|error| error.to_string())?;
    Ok(rule.all(MOST).dates.into_iter().map(|at| at.date_naive()).collect())
}
