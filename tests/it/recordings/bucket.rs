//! A store that speaks S3, checks what it is sent as the protocol says, and behaves as a test wishes. It reads signatures from
//! what came over the socket and shares no code with the client.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use switchboard::base::{Clock, Secret};
use switchboard::config::S3Keys;
use switchboard::config::recordings::S3;
use switchboard::shelf::{Bucket, Patience};
use tokio::sync::Notify;

pub(crate) const KEY_ID: &str = "AKIAPRETEND";
pub(crate) const SECRET: &str = "not/a+real=secret";
const REGION: &str = "ca-west-1";
pub(crate) const BUCKET: &str = "answers";
pub(crate) const PREFIX: &str = "switchboard/tests";
/// Names of a page: small, so that lists have several.
const PAGE: usize = 3;

/// How one request is answered; when none is left, as it should be.
#[derive(Clone, Debug)]
pub(crate) enum Whim {
    /// A refusal, with the store's word for it.
    Says(u16, &'static str),
    /// Elsewhere.
    RedirectsTo(String),
    /// It is done, and the connection breaks before the answer.
    DiesAfter,
    /// The connection breaks, and nothing is done.
    DiesBefore,
    /// Takes it, and never answers.
    Stalls,
    /// Half of the body, and then nothing more for ever.
    StallsHalfway,
    /// Half of the body, and the connection breaks.
    BreaksHalfway,
    /// Says that it was stored, and it was not.
    Forgets,
    /// Stores another byte than it was sent.
    Spoils,
    /// Gives tags that are no digests, as for objects that are encrypted with a key of their owner.
    Encrypts,
    /// Sends all of it whatever part was asked for.
    KnowsNoParts,
}

#[derive(Clone, Debug)]
struct Object {
    bytes: Bytes,
    tag: String,
}

#[derive(Debug, Default)]
struct Inner {
    objects: BTreeMap<String, Object>,
    whims: VecDeque<Whim>,
    asked: Vec<String>,
    /// The next copy that is put stalls.
    stalls_a_copy: bool,
    base: String,
}

/// The store.
#[derive(Clone, Debug, Default)]
pub(crate) struct PretendBucket {
    inner: Arc<Mutex<Inner>>,
    /// Rings when a request begins to stall.
    pub(crate) stalled: Arc<Notify>,
}

impl PretendBucket {
    pub(crate) async fn listening() -> Self {
        let this = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        this.inner().base = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(this.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        this
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no panic before")
    }

    pub(crate) fn s3(&self) -> S3 {
        S3 {
            endpoint: self.inner().base.clone(),
            region: REGION.to_owned(),
            bucket: BUCKET.to_owned(),
            prefix: PREFIX.to_owned(),
            path_style: true,
        }
    }

    /// A client that is quick to give up.
    pub(crate) fn client(&self) -> Bucket {
        quick(&self.s3(), &keys(KEY_ID, SECRET))
    }

    pub(crate) fn whims(&self, whims: impl IntoIterator<Item = Whim>) {
        self.inner().whims.extend(whims);
    }

    /// Whatever else is asked before, the next copy that is put stalls.
    pub(crate) fn stall_a_copy(&self) {
        self.inner().stalls_a_copy = true;
    }

    pub(crate) fn forget_whims(&self) {
        self.inner().whims.clear();
    }

    /// Names and contents, as they are.
    pub(crate) fn objects(&self) -> BTreeMap<String, Bytes> {
        self.inner().objects.iter().map(|(key, object)| (key.clone(), object.bytes.clone())).collect()
    }

    pub(crate) fn put(&self, key: &str, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        let tag = hex(&Md5::digest(&bytes));
        self.inner().objects.insert(key.to_owned(), Object { bytes, tag });
    }

    pub(crate) fn remove(&self, name: &str) {
        self.inner().objects.remove(&format!("{PREFIX}/{name}"));
    }

    /// What was asked since the last look: method, path and query.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.inner().asked)
    }
}

pub(crate) fn keys(id: &str, secret: &str) -> S3Keys {
    S3Keys { id: Secret::new(id), secret: Secret::new(secret) }
}

pub(crate) fn quick(s3: &S3, keys: &S3Keys) -> Bucket {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ms = std::time::Duration::from_millis;
    let patience = Patience { attempts: 3, silence: ms(300), first_wait: ms(2), longest_wait: ms(4) };
    Bucket::new(s3, keys, Clock::System, 7).expect("a bucket").with_patience(patience)
}

async fn answer(State(store): State<PretendBucket>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    store.inner().asked.push(format!("{} {target}", head.method));
    let whim = match head.method == Method::PUT && std::mem::take(&mut store.inner().stalls_a_copy) {
        true => Some(Whim::Stalls),
        false => store.inner().whims.pop_front(),
    };
    match &whim {
        Some(Whim::Says(status, code)) => return refusal(*status, code),
        Some(Whim::RedirectsTo(to)) => {
            return (StatusCode::TEMPORARY_REDIRECT, [("location", to.as_str())]).into_response();
        }
        // What the runtime sees of a machine that is gone: no word of HTTP.
        Some(Whim::DiesBefore) => std::panic::resume_unwind(Box::new(())),
        Some(Whim::Stalls) => {
            let taken = to_bytes(body, usize::MAX).await;
            store.stalled.notify_one();
            drop(taken);
            return std::future::pending().await;
        }
        _ => {}
    }
    let Ok(body) = to_bytes(body, usize::MAX).await else { return refusal(400, "IncompleteBody") };
    if let Err(code) = admitted(&head.method, &target, &head.headers, &body) {
        return refusal(403, code);
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let Some(key) = path.strip_prefix(&format!("/{BUCKET}")) else { return refusal(404, "NoSuchBucket") };
    let done = match (&head.method, key.trim_start_matches('/')) {
        (&Method::GET, "") => list(&store, query),
        (&Method::PUT, key) => taken(&store, key, &head.headers, body, whim.as_ref()),
        (&Method::DELETE, key) => {
            store.inner().objects.remove(key);
            StatusCode::NO_CONTENT.into_response()
        }
        (&Method::GET | &Method::HEAD, key) => given(&store, key, &head.method, &head.headers, whim.as_ref()),
        _ => refusal(405, "MethodNotAllowed"),
    };
    if matches!(whim, Some(Whim::DiesAfter)) {
        std::panic::resume_unwind(Box::new(()));
    }
    done
}

fn taken(store: &PretendBucket, key: &str, headers: &HeaderMap, body: Bytes, whim: Option<&Whim>) -> Response {
    let digest = Md5::digest(&body);
    if headers.get("content-md5").is_none_or(|given| given != STANDARD.encode(digest).as_str()) {
        return refusal(400, "BadDigest");
    }
    let bytes = match whim {
        Some(Whim::Forgets) => return StatusCode::OK.into_response(),
        Some(Whim::Spoils) => body.iter().enumerate().map(|(n, byte)| byte ^ u8::from(n == 3)).collect(),
        _ => body,
    };
    let tag =
        if matches!(whim, Some(Whim::Encrypts)) { "0123456789abcdef".repeat(2) } else { hex(&Md5::digest(&bytes)) };
    store.inner().objects.insert(key.to_owned(), Object { bytes, tag: tag.clone() });
    (StatusCode::OK, [("etag", format!("\"{tag}\""))]).into_response()
}

fn given(store: &PretendBucket, key: &str, method: &Method, headers: &HeaderMap, whim: Option<&Whim>) -> Response {
    let Some(Object { bytes, tag }) = store.inner().objects.get(key).cloned() else {
        return if method == Method::HEAD { StatusCode::NOT_FOUND.into_response() } else { refusal(404, "NoSuchKey") };
    };
    let range = headers
        .get("range")
        .and_then(|range| range.to_str().ok())
        .filter(|_| !matches!(whim, Some(Whim::KnowsNoParts)));
    let range = range.and_then(|range| {
        let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
        Some((start.parse::<usize>().ok()?, end.parse::<usize>().ok()?))
    });
    let (status, piece, part) = match range {
        None => (200, bytes.clone(), None),
        Some((start, end)) if end < bytes.len() => {
            (206, bytes.slice(start..=end), Some(format!("bytes {start}-{end}/{}", bytes.len())))
        }
        Some(_) => return refusal(416, "InvalidRange"),
    };
    let mut answer =
        Response::builder().status(status).header("etag", format!("\"{tag}\"")).header("content-length", piece.len());
    if let Some(part) = part {
        answer = answer.header("content-range", part);
    }
    let half = piece.slice(..piece.len() / 2);
    let body = match whim {
        _ if method == Method::HEAD => Body::empty(),
        Some(Whim::StallsHalfway) => {
            let rest = stream::once(std::future::pending::<io::Result<Bytes>>());
            Body::from_stream(futures_util::StreamExt::chain(stream::iter([Ok(half)]), rest))
        }
        Some(Whim::BreaksHalfway) => Body::from_stream(stream::iter([Ok(half), Err(io::Error::other("gone"))])),
        _ => Body::from(piece),
    };
    answer.body(body).expect("an answer")
}

fn list(store: &PretendBucket, query: &str) -> Response {
    let query: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if query.get("list-type").map(String::as_str) != Some("2") {
        return refusal(501, "NotImplemented");
    }
    let (prefix, after) = (query.get("prefix").cloned().unwrap_or_default(), query.get("continuation-token"));
    // A token that is no plain text, as real ones are.
    let after = after.map(|token| token.trim_start_matches("after/+=&").to_owned());
    let most = query.get("max-keys").and_then(|most| most.parse().ok()).unwrap_or(PAGE);
    let inner = store.inner();
    let keys =
        inner.objects.keys().filter(|key| key.starts_with(&prefix) && after.as_ref().is_none_or(|after| *key > after));
    let (keys, more) = (keys.clone().take(most).cloned().collect::<Vec<_>>(), keys.count() > most);
    let contents: String =
        keys.iter().map(|key| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>")).collect();
    let next = keys.last().filter(|_| more);
    let next = next
        .map_or_else(String::new, |last| format!("<NextContinuationToken>after/+=&amp;{last}</NextContinuationToken>"));
    let list = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Name>{BUCKET}</Name><IsTruncated>{more}</IsTruncated>{next}{contents}</ListBucketResult>"
    );
    ([("content-type", "application/xml")], list).into_response()
}

/// As stores refuse: the body holds what nobody should log.
fn refusal(status: u16, code: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message><AWSAccessKeyId>{KEY_ID}</AWSAccessKeyId></Error>"
    );
    (StatusCode::from_u16(status).expect("a status"), body).into_response()
}

/// Signature Version 4, from the receiver's side: what was signed is what arrived.
fn admitted(method: &Method, target: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), &'static str> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if header("x-amz-content-sha256") != hex(&Sha256::digest(body)) {
        return Err("XAmzContentSHA256Mismatch");
    }
    let authorization = header("authorization").strip_prefix("AWS4-HMAC-SHA256 ").ok_or("AccessDenied")?;
    let part = |name: &str| {
        let found = authorization.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        found.ok_or("AuthorizationHeaderMalformed")
    };
    let (credential, names, signature) = (part("Credential")?, part("SignedHeaders")?, part("Signature")?);
    let date = header("x-amz-date");
    let scope = credential.strip_prefix(&format!("{KEY_ID}/")).ok_or("InvalidAccessKeyId")?;
    if scope != format!("{}/{REGION}/s3/aws4_request", date.get(..8).ok_or("AccessDenied")?) {
        return Err("AuthorizationHeaderMalformed");
    }
    let sent = chrono::NaiveDateTime::parse_from_str(date, "%Y%m%dT%H%M%SZ").map_err(|_| "AccessDenied")?.and_utc();
    if (Clock::System.now() - sent).num_minutes().abs() > 15 {
        return Err("RequestTimeTooSkewed");
    }
    let signed: Vec<&str> = names.split(';').collect();
    let must = headers.keys().map(|name| name.as_str()).filter(|name| *name == "host" || name.starts_with("x-amz-"));
    if !signed.is_sorted() || must.into_iter().any(|name| !signed.contains(&name)) {
        return Err("SignatureDoesNotMatch");
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut query: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    query.sort_unstable();
    let lines: String = signed.iter().map(|name| format!("{name}:{}\n", header(name))).collect();
    let request =
        format!("{method}\n{path}\n{}\n{lines}\n{names}\n{}", query.join("&"), header("x-amz-content-sha256"));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in scope.split('/').chain([text.as_str()]) {
        key = Hmac::<Sha256>::new_from_slice(&key)
            .expect("any length")
            .chain_update(part)
            .finalize()
            .into_bytes()
            .to_vec();
    }
    if hex(&key) == signature { Ok(()) } else { Err("SignatureDoesNotMatch") }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
