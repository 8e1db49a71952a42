//! Who asks and what for, with every mistake told as a problem.

use crate::asks::{Asks, bad};
use crate::base::{Problem, ProblemKind};
use crate::numbers::asking::Asker;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// Largest body of a wish.
const MOST_BYTES: usize = 64 << 10;

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

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asks = Asks::from_request_parts(parts, state).await?;
        Ok(Self { id: asks.id("txn"), by: asks.requester.subject })
    }
}
