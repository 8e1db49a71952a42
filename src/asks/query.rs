//! A query string that was understood completely.

use crate::base::{Problem, ProblemKind};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// What the query asks.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        query.map(|Query(asked)| Self(asked)).map_err(|why| bad(why.body_text()))
    }
}

/// What cannot be understood.
#[must_use]
pub fn bad(detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(ProblemKind::BadRequest, detail)
}
