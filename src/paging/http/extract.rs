//! What is to be paged, with every mistake told as a problem.

use crate::asks::bad;
use crate::base::{Problem, ProblemKind};
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Query, Request};
use axum::http::header::CONTENT_TYPE;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use utoipa::ToSchema;

/// Largest sound: six minutes of CD quality.
const MOST_BYTES: usize = 64 << 20;

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
