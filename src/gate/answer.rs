//! Answers as the carrier gets them: a document, or the problem that stood in its way.

use crate::base::{Problem, ProblemKind};
use crate::ledger::STATUS_429;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

/// What was decided, as an answer.
pub(super) fn twiml(answer: Bytes) -> Response {
    if answer.as_ref() == STATUS_429 {
        return render(&Problem::new(ProblemKind::TooManyRequests, "more calls than this line's limits let in"));
    }
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"))], answer).into_response()
}

/// A problem document as an answer.
#[must_use]
pub fn render(problem: &Problem) -> Response {
    let status = axum::http::StatusCode::from_u16(problem.kind.status()).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, crate::base::PROBLEM_JSON)], problem.to_json()).into_response();
    if let Some(seconds) = problem.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
