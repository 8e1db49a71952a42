//! Queries, and what is to be paged, with every mistake told as a problem.

use super::problem::bad;
use crate::base::{Problem, ProblemKind, Requester, Time, WriteKey};
use crate::paging::PageId;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

/// Largest sound: six minutes of CD quality.
const MOST_BYTES: usize = 64 << 20;
/// Items of a page of the list when nobody says, and at most.
const ITEMS: (i64, i64) = (50, 200);

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

/// Who asks, and the name that the page gets when the write may be sent again.
#[derive(Debug)]
pub(super) struct Asks {
    pub(super) requester: Requester,
    pub(super) id: Option<PageId>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asks {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let requester = parts.extensions.get::<Requester>().cloned();
        let requester = requester.ok_or_else(|| Problem::new(ProblemKind::Unauthorized, "who asks?"))?;
        Ok(Self { requester, id: parts.extensions.get::<WriteKey>().map(|key| PageId::new(&key.id("pg"))) })
    }
}

/// What is to be paged, and where.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PageWish {
    /// Extension of a zone.
    #[schema(example = "701")]
    zone: Option<String>,
    /// Extensions of several.
    zones: Vec<String>,
    /// 0 to 9; the zone's own when absent.
    #[schema(maximum = 9)]
    pub(super) priority: Option<u8>,
    /// A sound of the configuration file, by its name.
    pub(super) announcement: Option<String>,
    /// A WAV file in base64, instead of an announcement.
    #[schema(content_encoding = "base64")]
    audio: Option<String>,
}

/// The same in the query, beside a WAV file as body.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct InQuery {
    zone: Option<String>,
    zones: Option<String>,
    priority: Option<u8>,
    announcement: Option<String>,
}

/// A wish with its sound: JSON, or a WAV file with the rest in the query.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) wish: PageWish,
    pub(super) wav: Option<Bytes>,
}

impl<S: Send + Sync> FromRequest<S> for Wanted {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let query = Query::<InQuery>::try_from_uri(request.uri()).map_err(|why| bad(why.body_text()))?.0;
        let body = to_bytes(request.into_body(), MOST_BYTES).await;
        let body = body.map_err(|_| Problem::new(ProblemKind::TooLarge, "the body is at most 64 MiB"))?;
        match kind.as_str() {
            "" | "application/json" => of_json(query, &body),
            "application/x-www-form-urlencoded" | "multipart/form-data" => {
                Err(bad("send JSON, or the WAV file itself as body with Content-Type: audio/wav"))
            }
            _ => Ok(Self { wish: query.into(), wav: Some(body) }),
        }
    }
}

fn of_json(query: InQuery, body: &[u8]) -> Result<Wanted, Problem> {
    let mut wish: PageWish = match body {
        [] => query.into(),
        body => serde_json::from_slice(body).map_err(|why| bad(format!("the body: {why}")))?,
    };
    let decode = |text: String| STANDARD.decode(text).map_err(|_| bad("audio: not base64"));
    let wav = wish.audio.take().map(decode).transpose()?;
    Ok(Wanted { wish, wav: wav.map(Bytes::from) })
}

impl From<InQuery> for PageWish {
    fn from(query: InQuery) -> Self {
        let zones = query.zones.iter().flat_map(|zones| zones.split(',')).map(|zone| zone.trim().to_owned());
        Self {
            zone: query.zone,
            zones: zones.filter(|zone| !zone.is_empty()).collect(),
            priority: query.priority,
            announcement: query.announcement,
            audio: None,
        }
    }
}

impl PageWish {
    /// Every zone once.
    pub(super) fn all_zones(&self) -> Result<Vec<String>, Problem> {
        let mut all: Vec<String> = Vec::new();
        for zone in self.zone.iter().chain(&self.zones) {
            if !all.contains(zone) {
                all.push(zone.clone());
            }
        }
        if self.priority.is_some_and(|priority| priority > 9) {
            return Err(bad("priority: write 0 to 9"));
        }
        if all.is_empty() { Err(bad("zone: write the extension of a zone, like 701")) } else { Ok(all) }
    }
}

/// How many items a page of the list shall have.
pub(super) fn page_size(limit: Option<i64>) -> Result<i64, Problem> {
    match limit {
        None => Ok(ITEMS.0),
        Some(limit) if limit >= 1 => Ok(limit.min(ITEMS.1)),
        Some(_) => Err(bad(format!("limit: write a whole number from 1 to {}", ITEMS.1))),
    }
}

/// A place in the list as opaque text.
pub(super) fn cursor(at: Time, id: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}/{id}", at.timestamp_micros()))
}

/// The place that a cursor of ours means.
pub(super) fn place(cursor: Option<&str>) -> Result<Option<(Time, String)>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (micros, id) = text.split_once('/').filter(|(_, id)| !id.contains(char::is_control))?;
        Some((Time::from_timestamp_micros(micros.parse().ok()?)?, id.to_owned()))
    };
    read().map(Some).ok_or_else(|| bad("cursor: not one that this list gave"))
}
