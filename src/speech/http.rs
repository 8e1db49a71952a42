//! Requests to engines: bounded in time and size, and what vendors say when they refuse.

use super::error::SpeechError;
use crate::base::Secret;
use bytes::{Bytes, BytesMut};
use reqwest::{Client, RequestBuilder, Response, redirect};
use serde_json::Value;
use std::time::Duration;

/// To open a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// Ten minutes of the loudest sound that is asked for; nobody fills our memory.
const LARGEST: usize = 32 << 20;
/// Of a complaint: enough for a sentence.
const LONGEST: usize = 200;

/// The client of all engines. None: this process cannot make one, and calls are answered all the same.
pub(super) fn client() -> Option<Client> {
    let builder = || {
        Client::builder()
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
    };
    // A machine without root certificates can still use a server on its own network.
    builder().build().or_else(|_| builder().tls_certs_only([]).build()).ok()
}

/// What an engine answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// In small letters, without parameters.
    pub(super) content_type: String,
    pub(super) body: Bytes,
}

/// Sends it and reads the whole answer.
///
/// # Errors
/// [`SpeechError`].
pub(super) async fn ask(
    request: RequestBuilder,
    key: Option<&Secret>,
    within: Duration,
) -> Result<Answer, SpeechError> {
    let asking = async {
        let response = request.send().await.map_err(|error| SpeechError::Away(cause(error)))?;
        let status = response.status().as_u16();
        let content_type = content_type(&response);
        let body = whole(response).await?;
        if (200..300).contains(&status) { Ok(Answer { content_type, body }) } else { Err(refusal(status, &body, key)) }
    };
    let late = |_| SpeechError::Away(format!("no answer within {} s", within.as_secs()));
    tokio::time::timeout(within, asking).await.map_err(late)?
}

/// Never the URL: it may name a voice or a host that is nobody's business.
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        text = inner.to_string();
        source = inner.source();
    }
    cut(&text)
}

fn content_type(response: &Response) -> String {
    let header = response.headers().get(reqwest::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    header.and_then(|text| text.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase()
}

async fn whole(mut response: Response) -> Result<Bytes, SpeechError> {
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(|error| SpeechError::Away(cause(error)))? {
        if body.len() + piece.len() > LARGEST {
            return Err(SpeechError::Unreadable(format!("it is longer than {LARGEST} bytes")));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// Words that mean "wait for a free place" and "pay".
const BUSY: [&str; 6] = [
    "too_many_concurrent_requests",
    "system_busy",
    "rate_limit_exceeded",
    "concurrent_limit_exceeded",
    "server_busy",
    "overloaded",
];
const SPENT: [&str; 4] = ["quota_exceeded", "insufficient_quota", "billing_hard_limit_reached", "account_deactivated"];

fn refusal(status: u16, body: &[u8], key: Option<&Secret>) -> SpeechError {
    let why = complaint(body, key);
    let says = |words: &[&str]| words.iter().any(|word| why.contains(word));
    match status {
        _ if says(&SPENT) => SpeechError::Spent(why),
        429 | 503 => SpeechError::Busy(why),
        _ if says(&BUSY) => SpeechError::Busy(why),
        500.. => SpeechError::Away(format!("{status}: {why}")),
        _ => SpeechError::Refused { status, why },
    }
}

/// What an engine says of a failure: `{"detail":…}` as text, object or list, `{"error":…}` as text or object, or a text.
fn complaint(body: &[u8], key: Option<&Secret>) -> String {
    let text = String::from_utf8_lossy(body.get(..body.len().min(4096)).unwrap_or_default()).into_owned();
    let told = serde_json::from_slice::<Value>(body).ok().and_then(|value| told(&value)).unwrap_or(text);
    // Some quote the key that they did not like.
    let told = match key.filter(|key| !key.expose().is_empty()) {
        Some(key) => told.replace(key.expose(), "[key]"),
        None => told,
    };
    cut(told.split("provided:").next().unwrap_or_default())
}

fn told(value: &Value) -> Option<String> {
    let value = value.get("detail").or_else(|| value.get("error")).unwrap_or(value);
    let value = value.as_array().and_then(|list| list.first()).unwrap_or(value);
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let part = |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let code = part("status").or_else(|| part("code")).or_else(|| part("type"));
    let message = part("message").or_else(|| part("msg"));
    match (code, message) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (code, message) => code.or(message).map(str::to_owned),
    }
}

fn cut(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let end = plain.floor_char_boundary(LONGEST);
    plain.get(..end).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vendors_complaint_is_understood() {
        let key = Secret::new("sk-very-secret");
        let say = |status, body: &str| refusal(status, body.as_bytes(), Some(&key)).to_string();
        for (status, body, said) in [
            (
                401,
                r#"{"detail":{"status":"invalid_api_key","message":"Invalid API key"}}"#,
                "refused with 401: invalid_api_key: Invalid API key",
            ),
            (
                401,
                r#"{"detail":{"status":"quota_exceeded","message":"0 credits"}}"#,
                "credit is used up: quota_exceeded: 0 credits",
            ),
            (
                429,
                r#"{"detail":{"status":"too_many_concurrent_requests","message":"slow"}}"#,
                "busy: too_many_concurrent_requests",
            ),
            (400, r#"{"detail":{"status":"system_busy","message":"x"}}"#, "busy: system_busy"),
            (
                422,
                r#"{"detail":[{"loc":["body"],"msg":"field required","type":"missing"}]}"#,
                "refused with 422: missing: field required",
            ),
            (404, r#"{"detail":"Not Found"}"#, "refused with 404: Not Found"),
            (
                400,
                r#"{"error":{"message":"no such model","type":"invalid_request_error","code":null}}"#,
                "invalid_request_error: no such model",
            ),
            (
                429,
                r#"{"error":{"message":"You exceeded","type":"insufficient_quota","code":"insufficient_quota"}}"#,
                "credit is used up",
            ),
            (500, r#"{"error":"failed to process audio"}"#, "away: 500: failed to process audio"),
            (
                401,
                r#"{"error":{"message":"Incorrect API key provided: sk-very-secret.","code":"invalid_api_key"}}"#,
                "invalid_api_key: Incorrect API key",
            ),
            (403, "no sk-very-secret here", "refused with 403: no [key] here"),
            (502, "<html>bad gateway</html>", "away: 502: <html>"),
        ] {
            assert!(say(status, body).contains(said), "{}", say(status, body));
            assert!(!say(status, body).contains("very-secret"));
        }
    }
}
