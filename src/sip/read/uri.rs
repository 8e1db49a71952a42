//! Addresses of things: `sip:701@192.0.2.1:5060;transport=tcp`.

use super::text::parameters;
use std::net::{IpAddr, Ipv6Addr};

/// A URI of any scheme, taken apart as far as it is SIP's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    /// As it was written.
    pub text: String,
    /// In small letters.
    pub scheme: String,
    /// With its escapes undone; they never become separators.
    pub user: Option<String>,
    /// As written, in small letters; IPv6 without brackets.
    pub host: String,
    /// `None`: the default one.
    pub port: Option<u16>,
    /// In small letters: `tcp`.
    pub transport: Option<String>,
    /// Headers behind a question mark: nobody acts upon them.
    pub has_headers: bool,
}

impl Uri {
    /// `None`: it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let clean = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"".contains(c);
        let (scheme, rest) = text.split_once(':').filter(|_| text.chars().all(clean))?;
        if !is_scheme(scheme) || rest.is_empty() {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let opaque = Self {
            text: text.to_owned(),
            scheme,
            user: None,
            host: String::new(),
            port: None,
            transport: None,
            has_headers: false,
        };
        if opaque.is_sip() { opaque.with_parts(rest) } else { Some(opaque) }
    }

    /// Whether it is `sip:` or `sips:`.
    #[must_use]
    pub fn is_sip(&self) -> bool {
        matches!(self.scheme.as_str(), "sip" | "sips")
    }

    /// The host, where that is a number.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    fn with_parts(mut self, rest: &str) -> Option<Self> {
        let (rest, headers) = rest.split_once('?').map_or((rest, None), |(rest, headers)| (rest, Some(headers)));
        self.has_headers = headers.is_some();
        // An `@` in parameters would not be legal; the first one counts, so a user part cannot be smuggled in behind.
        let (user, place) = rest.split_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        if let Some(user) = user {
            let name = user.split_once(':').map_or(user, |(name, _)| name);
            self.user = Some(unescaped(name).filter(|name| !name.is_empty())?);
        }
        let mut parts = place.split(';');
        (self.host, self.port) = host_port(parts.next()?)?;
        let parts: Vec<&str> = parts.collect();
        let found = parameters(&parts)?;
        let transport = found.iter().find(|(name, _)| name == "transport").and_then(|(_, value)| *value);
        self.transport = transport.map(str::to_ascii_lowercase);
        Some(self)
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c))
}

/// A host in small letters and its port. `None`: neither a name nor a number.
pub(super) fn host_port(text: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, behind) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, if behind.is_empty() { None } else { Some(behind.strip_prefix(':')?) })
        }
        None => {
            let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
            let legal = |c: u8| c.is_ascii_alphanumeric() || b"-._".contains(&c);
            if host.is_empty() || !host.bytes().all(legal) {
                return None;
            }
            (host, port)
        }
    };
    let port = match port {
        Some(digits) if digits.bytes().all(|c| c.is_ascii_digit()) => Some(digits.parse().ok()?),
        Some(_) => return None,
        None => None,
    };
    Some((host.to_ascii_lowercase(), port))
}

/// `%41` as `A`. `None`: not an escape, or no UTF-8.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => hex(rest.next()?)? * 16 + hex(rest.next()?)?,
            other => other,
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found() {
        let uri = Uri::parse("SIP:70%31@Example.com:5070;transport=TCP").expect("a URI");
        assert_eq!((uri.user.as_deref(), uri.host.as_str(), uri.port), (Some("701"), "example.com", Some(5070)));
        assert_eq!(uri.transport.as_deref(), Some("tcp"));
        assert_eq!(Uri::parse("sip:[2001:db8::1]:5060").and_then(|uri| uri.ip()), "2001:db8::1".parse().ok());
        let escaped = Uri::parse("sip:sips%3Auser%40example.com@example.net").expect("a URI");
        assert_eq!(escaped.user.as_deref(), Some("sips:user@example.com"));
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "sip:",
            "sip:@host",
            "sip:a@",
            "sip:a@b:99999",
            "sip: a@b",
            "<sip:a@b>",
            "sip:a%4@b",
            "sip:a@[::1",
            "701",
        ] {
            assert_eq!(Uri::parse(text), None, "{text}");
        }
        assert!(Uri::parse("nobodyKnowsThisScheme:totallyopaquecontent").is_some_and(|uri| !uri.is_sip()));
    }
}
