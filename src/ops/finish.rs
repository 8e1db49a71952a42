//! The last touch on every answer of the operators' side.

use crate::base::Problem;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Problems name their request, and nothing is kept by a cache on the way: answers are about people.
pub(super) async fn finish(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>().filter(|p| p.instance.is_none()) {
        let headers = std::mem::take(response.headers_mut());
        response = problem.at(path).into_response();
        let kept = headers.into_iter().filter_map(|(name, value)| Some((name?, value)));
        let missing: Vec<_> = kept.filter(|(name, _)| !response.headers().contains_key(name)).collect();
        response.headers_mut().extend(missing);
    }
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    response
}
