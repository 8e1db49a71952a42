//! An answer as it is kept, and sent again.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use axum::http::{Response, StatusCode};
use std::collections::BTreeMap;

/// Answers to writes are small documents.
const MOST_BYTES: usize = 1 << 20;
/// What of the headers belongs to the answer; the outer layers add the rest each time.
const KEPT: [HeaderName; 3] = [CONTENT_TYPE, ETAG, LOCATION];
/// Says that an answer is not new.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Status, headers and body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Bytes,
}

impl Answer {
    /// Reads an answer to its end; `None` when it is too large to keep.
    pub(super) async fn read(response: Response<Body>) -> Option<Self> {
        let (parts, body) = response.into_parts();
        let kept = KEPT.iter().filter_map(|name| Some((name.to_string(), parts.headers.get(name)?.to_str().ok()?)));
        let headers = kept.map(|(name, value)| (name, value.to_owned())).collect();
        Some(Self { status: parts.status.as_u16(), headers, body: to_bytes(body, MOST_BYTES).await.ok()? })
    }

    /// Whether the same request would be answered the same for good. A fault, an outage and "slow down" are of the moment,
    /// and credentials can be mended: the client is meant to try again, with the same key.
    pub(super) const fn is_final(&self) -> bool {
        self.status < 500 && !matches!(self.status, 401 | 403 | 409 | 429)
    }

    /// As it was sent the first time.
    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// Sent again, and says so.
    pub(super) fn into_replay(self) -> Response<Body> {
        let mut response = self.into_response();
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_change_is_not_kept() {
        let kept = |status| Answer { status, headers: BTreeMap::new(), body: Bytes::new() }.is_final();
        assert!([200, 202, 204, 400, 404, 422].into_iter().all(kept));
        assert!(![401, 403, 409, 429, 500, 502, 503].into_iter().any(kept));
    }
}
