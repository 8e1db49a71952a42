//! Requests to the carrier. The base URL is a setting, so tests and compatible carriers work.

use super::operation::Operation;
use super::patience::{Chance, Patience};
use super::request::Request;
use super::{CarrierError, Refusal};
use crate::base::{Clock, Meters, Secret, Time};
use bytes::{Bytes, BytesMut};
use chrono::DateTime;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, redirect};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// To open a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Between two pieces of an answer; a long recording may take as long as it takes.
const SILENCE: Duration = Duration::from_secs(20);

/// Of a JSON answer: a page of a thousand items has room.
const MOST_BYTES: usize = 8 << 20;

/// Twilio's porting API has a host of its own; with any other carrier it is where the rest is.
const PORTING: &str = "https://numbers.twilio.com";

/// Whose resources we ask for.
#[derive(Clone, Debug)]
pub struct Account {
    /// `AC…`
    pub sid: String,
    /// In order of slot; after a rotation the second one is the one that works.
    pub tokens: Vec<Secret>,
}

/// What a client takes from the house it lives in.
#[derive(Clone, Debug)]
pub struct House {
    /// Reads dates of `Retry-After`.
    pub clock: Clock,
    /// Chance of the waits; another one in every instance.
    pub seed: u64,
    /// Where requests are counted.
    pub meters: Arc<Meters>,
}

/// The REST API, cheap to clone.
#[derive(Clone, Debug)]
pub struct Carrier {
    http: Client,
    base: Url,
    porting: Url,
    account: Arc<Account>,
    /// The account in the paths: ours, or a sub-account of ours.
    acting: Arc<str>,
    patience: Patience,
    clock: Clock,
    chance: Arc<Chance>,
    meters: Arc<Meters>,
    /// The token that worked last.
    slot: Arc<AtomicUsize>,
}

impl Carrier {
    /// `base` is TWILIO_API_BASE_URL. The process must have a TLS provider installed before.
    ///
    /// # Errors
    /// [`CarrierError::Unusable`] when the base URL does not parse.
    pub fn new(base: &str, account: Account) -> Result<Self, CarrierError> {
        let base = Url::parse(base).map_err(|e| CarrierError::Unusable(e.to_string()))?;
        if base.cannot_be_a_base() || !matches!(base.scheme(), "http" | "https") {
            return Err(CarrierError::Unusable("TWILIO_API_BASE_URL is not an http(s) URL".to_owned()));
        }
        let builder = || {
            Client::builder()
                .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .connect_timeout(CONNECT)
                .read_timeout(SILENCE)
        };
        // A machine without root certificates can still answer calls; only requests over https fail, and say so.
        let http = builder().build().or_else(|_| builder().tls_certs_only([]).build())?;
        Ok(Self {
            http,
            porting: porting(&base)?,
            base,
            acting: account.sid.as_str().into(),
            account: Arc::new(account),
            patience: Patience::USUAL,
            clock: Clock::System,
            chance: Arc::new(Chance::new(0)),
            meters: Arc::new(Meters::silent()),
            slot: Arc::default(),
        })
    }

    /// The same client, as a part of a house.
    #[must_use]
    pub fn at_home(self, house: House) -> Self {
        Self { clock: house.clock, chance: Arc::new(Chance::new(house.seed)), meters: house.meters, ..self }
    }

    /// The same client with other bounds.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The same client and credentials, acting on a sub-account.
    ///
    /// # Errors
    /// [`CarrierError::BadSid`].
    pub fn acting_on(&self, account_sid: &str) -> Result<Self, CarrierError> {
        let acting = segment(account_sid)?.into();
        Ok(Self { acting, ..self.clone() })
    }

    /// The account in the paths of requests.
    #[must_use]
    pub fn account_sid(&self) -> &str {
        &self.acting
    }

    /// Of a resource of the account, like `["Calls", sid]`.
    pub(super) fn url(&self, path: &[&str]) -> Result<Url, CarrierError> {
        let path = [&["Accounts", &self.acting], path].concat();
        self.bare_url(&path)
    }

    /// Of a resource above accounts, like `["Accounts"]`.
    pub(super) fn bare_url(&self, path: &[&str]) -> Result<Url, CarrierError> {
        let (last, first) = path.split_last().ok_or(CarrierError::BadSid)?;
        let last = format!("{}.json", segment(last)?);
        let first = first.iter().map(|part| segment(part)).collect::<Result<Vec<_>, _>>()?;
        Ok(below(&self.base, ["2010-04-01"].into_iter().chain(first).chain([last.as_str()])))
    }

    /// Of the porting API, like `["PortIn", sid]`.
    pub(super) fn porting_url(&self, path: &[&str]) -> Url {
        below(&self.porting, ["v1", "Porting"].into_iter().chain(path.iter().copied()))
    }

    /// Where a page says that the next one is. Credentials go there, so it must be the same host.
    pub(super) fn follow(&self, uri: &str) -> Result<Url, CarrierError> {
        let next = self.base.join(uri).map_err(|_| CarrierError::Unreadable("the address of the next page"))?;
        let ours = same_host(&self.base, &next);
        if ours { Ok(next) } else { Err(CarrierError::Unreadable("a next page on another host")) }
    }

    pub(super) const fn base(&self) -> &Url {
        &self.base
    }

    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    pub(super) const fn http(&self) -> &Client {
        &self.http
    }

    /// Sends it, as often as it may be sent, and reads the answer.
    pub(super) async fn ask<T: DeserializeOwned>(&self, request: &Request) -> Result<T, CarrierError> {
        let body = self.send(request).await?;
        let read = serde_json::from_slice(&body).map_err(|_| CarrierError::Unreadable("not the JSON of this resource"));
        read.map_err(|error| request.verdict(error))
    }

    /// Sends it, as often as it may be sent.
    pub(super) async fn send(&self, request: &Request) -> Result<Bytes, CarrierError> {
        let started = Instant::now();
        let mut failures = 0;
        loop {
            let left = self.patience.total.saturating_sub(started.elapsed());
            let error = match self.counted(request, left.min(self.patience.each)).await {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            failures += 1;
            let asked_for = error.retry_after_s().map(Duration::from_secs);
            let wait = self.patience.wait(failures, asked_for, self.chance.next());
            let wait = wait.filter(|wait| started.elapsed() + *wait < self.patience.total);
            let Some(wait) = wait.filter(|_| request.may_repeat(&error)) else { return Err(request.verdict(error)) };
            let operation = request.operation.as_str();
            tracing::debug!(operation, %error, failures, wait_ms = wait.as_millis(), "asking the carrier again");
            sleep(wait).await;
        }
    }

    async fn counted(&self, request: &Request, within: Duration) -> Result<Bytes, CarrierError> {
        let started = Instant::now();
        let answer = self.attempt(request, within).await;
        self.count(request.operation, answer.as_ref().err(), started.elapsed());
        answer
    }

    pub(super) fn count(&self, operation: Operation, error: Option<&CarrierError>, took: Duration) {
        let result = match error {
            None => "ok",
            Some(CarrierError::SlowDown { .. }) => "slow_down",
            Some(CarrierError::Unreachable) => "unreachable",
            Some(CarrierError::Timeout | CarrierError::Cut) => "no_answer",
            Some(CarrierError::Broken { .. } | CarrierError::Redirect | CarrierError::Unreadable(_)) => "fault",
            Some(_) => "refused",
        };
        self.meters.carrier.done((operation.as_str(), result), took);
    }

    async fn attempt(&self, request: &Request, within: Duration) -> Result<Bytes, CarrierError> {
        let build = || request.fill(self.http.request(request.method.clone(), request.url.clone())).timeout(within);
        let response = self.signed_in(build).await?;
        let (status, retry_after_s) = (response.status(), retry_after(response.headers(), self.now()));
        if status.is_redirection() {
            return Err(CarrierError::Redirect);
        }
        let body = body(response).await;
        if status.is_success() {
            return body;
        }
        // A refusal is one even when its explanation is cut off.
        let refusal = Refusal::read(status.as_u16(), &body.unwrap_or_default());
        let refusal = self.account.tokens.iter().fold(refusal, |refusal, token| refusal.without(token.expose()));
        Err(CarrierError::of(refusal, retry_after_s))
    }

    /// Tries each token, beginning with the one that worked last: while one is being rotated, only the other may be
    /// known. A 401 did nothing, so even a purchase may be sent again.
    pub(super) async fn signed_in(&self, build: impl Fn() -> RequestBuilder) -> Result<Response, CarrierError> {
        let (tokens, first) = (&self.account.tokens, self.slot.load(Ordering::Relaxed));
        for slot in (0..tokens.len()).map(|step| (first + step) % tokens.len()) {
            let Some(token) = tokens.get(slot) else { continue };
            let response = build().basic_auth(&self.account.sid, Some(token.expose())).send().await?;
            if response.status() != StatusCode::UNAUTHORIZED {
                self.slot.store(slot, Ordering::Relaxed);
                return Ok(response);
            }
        }
        Err(CarrierError::Unauthorized(StatusCode::UNAUTHORIZED.as_u16()))
    }
}

async fn body(mut response: Response) -> Result<Bytes, CarrierError> {
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await? {
        if body.len() + piece.len() > MOST_BYTES {
            return Err(CarrierError::Unreadable("too long"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// Seconds, or a date.
pub(super) fn retry_after(headers: &HeaderMap, now: Time) -> Option<u64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?;
    u64::try_from((at.to_utc() - now).num_seconds().max(0)).ok()
}

/// `api.twilio.com` and its regional forms (`api.{edge}.{region}.twilio.com`) have porting on a host of its own.
fn porting(base: &Url) -> Result<Url, CarrierError> {
    let twilio = base.host_str().is_some_and(|host| host.ends_with(".twilio.com"));
    if !twilio {
        return Ok(base.clone());
    }
    Url::parse(PORTING).map_err(|e| CarrierError::Unusable(e.to_string()))
}

/// A path below a base, whose own path stays in front.
fn below<'a>(base: &Url, path: impl Iterator<Item = &'a str>) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

pub(super) fn same_host(a: &Url, b: &Url) -> bool {
    a.host_str() == b.host_str() && a.port_or_known_default() == b.port_or_known_default() && a.scheme() == b.scheme()
}

/// Letters and digits only, so that it stays one segment of the path. Compatible carriers have SIDs of other shapes.
pub(super) fn segment(text: &str) -> Result<&str, CarrierError> {
    let sound = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if sound && (1..=64).contains(&text.len()) { Ok(text) } else { Err(CarrierError::BadSid) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Time::UNIX_EPOCH + chrono::TimeDelta::seconds(10);
        let after = |text: &str| {
            let value = HeaderValue::from_str(text).expect("a header");
            retry_after(&[(RETRY_AFTER, value)].into_iter().collect(), now)
        };
        assert_eq!(after("7"), Some(7));
        assert_eq!(after("Thu, 01 Jan 1970 00:00:30 GMT"), Some(20));
        assert_eq!(after("Thu, 01 Jan 1970 00:00:05 GMT"), Some(0));
        assert_eq!(after("soon"), None);
    }

    #[test]
    fn porting_has_a_host_of_its_own_only_at_twilio() {
        for (base, host) in [
            ("https://api.twilio.com", "numbers.twilio.com"),
            ("https://api.sydney.au1.twilio.com", "numbers.twilio.com"),
            ("http://127.0.0.1:9", "127.0.0.1"),
            ("https://eviltwilio.com", "eviltwilio.com"),
        ] {
            let url = porting(&Url::parse(base).expect("a URL")).expect("a URL");
            assert_eq!(url.host_str(), Some(host));
        }
    }
}
