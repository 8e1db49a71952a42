//! The carrier's error bodies: its old form, RFC 9457, nothing at all, or a page of HTML (PROTOCOL.md 7.3).

use crate::base::mask_text;
use serde_json::{Map, Value};
use std::fmt;

/// Longer explanations are cut.
const MESSAGE_CHARACTERS: usize = 300;

/// Why the carrier did not do it, in its own words. Numbers are masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The carrier's error number, like 21422.
    pub code: Option<u32>,
    /// What it says.
    pub message: Option<String>,
    /// Where it says more.
    pub more_info: Option<String>,
    /// The body was a web page: whoever answered is probably not the REST API.
    pub is_page: bool,
}

impl Refusal {
    /// Reads a body. Whatever it is, the status stands.
    #[must_use]
    pub fn read(status: u16, body: &[u8]) -> Self {
        let bare = Self { status, ..Self::default() };
        let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
            return Self { is_page: body.trim_ascii_start().starts_with(b"<"), ..bare };
        };
        let first = |names: &[&str]| names.iter().find_map(|name| word(&fields, name));
        Self {
            code: code(&fields),
            message: first(&["message", "detail", "title"]).map(|text| short(&mask_text(&text))),
            more_info: first(&["more_info", "type"]).filter(|link| link.starts_with("https://")),
            ..bare
        }
    }

    /// Takes out whatever must not be shown, should the carrier ever repeat it to us.
    pub(in crate::carrier) fn without(mut self, secret: &str) -> Self {
        if let Some(message) = self.message.as_mut().filter(|message| !secret.is_empty() && message.contains(secret)) {
            *message = message.replace(secret, "•••");
        }
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        if let Some(code) = self.code {
            write!(f, ", error {code}")?;
        }
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None if self.is_page => f.write_str(": a web page, as if TWILIO_API_BASE_URL led elsewhere"),
            None => Ok(()),
        }
    }
}

fn word(fields: &Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Some carriers write it as text.
fn code(fields: &Map<String, Value>) -> Option<u32> {
    match fields.get("code")? {
        Value::Number(code) => code.as_u64().and_then(|code| code.try_into().ok()),
        Value::String(code) => code.parse().ok(),
        _ => None,
    }
}

fn short(text: &str) -> String {
    text.chars().take(MESSAGE_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_body_is_read() {
        let old = br#"{"code":21422,"message":"+15875550100 is not available","more_info":"https://www.twilio.com/docs/errors/21422","status":400}"#;
        let read = Refusal::read(400, old);
        assert_eq!(read.to_string(), "HTTP 400, error 21422: +1587•••0100 is not available");
        assert_eq!(read.more_info.as_deref(), Some("https://www.twilio.com/docs/errors/21422"));
        let new = br#"{"type":"https://www.twilio.com/docs/api/errors/20404","title":"Not found","status":404,"code":20404,"detail":"no such order"}"#;
        let read = Refusal::read(404, new);
        assert_eq!((read.code, read.message.as_deref()), (Some(20404), Some("no such order")));
        assert!(read.more_info.is_some());
        assert_eq!(Refusal::read(503, b"").to_string(), "HTTP 503");
        let page = Refusal::read(404, b"\n<!doctype html><h1>Not Found</h1>");
        assert!(page.is_page && page.to_string().contains("TWILIO_API_BASE_URL"), "{page}");
        assert_eq!(Refusal::read(500, b"[1,2]"), Refusal { status: 500, ..Refusal::default() });
    }

    #[test]
    fn a_secret_that_comes_back_is_taken_out() {
        let read = Refusal::read(401, br#"{"message":"token hunter2 is wrong"}"#).without("hunter2");
        assert_eq!(read.message.as_deref(), Some("token ••• is wrong"));
    }
}
