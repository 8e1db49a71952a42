//! The door: credentials first, then the client's limit, then the request.

use super::access::{Denied, Operator, bearer, fingerprint};
use super::state::Ops;
use crate::base::{Problem, ProblemKind};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Lets known operators through; handlers find them as `Extension<Operator>`.
pub(super) async fn admit(State(ops): State<Ops>, mut request: Request, next: Next) -> Response {
    match judge(&ops, request.headers()) {
        Ok(operator) => {
            request.extensions_mut().insert(operator);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// The same door, left open when the settings say that metrics are public.
pub(super) async fn admit_unless_public(state: State<Ops>, request: Request, next: Next) -> Response {
    if state.0.metrics_public() { next.run(request).await } else { admit(state, request, next).await }
}

fn judge(ops: &Ops, headers: &HeaderMap) -> Result<Operator, Problem> {
    let authorization = only_authorization(headers)?;
    let operator = ops.keys().judge(authorization, ops.now())?;
    let credential = fingerprint(bearer(authorization.unwrap_or_default())?);
    ops.limits().take(&credential).map_err(|seconds| {
        ops.meters().rate_limited.count("api_client");
        let detail = "600 requests at once, then ten a second, for each credential";
        Problem::new(ProblemKind::TooManyRequests, detail).retry_after(seconds)
    })?;
    Ok(operator)
}

/// Two headers are one too many: which one a proxy looked at is anybody's guess.
fn only_authorization(headers: &HeaderMap) -> Result<Option<&str>, Denied> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Denied::NotBearer),
        (Some(_), Some(_)) => Err(Denied::NotBearer),
    }
}
