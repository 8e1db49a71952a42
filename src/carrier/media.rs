//! Audio on its way from the carrier.

use super::CarrierError;
use super::client::{Carrier, retry_after, same_host, segment};
use super::operation::Operation;
use super::wire::Refusal;
use crate::base::Time;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use reqwest::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
    LAST_MODIFIED, LOCATION, RANGE,
};
use reqwest::{Response, StatusCode, Url};
use tokio::time::Instant;

/// Audio on its way from the carrier.
#[derive(Debug)]
pub struct Media(Response);

impl Carrier {
    /// The audio of a recording as WAV, or a part of it. `account` is the account that the call belongs to, which
    /// can be a sub-account of ours; the URL is built from it, never taken from a body. Carriers keep audio
    /// elsewhere and redirect there: one redirect is followed, without our credentials on a foreign host. Sent once:
    /// whoever needs it more often knows how much of it is there already.
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
        let started = Instant::now();
        let media = self.follow_media(&url, range).await;
        self.count(Operation::Media, media.as_ref().err(), started.elapsed());
        media.map(Media)
    }

    async fn follow_media(&self, url: &Url, range: Option<&HeaderValue>) -> Result<Response, CarrierError> {
        // The read timeout counts from the last byte, so it also bounds the wait for the head of an answer.
        let get = |url: &Url| {
            let request = self.http().get(url.clone());
            match range {
                Some(range) => request.header(RANGE, range),
                None => request,
            }
        };
        let response = self.signed_in(|| get(url)).await?;
        let response = match redirected(url, &response)? {
            None => response,
            Some(target) if same_host(url, &target) => self.signed_in(|| get(&target)).await?,
            Some(target) => get(&target).send().await?,
        };
        checked(response, self.now())
    }

    fn recording_url(&self, account: Option<&str>, recording_sid: &str) -> Result<Url, CarrierError> {
        let account = account.filter(|sid| is_account(sid)).unwrap_or(self.account_sid());
        let path = format!(
            "{}/2010-04-01/Accounts/{account}/Recordings/{}.wav",
            self.base().path().trim_end_matches('/'),
            segment(recording_sid)?
        );
        let mut url = self.base().clone();
        url.set_path(&path);
        Ok(url)
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
fn checked(response: Response, now: Time) -> Result<Response, CarrierError> {
    let status = response.status();
    if status.is_success() || status == StatusCode::RANGE_NOT_SATISFIABLE {
        return Ok(response);
    }
    if status.is_redirection() {
        return Err(CarrierError::Redirect);
    }
    let refusal = Refusal::read(status.as_u16(), b"");
    Err(CarrierError::of(refusal, retry_after(response.headers(), now)))
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

fn is_account(text: &str) -> bool {
    text.strip_prefix("AC").is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}
