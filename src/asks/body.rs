//! A JSON body that was understood completely.

use super::query::bad;
use crate::base::{Problem, ProblemKind};
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

/// Largest body of a wish.
const MOST_BYTES: usize = 64 << 10;

/// What the body says; an empty one is `{}`.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = to_bytes(request.into_body(), MOST_BYTES).await;
        let body = body.map_err(|_| Problem::new(ProblemKind::TooLarge, "the body is at most 64 KiB"))?;
        let text: &[u8] = if body.is_empty() { b"{}" } else { &body };
        serde_json::from_slice(text).map(Self).map_err(|why| bad(format!("the body: {why}")))
    }
}
