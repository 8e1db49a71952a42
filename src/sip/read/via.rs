//! The way a request came, one hop of it.

use super::text::{is_token, parameters, split};
use super::uri::host_port;
use std::net::SocketAddr;

/// One hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// Whether it is `SIP/2.0`.
    pub is_sip_2: bool,
    /// `SIP/2.0`
    protocol: String,
    transport: String,
    /// As written by the hop.
    sent_by: String,
    host: String,
    /// `None`: the default one.
    pub port: Option<u16>,
    parameters: Vec<(String, Option<String>)>,
}

/// How branches begin since RFC 3261.
const MAGIC: &str = "z9hG4bK";

impl Via {
    /// `None`: broken.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts = split(text, ';')?;
        let (first, rest) = parts.split_first()?;
        let (protocol, behind) = first.split_once('/')?;
        let (version, behind) = behind.split_once('/')?;
        let (transport, sent_by) = behind.trim_start().split_once(char::is_whitespace)?;
        let sent_by = sent_by.trim();
        let words = [protocol.trim(), version.trim(), transport];
        if !words.iter().all(|word| is_token(word)) {
            return None;
        }
        let (host, port) = host_port(sent_by)?;
        let found = parameters(rest)?.into_iter().map(|(name, value)| (name, value.map(str::to_owned))).collect();
        let protocol = format!("{}/{}", protocol.trim(), version.trim());
        let is_sip_2 = protocol.eq_ignore_ascii_case("SIP/2.0");
        let (transport, sent_by) = (transport.to_owned(), sent_by.to_owned());
        Some(Self { is_sip_2, protocol, transport, sent_by, host, port, parameters: found })
    }

    /// The name of the transaction.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.parameter("branch").flatten()
    }

    /// Whether the branch is unique by itself, and so the request one of RFC 3261.
    #[must_use]
    pub fn is_modern(&self) -> bool {
        self.branch().is_some_and(|branch| branch.len() > MAGIC.len() && branch.starts_with(MAGIC))
    }

    /// Host and port, as the hop wrote them.
    #[must_use]
    pub fn sent_by(&self) -> &str {
        &self.sent_by
    }

    /// Whether answers shall go to the port that the request came from.
    #[must_use]
    pub fn wants_rport(&self) -> bool {
        self.parameter("rport").is_some()
    }

    /// The hop with what the receiver saw of it (RFC 3261 18.2.1, RFC 3581 4).
    #[must_use]
    pub fn seen_from(&self, source: SocketAddr) -> String {
        let ip = source.ip().to_canonical();
        let mut text = format!("{}/{} {}", self.protocol, self.transport, self.sent_by);
        for (name, value) in self.parameters.iter().filter(|(name, _)| name != "received") {
            text.push(';');
            text.push_str(name);
            let value = if name == "rport" { Some(source.port().to_string()) } else { value.clone() };
            if let Some(value) = value {
                text.push('=');
                text.push_str(&value);
            }
        }
        if self.wants_rport() || self.host.parse().ok() != Some(ip) {
            text.push_str(";received=");
            text.push_str(&ip.to_string());
        }
        text
    }

    fn parameter(&self, name: &str) -> Option<Option<&str>> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_receiver_saw_is_written_in() {
        let source = "192.0.2.9:31000".parse().expect("an address");
        let seen = |text: &str| Via::parse(text).map(|via| via.seen_from(source));
        let asked = seen("SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKx").expect("a Via");
        assert_eq!(asked, "SIP/2.0/UDP 10.0.0.1:5060;rport=31000;branch=z9hG4bKx;received=192.0.2.9");
        let same = seen("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx").expect("a Via");
        assert_eq!(same, "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx");
        let lied = seen("SIP/2.0/UDP host;received=8.8.8.8;branch=1").expect("a Via");
        assert_eq!(lied, "SIP/2.0/UDP host;branch=1;received=192.0.2.9");
    }

    #[test]
    fn odd_spaces_are_legal_and_empty_parameters_are_not() {
        let odd = Via::parse("SIP  /    2.0   / UDP  192.168.255.111   ; branch= z9hG4bK30239").expect("a Via");
        assert_eq!(odd.branch(), Some("z9hG4bK30239"));
        assert!(odd.is_modern());
        assert_eq!(Via::parse("SIP/2.0/UDP 192.0.2.15;;"), None);
        assert_eq!(Via::parse("SIP/2.0/UDP"), None);
    }
}
