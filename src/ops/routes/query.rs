//! Query strings: typed, with every mistake told; pages by cursor.

use crate::base::{Problem, ProblemKind, Time};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;

/// Items of a page when nobody says.
const USUAL: i64 = 50;
/// Most items of a page.
const MOST: i64 = 200;

/// A query string that was understood completely: an unknown name is a mistake, not something to pass over.
#[derive(Debug)]
pub(in crate::ops) struct Asked<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(bad("a query cannot hold the character NUL".to_owned()));
        }
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => Err(bad(rejection.body_text())),
        }
    }
}

/// The one name in a path. No text of ours holds control characters (Postgres refuses NUL), so a name with one is
/// the name of nothing.
#[derive(Debug)]
pub(in crate::ops) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let name = Path::<String>::from_request_parts(parts, state).await.map_or_else(|_| String::new(), |path| path.0);
        let sound = !name.is_empty() && !name.contains(char::is_control);
        if sound { Ok(Self(name)) } else { Err(Problem::new(ProblemKind::NotFound, "nothing has such a name")) }
    }
}

/// 400, with what is wrong.
pub(super) fn bad(detail: String) -> Problem {
    Problem::new(ProblemKind::BadRequest, detail)
}

/// The wanted number of items, brought into 1 to 200.
pub(super) fn page_size(limit: Option<i64>) -> i64 {
    limit.unwrap_or(USUAL).clamp(1, MOST)
}

/// An RFC 3339 time of a query string. A `+` that was not escaped arrives as a space; it is read as meant.
pub(super) fn time(name: &str, text: Option<&str>) -> Result<Option<Time>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let parsed = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
    let mistake = |_| bad(format!("{name}: `{text}` is not an RFC 3339 time such as 2026-11-20T16:00:00Z"));
    parsed.map(|at| Some(at.with_timezone(&Utc))).map_err(mistake)
}

/// A place in a list as opaque text.
pub(super) fn cursor(place: &str) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

/// The place that a cursor of ours means.
pub(super) fn place<T>(cursor: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let mistake = || bad("cursor: not one that this list gave".to_owned());
    text.as_deref().and_then(read).map(Some).ok_or_else(mistake)
}

/// Cuts a list that was read one item longer than the page; the last item kept is the place to go on from.
pub(super) fn cut<T>(items: &mut Vec<T>, size: i64, place: impl Fn(&T) -> String) -> Option<String> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if items.len() <= size {
        return None;
    }
    items.truncate(size);
    items.last().map(|last| cursor(&place(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_and_go_on() {
        let mut items = vec![9, 8, 7];
        let next = cut(&mut items, 2, ToString::to_string);
        assert_eq!(items, [9, 8]);
        assert_eq!(place(next.as_deref(), |text| text.parse::<i64>().ok()).unwrap(), Some(8));
        assert_eq!(cut(&mut items, 2, ToString::to_string), None);
        assert!(place(Some("???"), |text| text.parse::<i64>().ok()).is_err());
        assert!(place(Some(&cursor("x")), |text| text.parse::<i64>().ok()).is_err());
    }

    #[test]
    fn times_are_rfc_3339_also_with_a_plus_turned_into_a_space() {
        let at = Time::from_timestamp(1_763_654_400, 0);
        for text in ["2025-11-20T16:00:00Z", "2025-11-20T09:00:00-07:00", "2025-11-20T17:00:00 01:00"] {
            assert_eq!(time("since", Some(text)).unwrap(), at, "{text}");
        }
        assert!(time("since", Some("yesterday")).unwrap_err().detail.contains("since"));
    }
}
