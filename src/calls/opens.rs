//! When a closed line opens next, in its own words.

use super::words::Words;
use crate::config::hours::Standing;
use crate::config::line::Line;
use chrono::{DateTime, Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;

/// Where the time of the next opening stands in a closed greeting.
pub(super) const OPENS: &str = "{opens}";

/// The closed greeting with the time of the next opening in it. Where we do not know how the line's language says times, or
/// when there is no opening in sight, the sentence that would name it is left out.
pub(super) fn greeting(line: &Line, text: &str, standing: &Standing, now: DateTime<Tz>) -> String {
    if !text.contains(OPENS) {
        return text.to_owned();
    }
    match (Words::of(&line.language), standing.opens) {
        (Some(words), Some(opens)) => text.replace(OPENS, &when(words, opens, now.date_naive())),
        _ => sentences(text).filter(|sentence| !sentence.contains(OPENS)).collect::<String>().trim().to_owned(),
    }
}

/// Sentences, each with what ends it.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?', '。'])
}

/// `tomorrow at 9 AM`, as a sentence goes on with it.
pub(super) fn when(words: &Words, opens: DateTime<Tz>, today: NaiveDate) -> String {
    let day = opens.date_naive();
    let clock = (words.clock)(opens.hour(), opens.minute());
    let form = match (day - today).num_days() {
        0 => words.opens_today,
        1 => words.opens_tomorrow,
        2..=6 => words.opens_on_day,
        _ => words.opens_on_date,
    };
    let weekday = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or_default();
    let month = usize::try_from(day.month0()).unwrap_or_default();
    form.replace("{time}", &clock)
        .replace("{weekday}", words.weekdays.get(weekday).copied().unwrap_or_default())
        .replace("{month}", words.months.get(month).copied().unwrap_or_default())
        .replace("{day}", &day.day().to_string())
}
