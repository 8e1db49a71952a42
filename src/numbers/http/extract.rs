//! Who asks for a change of numbers.

use crate::asks::Asks;
use crate::base::Problem;
use crate::numbers::asking::Asker;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asks = Asks::from_request_parts(parts, state).await?;
        Ok(Self { id: asks.id("txn"), by: asks.requester.subject })
    }
}
