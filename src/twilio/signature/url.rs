//! The spellings of a URL that Twilio may have signed (PROTOCOL.md 1.3, 1.5).
//!
//! URLs stay raw text: host case, `//`, `%20` against `+` are all part of what is signed, so nothing is decoded,
//! normalised or put together anew. A spelling is the same text with a piece left out or put in.

/// The pieces of a URL, cut but not changed. The fragment is gone: it is neither sent nor signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pieces<'a> {
    pub(super) scheme: &'a str,
    pub(super) userinfo: Option<&'a str>,
    /// With its brackets if it is an IPv6 literal.
    pub(super) host: &'a str,
    pub(super) port: Option<&'a str>,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
}

impl<'a> Pieces<'a> {
    /// `None` without `://`.
    pub(super) fn of(url: &'a str) -> Option<Self> {
        let (scheme, rest) = without_fragment(url).split_once("://")?;
        let (authority, target) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
        let (userinfo, place) = match authority.rsplit_once('@') {
            Some((userinfo, place)) => (Some(userinfo), place),
            None => (None, authority),
        };
        let (host, port) = match place.rsplit_once(':') {
            // The colons of an IPv6 literal stand before its closing bracket.
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (place, None),
        };
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        Some(Self { scheme, userinfo, host, port, path, query })
    }

    /// Whether it is the URL of a WebSocket.
    pub(super) const fn is_socket(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("wss") || self.scheme.eq_ignore_ascii_case("ws")
    }

    /// Twilio's libraries take 443 for https and 80 for anything else; the default of wss is 443, so both count.
    const fn ports(&self) -> &'static [PortSpelling] {
        use PortSpelling::{Added, AsGiven, Removed};
        if self.port.is_some() {
            &[AsGiven, Removed]
        } else if self.scheme.eq_ignore_ascii_case("https") {
            &[AsGiven, Added("443")]
        } else if self.scheme.eq_ignore_ascii_case("wss") {
            &[AsGiven, Added("443"), Added("80")]
        } else {
            &[AsGiven, Added("80")]
        }
    }

    /// The text of a spelling, in parts to be read one after another.
    fn spell(&self, spelling: Spelling) -> [&'a str; 11] {
        let (at, userinfo) = match self.userinfo {
            Some(userinfo) if !spelling.userinfo_dropped => ("@", userinfo),
            _ => ("", ""),
        };
        let (colon, port) = match (spelling.port, self.port) {
            (PortSpelling::Added(port), _) | (PortSpelling::AsGiven, Some(port)) => (":", port),
            _ => ("", ""),
        };
        let slash = if spelling.slash_added { "/" } else { "" };
        let (mark, query) = self.query.map_or(("", ""), |query| ("?", query));
        [self.scheme, "://", userinfo, at, self.host, colon, port, self.path, slash, mark, query]
    }
}

/// `url` up to its `#`.
pub(super) fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(url, _)| url)
}

/// How a URL that fits differs from the one that was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spelling {
    /// What was done to its port.
    pub port: PortSpelling,
    /// `user:pass@` was left out.
    pub userinfo_dropped: bool,
    /// The path of a WebSocket got a `/` at its end.
    pub slash_added: bool,
}

/// What was done to the port of a URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PortSpelling {
    /// Nothing.
    #[default]
    AsGiven,
    /// It was left out.
    Removed,
    /// There was none, and the default was put in.
    Added(&'static str),
}

/// All spellings of one URL, the given one first, none twice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spellings<'a> {
    url: &'a str,
    pieces: Option<Pieces<'a>>,
}

impl<'a> Spellings<'a> {
    pub(super) fn of(url: &'a str) -> Self {
        Self { url: without_fragment(url), pieces: Pieces::of(url) }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = (Spelling, [&'a str; 11])> {
        const NEVER: &[bool] = &[false];
        const EITHER: &[bool] = &[false, true];
        let (ports, userinfos, slashes) = match &self.pieces {
            None => (&[PortSpelling::AsGiven][..], NEVER, NEVER),
            Some(pieces) => (
                pieces.ports(),
                if pieces.userinfo.is_some() { EITHER } else { NEVER },
                if pieces.is_socket() && !pieces.path.ends_with('/') { EITHER } else { NEVER },
            ),
        };
        let mixed = slashes.iter().flat_map(move |&slash_added| {
            userinfos.iter().flat_map(move |&userinfo_dropped| {
                ports.iter().map(move |&port| Spelling { port, userinfo_dropped, slash_added })
            })
        });
        mixed.map(move |spelling| (spelling, self.spell(spelling)))
    }

    fn spell(&self, spelling: Spelling) -> [&'a str; 11] {
        match &self.pieces {
            Some(pieces) => pieces.spell(spelling),
            None => [self.url, "", "", "", "", "", "", "", "", "", ""],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spellings(url: &str) -> Vec<String> {
        Spellings::of(url).iter().map(|(_, pieces)| pieces.concat()).collect()
    }

    #[test]
    fn ports_go_and_default_ports_come_but_no_port_is_replaced() {
        assert_eq!(spellings("https://a.example/x?y=1"), ["https://a.example/x?y=1", "https://a.example:443/x?y=1"]);
        assert_eq!(spellings("HTTP://A.example//x"), ["HTTP://A.example//x", "HTTP://A.example:80//x"]);
        assert_eq!(spellings("https://a.example:8443/x"), ["https://a.example:8443/x", "https://a.example/x"]);
        assert_eq!(spellings("https://a.example?"), ["https://a.example?", "https://a.example:443?"]);
    }

    #[test]
    fn sockets_may_have_either_default_port_and_a_slash_more() {
        let found = spellings("wss://a.example/ws/t");
        let expected = ["/ws/t", ":443/ws/t", ":80/ws/t", "/ws/t/", ":443/ws/t/", ":80/ws/t/"];
        assert_eq!(found, expected.map(|end| format!("wss://a.example{end}")));
        assert_eq!(spellings("wss://a.example:8443/ws/").len(), 2);
        assert_eq!(spellings("wss://a.example/ws?q=1").get(3).map(String::as_str), Some("wss://a.example/ws/?q=1"));
    }

    #[test]
    fn userinfo_counts_with_and_without() {
        let found = spellings("https://u:p@a.example/x");
        let expected = ["u:p@a.example/x", "u:p@a.example:443/x", "a.example/x", "a.example:443/x"];
        assert_eq!(found, expected.map(|rest| format!("https://{rest}")));
    }

    #[test]
    fn colons_of_ipv6_are_no_ports() {
        assert_eq!(
            spellings("https://[2001:db8::17]/x").get(1).map(String::as_str),
            Some("https://[2001:db8::17]:443/x")
        );
        assert_eq!(
            spellings("https://[2001:db8::17]:9443/x").get(1).map(String::as_str),
            Some("https://[2001:db8::17]/x")
        );
    }

    #[test]
    fn the_fragment_is_never_signed_and_no_url_is_no_trouble() {
        assert_eq!(
            spellings("https://a.example/x#rc=2&rp=all").first().map(String::as_str),
            Some("https://a.example/x")
        );
        assert_eq!(spellings("no url"), ["no url"]);
        assert_eq!(spellings(""), [""]);
        assert_eq!(spellings("://@:?#"), ["://@:?", "://@?", "://:?", "://?"]);
    }
}
