//! Queries and bodies, with every mistake told as a problem.

use crate::base::{Problem, ProblemKind, Requester, Time, WriteKey};
use crate::numbers::asking::Asker;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;

/// Largest body of a wish.
const MOST_BYTES: usize = 64 << 10;
/// Items of a page when nobody says, and at most.
const PAGE: (i64, i64) = (50, 200);

/// A query string that was understood completely.
#[derive(Debug)]
pub(super) struct Asked<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        query.map(|Query(asked)| Self(asked)).map_err(|why| bad(why.body_text()))
    }
}

/// A JSON body that was understood completely.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = to_bytes(request.into_body(), MOST_BYTES).await;
        let body = body.map_err(|_| Problem::new(ProblemKind::TooLarge, "the body is at most 64 KiB"))?;
        let text: &[u8] = if body.is_empty() { b"{}" } else { &body };
        serde_json::from_slice(text).map(Self).map_err(|why| bad(format!("the body: {why}")))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let requester = parts.extensions.get::<Requester>();
        let by = requester.ok_or_else(|| Problem::new(ProblemKind::Unauthorized, "who asks?"))?.subject.clone();
        Ok(Self { by, id: parts.extensions.get::<WriteKey>().map(|key| key.id("txn")) })
    }
}

pub(super) fn bad(detail: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
    Problem::new(ProblemKind::BadRequest, detail)
}

/// How many items a page shall have.
pub(super) fn page_size(limit: Option<i64>) -> Result<i64, Problem> {
    match limit {
        None => Ok(PAGE.0),
        Some(limit) if limit >= 1 => Ok(limit.min(PAGE.1)),
        Some(_) => Err(bad(format!("limit: write a whole number from 1 to {}", PAGE.1))),
    }
}

/// A place in a list as opaque text.
pub(super) fn cursor(at: Time, name: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}/{name}", at.timestamp_micros()))
}

/// The place that a cursor of ours means.
pub(super) fn place(cursor: Option<&str>) -> Result<Option<(Time, String)>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (micros, name) = text.split_once('/')?;
        Some((Time::from_timestamp_micros(micros.parse().ok()?)?, name.to_owned()))
    };
    read().map(Some).ok_or_else(|| bad("cursor: not one that this list gave"))
}

/// Cuts a list that was read one item longer than the page; gives the place to go on from.
pub(super) fn cut<T>(items: &mut Vec<T>, size: i64, place: impl Fn(&T) -> String) -> Option<String> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if items.len() <= size {
        return None;
    }
    items.truncate(size);
    items.last().map(place)
}
