//! A sound that a document plays: fetched as Twilio fetches it, by a plain GET without the call's fields.

use super::answer::Fault;
use super::client::Client;
use reqwest::{Url, header};
use std::time::Duration;

/// Types that Twilio plays (PROTOCOL.md 3.2); others are error 12300.
const PLAYED: [&str; 9] = [
    "audio/mpeg",
    "audio/wav",
    "audio/wave",
    "audio/x-wav",
    "audio/aiff",
    "audio/x-aiff",
    "audio/x-gsm",
    "audio/gsm",
    "audio/ulaw",
];
const PATIENCE: Duration = Duration::from_secs(15);

impl Client {
    /// The bytes of a sound; `None`: it is elsewhere than at the host under test.
    pub(in crate::simulator) async fn sound(&self, url: &Url) -> Option<Result<Vec<u8>, Fault>> {
        let way = self.target().way_to(url, 0)?;
        let request = self.plain().get(way.url).header(header::ACCEPT, "*/*").timeout(PATIENCE);
        let request = match way.proxied {
            Some((host, proto)) => request.header(header::HOST, host).header("X-Forwarded-Proto", proto),
            None => request,
        };
        Some(fetched(request).await)
    }
}

async fn fetched(request: reqwest::RequestBuilder) -> Result<Vec<u8>, Fault> {
    let failed = |why: reqwest::Error| Fault::new(11200, format!("a sound could not be fetched: {why}"));
    let response = request.send().await.map_err(failed)?;
    let status = response.status();
    if !status.is_success() {
        return Err(Fault::new(11200, format!("a sound was answered {}", status.as_u16())));
    }
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !PLAYED.contains(&kind.as_str()) {
        return Err(Fault::new(12300, format!("a sound came as `{kind}`, which is not played")));
    }
    response.bytes().await.map(Vec::from).map_err(failed)
}
