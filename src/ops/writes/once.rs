//! A write runs once a key: claim, run, keep the answer.

use super::answer::Answer;
use super::queries::{Attempt, Claim, claim, finish, let_go};
use crate::base::{Problem, ProblemKind, WriteKey};
use crate::ops::access::Operator;
use crate::ops::routes::trouble;
use crate::ops::state::Ops;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, Response};
use axum::middleware::Next;
use axum::response::IntoResponse;
use sha2::{Digest, Sha256};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Largest body of a write: a sound that is to be paged.
const MOST_BYTES: usize = 64 << 20;
/// How soon a client may ask again what became of a write that runs.
const AGAIN_S: u64 = 1;

/// Handlers of writes that carry a key find it as `Extension<WriteKey>`.
pub(in crate::ops) async fn once(State(ops): State<Ops>, request: Request, next: Next) -> Response<Body> {
    let writes = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(request.method());
    let key = match given(request.headers()) {
        Ok(Some(key)) if writes => key,
        Err(problem) if writes => return problem.into_response(),
        _ => return next.run(request).await,
    };
    match run(&ops, key, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn run(ops: &Ops, key: String, request: Request, next: Next) -> Result<Response<Body>, Problem> {
    let key = WriteKey { scope: request.extensions().get().map(scope).unwrap_or_default(), key };
    let (request, hash) = hashed(request, &key).await?;
    let attempt = Attempt { key: &key, request: hash, owner: attempt_name() };
    match claim(ops.db(), &attempt, ops.now()).await.map_err(trouble::storage)? {
        Claim::Mine => {}
        Claim::Done(answer) => {
            ops.meters().idempotency_hits.count("api");
            return Ok(answer.into_replay());
        }
        Claim::Running => {
            let detail = "the first request with this Idempotency-Key is still running; ask again with the same key";
            return Err(Problem::new(ProblemKind::Conflict, detail).retry_after(AGAIN_S));
        }
        Claim::Other => {
            let detail = "this Idempotency-Key was used for another request; take a new key for a new request";
            return Err(Problem::new(ProblemKind::Unprocessable, detail));
        }
    }
    let path = request.uri().path().to_owned();
    let answer = Answer::read(told_where(next.run(request).await, path)).await;
    let answer = answer.ok_or_else(|| Problem::new(ProblemKind::Internal, "the answer is too large to keep"))?;
    keep(ops, &attempt, &answer).await?;
    Ok(answer.into_response())
}

/// Whose keys these are. The role belongs to it: a name is what a token says, so a viewer may be called `admin`, and a
/// stored answer is given without asking the handler what the role allows.
fn scope(who: &Operator) -> String {
    format!("{}/{}", who.role.as_str(), who.subject)
}

/// Keeps a final answer; any other is the client's to try again. What was done stays done when the database goes away
/// in between: the lease ends, and the next attempt finds what this one has started.
async fn keep(ops: &Ops, attempt: &Attempt<'_>, answer: &Answer) -> Result<(), Problem> {
    if !answer.is_final() {
        return let_go(ops.db(), attempt).await.or_else(|error| {
            tracing::warn!(%error, "a write stays claimed until its lease is over");
            Ok(())
        });
    }
    if finish(ops.db(), attempt, answer).await.map_err(trouble::storage)? {
        return Ok(());
    }
    let detail = "another attempt with this Idempotency-Key has taken over; ask again with the same key";
    Err(Problem::new(ProblemKind::Conflict, detail).retry_after(AGAIN_S))
}

/// Problems are completed here, because the answer that is kept must be the one that is sent.
fn told_where(mut response: Response<Body>, path: String) -> Response<Body> {
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem.at(path).into_response(),
        None => response,
    }
}

/// The header's value: 1 to 255 visible characters, once.
fn given(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let sound =
        values.next().is_none() && (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if sound {
        return Ok(Some(text.to_owned()));
    }
    Err(Problem::new(ProblemKind::BadRequest, "Idempotency-Key: send one, of 1 to 255 visible ASCII characters"))
}

/// The request with its body read, and the hash of all that makes it this request.
async fn hashed(request: Request, key: &WriteKey) -> Result<(Request, [u8; 32]), Problem> {
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_BYTES).await;
    let body = body.map_err(|_| Problem::new(ProblemKind::TooLarge, "the body of a write is at most 1 MiB"))?;
    let mut hash = Sha256::new();
    hash.update(parts.method.as_str());
    hash.update([0]);
    hash.update(parts.uri.path_and_query().map_or("/", |target| target.as_str()));
    hash.update([0]);
    hash.update(&body);
    parts.extensions.insert(key.clone());
    Ok((Request::from_parts(parts, Body::from(body)), hash.finalize().into()))
}

#[expect(clippy::disallowed_methods, reason = "an attempt is told apart from others by chance, and answers nothing")]
fn attempt_name() -> String {
    uuid::Uuid::new_v4().to_string()
}
