//! The part of a list that is wanted. Lists are in order of time, newest first; a name tells items of one moment apart.

use super::query::bad;
use crate::base::{Problem, Time};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Items when nobody says, and at most.
const ITEMS: (i64, i64) = (50, 200);

/// How many items a part shall have.
///
/// # Errors
/// A number that is none.
pub fn page_size(limit: Option<i64>) -> Result<i64, Problem> {
    match limit {
        None => Ok(ITEMS.0),
        Some(limit) if limit >= 1 => Ok(limit.min(ITEMS.1)),
        Some(_) => Err(bad(format!("limit: write a whole number from 1 to {}", ITEMS.1))),
    }
}

/// A place in a list as opaque text.
#[must_use]
pub fn cursor(at: Time, name: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}/{name}", at.timestamp_micros()))
}

/// The place that a cursor of ours means.
///
/// # Errors
/// A cursor that no list gave. No name of ours holds control characters, and Postgres refuses NUL.
pub fn place(cursor: Option<&str>) -> Result<Option<(Time, String)>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (micros, name) = text.split_once('/').filter(|(_, name)| !name.contains(char::is_control))?;
        Some((Time::from_timestamp_micros(micros.parse().ok()?)?, name.to_owned()))
    };
    read().map(Some).ok_or_else(|| bad("cursor: not one that this list gave"))
}

/// Cuts a list that was read one item longer than the part; gives the place to go on from.
pub fn cut<T>(items: &mut Vec<T>, size: i64, place: impl Fn(&T) -> String) -> Option<String> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if items.len() <= size {
        return None;
    }
    items.truncate(size);
    items.last().map(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_place_and_nothing_else_does() {
        let at = Time::from_timestamp_micros(1_795_000_000_123_456).expect("a time");
        assert_eq!(place(Some(&cursor(at, "pg_1"))), Ok(Some((at, "pg_1".to_owned()))));
        assert_eq!(place(None), Ok(None));
        for odd in ["", "x", &cursor(at, "a\0b"), &URL_SAFE_NO_PAD.encode("soon/pg_1")] {
            assert!(place(Some(odd)).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_list_is_cut_where_more_follows() {
        let mut items = vec![1, 2, 3];
        assert_eq!(cut(&mut items, 3, i32::to_string), None);
        assert_eq!((cut(&mut items, 2, i32::to_string), items), (Some("2".to_owned()), vec![1, 2]));
        assert_eq!((page_size(None), page_size(Some(900)), page_size(Some(0)).is_err()), (Ok(50), Ok(200), true));
    }
}
