//! Values that several sections read.

use crate::base::E164;
use crate::config::mistake::Wrong;
use std::net::{IpAddr, SocketAddr};
use url::Url;

/// `on` or `off`, and the other words people use.
pub(super) fn switch(text: &str) -> Result<bool, Wrong> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "1" | "yes" => Ok(true),
        "off" | "false" | "0" | "no" => Ok(false),
        _ => Err(Wrong::new(format!("`{text}` is neither on nor off"), "write on or off")),
    }
}

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`.
pub(super) fn socket(text: &str) -> Result<SocketAddr, Wrong> {
    let numeric = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    numeric.parse().map_err(|_| {
        Wrong::new(
            format!("`{text}` is not an address and port"),
            "write an IP address and a port, like 127.0.0.1:8080 or [::]:8080",
        )
    })
}

pub(super) fn number(text: &str) -> Result<E164, Wrong> {
    E164::parse(text).map_err(|_| {
        Wrong::new(
            format!("`{text}` is not a telephone number in E.164 form"),
            "write + and the country code, like +15875550100, without spaces or dashes",
        )
    })
}

/// An http or https URL without user, password, query or fragment; given back as written, without a slash at the end.
pub(in crate::config) fn web_url(text: &str) -> Result<String, Wrong> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(url) = url else {
        return Err(Wrong::new("is not an http or https URL", "write it like https://phone.example.com"));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Wrong::new(
            "holds a user or password",
            "leave them out: they are no part of what the carrier signs",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Wrong::new("has a query or a fragment", "write scheme, host and, if needed, port and path only"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Whether the host of a URL, as far as its text says, is this machine.
pub(in crate::config) fn is_loopback(url: &str) -> bool {
    match Url::parse(url).as_ref().map(Url::host) {
        Ok(Some(url::Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Some(url::Host::Ipv4(address))) => IpAddr::V4(address).is_loopback(),
        Ok(Some(url::Host::Ipv6(address))) => IpAddr::V6(address).is_loopback(),
        _ => false,
    }
}

/// Tokens travel in HTTP headers and must survive them.
pub(super) fn token(text: &str) -> Result<(), Wrong> {
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(Wrong::new("holds characters that no token has", "copy it again, without quotes, spaces or line ends"))
    }
}

/// What a telephone can enter.
pub(super) fn pin(text: &str) -> Result<(), Wrong> {
    if (4..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(())
    } else {
        Err(Wrong::new("is not a PIN that a telephone can enter", "write 4 to 12 digits"))
    }
}
