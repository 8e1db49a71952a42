//! When something ends that somebody asks for.

use super::query::bad;
use crate::base::{Problem, Time};
use chrono::TimeDelta;

/// A year.
const MOST_MINUTES: u32 = 366 * 24 * 60;

/// The end of what begins at `from`: `until`, or so many `minutes` later; `None` when neither is written.
///
/// # Errors
/// A bad request: both are written, or more than a year of minutes.
pub fn ends(from: Time, until: Option<Time>, minutes: Option<u32>) -> Result<Option<Time>, Problem> {
    match (until, minutes) {
        (Some(_), Some(_)) => Err(bad("until and minutes: write one of them")),
        (until, None) => Ok(until),
        (None, Some(minutes)) if (1..=MOST_MINUTES).contains(&minutes) => {
            Ok(Some(from + TimeDelta::minutes(minutes.into())))
        }
        (None, Some(_)) => Err(bad(format!("minutes: write 1 to {MOST_MINUTES}"))),
    }
}
