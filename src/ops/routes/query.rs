//! Query strings: typed, with every mistake told; pages by cursor.

use crate::base::{Problem, ProblemKind, Time};
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Items of a page when nobody says.
const USUAL: i64 = 50;
/// Most items of a page.
const MOST: i64 = 200;

/// A query string that was understood completely: an unknown name is a mistake, not something to pass over.
#[derive(Debug)]
pub(in crate::ops) struct Asked<T>(pub(super) T);

/// A set of query parameters.
pub(super) trait Parameters: Sized {
    /// Every name that [`Parameters::read`] asks for.
    const NAMES: &'static [&'static str];

    /// Takes each by its name.
    ///
    /// # Errors
    /// 400 that names the parameter and what it may be.
    fn read(query: &QueryText) -> Result<Self, Problem>;
}

impl<S: Send + Sync, T: Parameters> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = QueryText::parse(parts.uri.query().unwrap_or_default(), T::NAMES)?;
        T::read(&query).map(Self)
    }
}

/// The pairs of a query string: every name is known and there once.
#[derive(Debug)]
pub(super) struct QueryText(BTreeMap<&'static str, String>);

impl QueryText {
    fn parse(text: &str, known: &[&'static str]) -> Result<Self, Problem> {
        let mut pairs = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let Some(name) = known.iter().find(|known| **known == name) else {
                return Err(bad(format!("unknown parameter; this list knows {}", known.join(", "))));
            };
            if value.contains('\0') {
                return Err(bad(format!("{name}: cannot hold the character NUL")));
            }
            if pairs.insert(*name, value.into_owned()).is_some() {
                return Err(bad(format!("{name}: is there twice")));
            }
        }
        Ok(Self(pairs))
    }

    /// Any text.
    pub(super) fn text(&self, name: &'static str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// One of some words.
    pub(super) fn word(&self, name: &'static str, words: &[&str]) -> Result<Option<String>, Problem> {
        let given = self.text(name);
        match given.as_deref().is_none_or(|word| words.contains(&word)) {
            true => Ok(given),
            false => Err(bad(format!("{name}: write one of {}", words.join(", ")))),
        }
    }

    /// Yes or no.
    pub(super) fn switch(&self, name: &'static str) -> Result<Option<bool>, Problem> {
        Ok(self.word(name, &["true", "false"])?.map(|word| word == "true"))
    }

    /// How many items a page shall have.
    pub(super) fn page_size(&self) -> Result<i64, Problem> {
        self.limit(USUAL, MOST)
    }

    /// How many items there shall be at most: `usual` when nobody says, never more than `most`.
    pub(super) fn limit(&self, usual: i64, most: i64) -> Result<i64, Problem> {
        let Some(text) = self.0.get("limit") else { return Ok(usual) };
        let wanted = text.parse::<i64>().ok().filter(|wanted| *wanted >= 1);
        wanted
            .map(|wanted| wanted.min(most))
            .ok_or_else(|| bad(format!("limit: write a whole number from 1 to {most}")))
    }

    /// An RFC 3339 time. A `+` that was not escaped arrives as a space; it is read as meant.
    pub(super) fn time(&self, name: &'static str) -> Result<Option<Time>, Problem> {
        let Some(text) = self.0.get(name) else { return Ok(None) };
        let parsed = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        let mistake = |_| bad(format!("{name}: write an RFC 3339 time such as 2026-11-20T16:00:00Z"));
        parsed.map(|at| Some(at.with_timezone(&Utc))).map_err(mistake)
    }

    /// The place that a cursor of ours means.
    pub(super) fn place<T>(&self, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        let Some(cursor) = self.0.get("cursor") else { return Ok(None) };
        let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let mistake = || bad("cursor: not one that this list gave".to_owned());
        text.as_deref().and_then(read).map(Some).ok_or_else(mistake)
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

fn bad(detail: String) -> Problem {
    Problem::new(ProblemKind::BadRequest, detail)
}

/// A place in a list as opaque text.
pub(super) fn cursor(place: &str) -> String {
    URL_SAFE_NO_PAD.encode(place)
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

    const NAMES: &[&str] = &["cursor", "legs", "limit", "since", "state"];

    fn query(text: &str) -> QueryText {
        QueryText::parse(text, NAMES).unwrap()
    }

    #[test]
    fn pages_are_cut_and_go_on() {
        let mut items = vec![9, 8, 7];
        let next = cut(&mut items, 2, ToString::to_string).unwrap();
        assert_eq!(items, [9, 8]);
        let place = |cursor: &str| query(&format!("cursor={cursor}")).place(|text| text.parse::<i64>().ok());
        assert_eq!(place(&next).unwrap(), Some(8));
        assert_eq!(cut(&mut items, 2, ToString::to_string), None);
        assert!(place("???").is_err() && place(&cursor("x")).is_err() && place("").is_err());
    }

    #[test]
    fn times_are_rfc_3339_also_with_a_plus_turned_into_a_space() {
        let at = Time::from_timestamp(1_763_654_400, 0);
        for text in ["2025-11-20T16:00:00Z", "2025-11-20T09:00:00-07:00", "2025-11-20T17:00:00+01:00"] {
            assert_eq!(query(&format!("since={text}")).time("since").unwrap(), at, "{text}");
        }
        assert!(query("since=yesterday").time("since").unwrap_err().detail.starts_with("since: "));
    }

    #[test]
    fn what_is_not_understood_is_named_with_what_may_be_written() {
        let told = |text: &str| QueryText::parse(text, NAMES).unwrap_err().detail;
        assert_eq!(told("sate=ringing"), "unknown parameter; this list knows cursor, legs, limit, since, state");
        assert_eq!(told("state=a&state=b"), "state: is there twice");
        assert_eq!(told("state=%00"), "state: cannot hold the character NUL");
        assert_eq!(query("state=x").word("state", &["a", "b"]).unwrap_err().detail, "state: write one of a, b");
        assert_eq!(query("state=b").word("state", &["a", "b"]).unwrap().as_deref(), Some("b"));
        assert_eq!(query("legs=1").switch("legs").unwrap_err().detail, "legs: write one of true, false");
        for (text, size) in [("", 50), ("limit=1", 1), ("limit=200", 200), ("limit=1000", 200)] {
            assert_eq!(query(text).page_size().unwrap(), size, "{text}");
        }
        for text in ["limit=0", "limit=-1", "limit=", "limit=x", "limit=1.5", "limit=99999999999999999999"] {
            assert_eq!(query(text).page_size().unwrap_err().detail, "limit: write a whole number from 1 to 200");
        }
    }
}
