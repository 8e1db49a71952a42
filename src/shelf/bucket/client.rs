//! One request to the store: signed, repeated within bounds, never redirected, never silent for long.

use super::patience::Patience;
use super::sign::{EMPTY, Signed, Signer, stamp};
use super::wire;
use crate::base::Clock;
use crate::config::S3Keys;
use crate::config::recordings::S3;
use crate::shelf::fault::BucketError;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use reqwest::header::RETRY_AFTER;
use reqwest::{Body, Client, Method, RequestBuilder, Response, Url, redirect};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::io::ReaderStream;

/// To open a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Of an answer that is text: a page of a thousand names has room.
const MOST_BYTES: usize = 4 << 20;
/// Read at once from a draft.
const PIECE: usize = 64 * 1024;

/// A bucket, or the part of it below a prefix. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Bucket {
    inner: Arc<Inner>,
    pub(super) patience: Patience,
}

#[derive(Debug)]
struct Inner {
    http: Client,
    /// Scheme and host, and the bucket where it is in the path.
    base: Url,
    /// As the `Host` header says it.
    host: String,
    /// In front of names: empty, or with a slash at its end.
    prefix: String,
    name: String,
    signer: Signer,
    clock: Clock,
    seed: u64,
}

/// What is asked.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    /// Name of an object; `None`: about the bucket.
    pub(super) name: Option<&'a str>,
    /// Encoded and in order.
    pub(super) query: String,
    /// Lower case.
    pub(super) headers: Vec<(&'static str, String)>,
    /// A file to send, and its digest.
    pub(super) draft: Option<(&'a Path, &'a str)>,
}

impl<'a> Ask<'a> {
    /// About an object, without a body.
    pub(super) const fn object(method: Method, name: &'a str) -> Self {
        Self { method, name: Some(name), query: String::new(), headers: Vec::new(), draft: None }
    }
}

impl Bucket {
    /// `seed` is chance of the waits, another one in every instance. The process must have a TLS provider installed before.
    ///
    /// # Errors
    /// [`BucketError::Unusable`].
    pub fn new(s3: &S3, keys: &S3Keys, clock: Clock, seed: u64) -> Result<Self, BucketError> {
        let unusable = |_| BucketError::Unusable("`endpoint` of [recordings.s3] is not an address");
        let mut base = Url::parse(&s3.endpoint).map_err(unusable)?;
        let host = base.host_str().unwrap_or_default().to_owned();
        if s3.path_style {
            base.set_path(&format!("{}/{}", base.path().trim_end_matches('/'), s3.bucket));
        } else {
            base.set_host(Some(&format!("{}.{host}", s3.bucket))).map_err(unusable)?;
        }
        let host = base.host_str().unwrap_or_default();
        let host = base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let signer = Signer { key_id: keys.id.clone(), key: keys.secret.clone(), region: s3.region.clone() };
        let (slash, prefix) = (if s3.prefix.is_empty() { "" } else { "/" }, &s3.prefix);
        let inner = Inner {
            http: client()?,
            base,
            host,
            prefix: format!("{prefix}{slash}"),
            name: format!("s3:{}{slash}{prefix}", s3.bucket),
            signer,
            clock,
            seed,
        };
        Ok(Self { inner: Arc::new(inner), patience: Patience::USUAL })
    }

    /// The same bucket with other bounds.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// `s3:BUCKET/PREFIX`. It says nothing of the address: a bucket that was copied elsewhere with all its objects is
    /// still the one that rows name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// In front of names.
    pub(super) fn prefix(&self) -> &str {
        &self.inner.prefix
    }

    /// Sends it, as often as it may be sent, and gives an answer that is a success.
    pub(super) async fn send(&self, ask: &Ask<'_>) -> Result<Response, BucketError> {
        let mut failures = 0;
        loop {
            let error = match self.attempt(ask).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            failures += 1;
            let chance = (self.inner.seed, ask.name.unwrap_or_default());
            let wait = self.patience.wait(failures, error.retry_after_s(), chance).filter(|_| error.may_pass());
            let Some(wait) = wait else { return Err(error) };
            tracing::debug!(method = %ask.method, %error, failures, wait_ms = wait.as_millis(), "asking the store again");
            sleep(wait).await;
        }
    }

    async fn attempt(&self, ask: &Ask<'_>) -> Result<Response, BucketError> {
        let (request, pulse) = (self.signed(ask), Arc::new(AtomicU64::new(0)));
        let request = match ask.draft {
            Some((path, _)) => request.body(sent(path, &pulse).await?),
            None => request,
        };
        let response = self.alive(&pulse, request.send()).await??;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let retry_after_s =
            response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        // A refusal is one even when its explanation is cut off.
        let body = self.text(response).await.unwrap_or_default();
        Err(BucketError::of(status, &wire::code(&body), retry_after_s))
    }

    fn signed(&self, ask: &Ask<'_>) -> RequestBuilder {
        let mut url = self.inner.base.clone();
        if let Some(name) = ask.name {
            url.set_path(&format!("{}/{}{name}", url.path().trim_end_matches('/'), self.inner.prefix));
        }
        url.set_query(Some(ask.query.as_str()).filter(|query| !query.is_empty()));
        let (at, digest) = (self.inner.clock.now(), ask.draft.map_or(EMPTY, |(_, sha256)| sha256));
        let date = stamp(at);
        let mut headers =
            vec![("host", self.inner.host.as_str()), ("x-amz-content-sha256", digest), ("x-amz-date", &date)];
        headers.extend(ask.headers.iter().map(|(name, value)| (*name, value.as_str())));
        headers.sort_unstable();
        let (method, path) = (ask.method.as_str(), url.path());
        // A proxy may send on what it got in another frame.
        let covered: Vec<_> = headers.iter().filter(|(name, _)| *name != "content-length").copied().collect();
        let signed = Signed { method, path, query: &ask.query, headers: &covered, body: digest };
        let authorization = self.inner.signer.authorization(&signed, at);
        // `Host` is the client's to write.
        let written = headers.iter().filter(|(name, _)| *name != "host");
        let request = self.inner.http.request(ask.method.clone(), url.clone()).header("authorization", authorization);
        written.fold(request, |request, (name, value)| request.header(*name, *value))
    }

    /// Waits for an answer as long as the pulse beats.
    async fn alive<F: Future>(&self, pulse: &AtomicU64, answer: F) -> Result<F::Output, BucketError> {
        let (mut answer, mut beats) = (pin!(answer), 0);
        loop {
            match timeout(self.patience.silence, answer.as_mut()).await {
                Ok(answer) => return Ok(answer),
                Err(_) if pulse.load(Ordering::Relaxed) == beats => return Err(BucketError::Timeout),
                Err(_) => beats = pulse.load(Ordering::Relaxed),
            }
        }
    }

    /// The body of an answer, piece by piece.
    pub(super) fn pieces(&self, response: Response) -> impl Stream<Item = Result<Bytes, BucketError>> + Send + use<> {
        let silence = self.patience.silence;
        stream::try_unfold(response, move |mut response| async move {
            let piece = timeout(silence, response.chunk()).await.map_err(|_| BucketError::Timeout)??;
            Ok(piece.map(|piece| (piece, response)))
        })
    }

    /// The body of an answer that is text.
    pub(super) async fn text(&self, response: Response) -> Result<String, BucketError> {
        let take = async |mut text: Vec<u8>, piece: Bytes| {
            if text.len() + piece.len() > MOST_BYTES {
                return Err(BucketError::Unreadable);
            }
            text.extend_from_slice(&piece);
            Ok(text)
        };
        let text = self.pieces(response).try_fold(Vec::new(), take).await?;
        String::from_utf8(text).map_err(|_| BucketError::Unreadable)
    }
}

fn client() -> Result<Client, BucketError> {
    let builder = || {
        Client::builder()
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
    };
    // A machine without root certificates can still answer calls; only requests over https fail, and say so.
    let client = builder().build().or_else(|_| builder().tls_certs_only([]).build());
    client.map_err(|_| BucketError::Unusable("its client cannot be built"))
}

/// A draft on its way; each piece that is taken is a beat of the pulse.
async fn sent(path: &Path, pulse: &Arc<AtomicU64>) -> Result<Body, BucketError> {
    let file = tokio::fs::File::open(path).await.map_err(|error| BucketError::Draft(error.kind()))?;
    let pulse = Arc::clone(pulse);
    let pieces = ReaderStream::with_capacity(file, PIECE).inspect(move |_| {
        pulse.fetch_add(1, Ordering::Relaxed);
    });
    Ok(Body::wrap_stream(pieces))
}
