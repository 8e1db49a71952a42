//! Requests to the carrier. The base URL is a setting, so tests and compatible carriers work.

use super::CarrierError;
use crate::base::Secret;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use reqwest::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
    LAST_MODIFIED, LOCATION, RANGE, RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use std::time::Duration;

/// To open a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Between two pieces of an answer; a long recording may take as long as it takes.
const SILENCE: Duration = Duration::from_secs(20);

/// Whose resources we ask for.
#[derive(Clone, Debug)]
pub struct Account {
    /// `AC…`
    pub sid: String,
    /// In order of slot; after a rotation the second one is the one that works.
    pub tokens: Vec<Secret>,
}

/// The REST API.
#[derive(Clone, Debug)]
pub struct Carrier {
    http: Client,
    base: Url,
    account: Account,
}

/// Audio on its way from the carrier.
#[derive(Debug)]
pub struct Media(Response);

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
        // A machine without root certificates can still answer calls; only audio over https fails, and says so.
        let http = builder().build().or_else(|_| builder().tls_certs_only([]).build())?;
        Ok(Self { http, base, account })
    }

    /// The audio of a recording as WAV, or a part of it. `account` is the account that the call belongs to, which
    /// can be a sub-account of ours; the URL is built from it, never taken from a body. Carriers keep audio
    /// elsewhere and redirect there: one redirect is followed, without our credentials on a foreign host.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn media(
        &self,
        account: Option<&str>,
        recording_sid: &str,
        range: Option<&HeaderValue>,
    ) -> Result<Media, CarrierError> {
        let url = self.recording_url(account, recording_sid)?;
        let response = self.get_signed_in(&url, range).await?;
        let response = match redirected(&url, &response)? {
            None => response,
            Some(target) if same_host(&url, &target) => self.get_signed_in(&target, range).await?,
            Some(target) => self.get(&target, range, None).await?,
        };
        checked(response).map(Media)
    }

    fn recording_url(&self, account: Option<&str>, recording_sid: &str) -> Result<Url, CarrierError> {
        let account = account.filter(|sid| is_account(sid)).unwrap_or(&self.account.sid);
        if !is_sid(recording_sid) {
            return Err(CarrierError::BadSid);
        }
        let path = format!(
            "{}/2010-04-01/Accounts/{account}/Recordings/{recording_sid}.wav",
            self.base.path().trim_end_matches('/')
        );
        let mut url = self.base.clone();
        url.set_path(&path);
        Ok(url)
    }

    /// Tries each token: while one is being rotated, only the other may be known.
    async fn get_signed_in(&self, url: &Url, range: Option<&HeaderValue>) -> Result<Response, CarrierError> {
        let mut last = CarrierError::Unauthorized(StatusCode::UNAUTHORIZED.as_u16());
        for token in &self.account.tokens {
            let response = self.get(url, range, Some(token)).await?;
            if response.status() != StatusCode::UNAUTHORIZED {
                return Ok(response);
            }
            last = CarrierError::Unauthorized(response.status().as_u16());
        }
        Err(last)
    }

    async fn get(
        &self,
        url: &Url,
        range: Option<&HeaderValue>,
        token: Option<&Secret>,
    ) -> Result<Response, CarrierError> {
        let mut request = self.http.get(url.clone());
        if let Some(range) = range {
            request = request.header(RANGE, range);
        }
        if let Some(token) = token {
            request = request.basic_auth(&self.account.sid, Some(token.expose()));
        }
        // The read timeout counts from the last byte, so it also bounds the wait for the head of the answer.
        Ok(request.send().await?)
    }
}

impl Media {
    /// What a player needs to know of the carrier's headers.
    const PASSED_ON: [HeaderName; 6] =
        [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_RANGE, ACCEPT_RANGES, ETAG, LAST_MODIFIED];

    /// 200, 206 or 416.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// Type, length and range, as the carrier says them.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let passed = Self::PASSED_ON.into_iter().filter_map(|name| Some((name.clone(), self.0.headers().get(name)?)));
        passed.map(|(name, value)| (name, value.clone())).collect()
    }

    /// The audio, piece by piece.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, CarrierError>> + Send {
        self.0.bytes_stream().map_err(CarrierError::from)
    }
}

/// Success, or "that part does not exist", which is the player's to hear.
fn checked(response: Response) -> Result<Response, CarrierError> {
    let status = response.status();
    if status.is_success() || status == StatusCode::RANGE_NOT_SATISFIABLE {
        return Ok(response);
    }
    if status.is_redirection() {
        return Err(CarrierError::Redirect);
    }
    let retry_after_s = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Err(CarrierError::of_status(status.as_u16(), retry_after_s))
}

/// Where a redirect leads; an https answer never leads to plain http.
fn redirected(from: &Url, response: &Response) -> Result<Option<Url>, CarrierError> {
    if !response.status().is_redirection() {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| from.join(location).ok()).ok_or(CarrierError::Redirect)?;
    let sound = target.scheme() == "https" || target.scheme() == from.scheme();
    if sound { Ok(Some(target)) } else { Err(CarrierError::Redirect) }
}

fn same_host(a: &Url, b: &Url) -> bool {
    a.host_str() == b.host_str() && a.port_or_known_default() == b.port_or_known_default() && a.scheme() == b.scheme()
}

/// Letters and digits only, so that it stays one segment of the path. Compatible carriers have their own shapes.
fn is_sid(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_account(text: &str) -> bool {
    text.strip_prefix("AC").is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}
