//! URLs that a request names, with the method beside them.

use crate::simulator::twin::wire::{Refusal, Request};
use crate::twiml::Method;
use reqwest::Url;

/// The URL under `name`, asked as `method_name` says.
pub(super) fn way(request: &Request, name: &str, method_name: &str) -> Result<Option<(Url, Method)>, Refusal> {
    let Some(text) = request.filled(name) else { return Ok(None) };
    let method = match request.filled(method_name) {
        None | Some("POST") => Method::Post,
        Some("GET") => Method::Get,
        Some(other) => return Err(Refusal::bad(21403, format!("{method_name} is not a valid method: {other}"))),
    };
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let wrong = || Refusal::bad(21205, format!("{name} is not a valid URL: {text}"));
    url.map(|url| Some((url, method))).ok_or_else(wrong)
}
