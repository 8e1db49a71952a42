//! The address Twilio was given, and where it is really answered.

use crate::simulator::SimulatorError;
use reqwest::Url;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A public base URL and the addresses that stand for it, as behind a proxy or a load balancer.
#[derive(Clone, Debug)]
pub struct Target {
    public: Url,
    /// Never empty. Shared by all copies, because instances come back at other addresses.
    instances: Arc<Mutex<Vec<Url>>>,
}

/// Where to connect for a public URL, and what the proxy in between would say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) url: Url,
    /// Host header and `X-Forwarded-Proto`, when the address is not the public one.
    pub(super) proxied: Option<(String, String)>,
}

impl Target {
    /// `connect` is where the service listens; `public` is what Twilio was given, the same if absent.
    ///
    /// # Errors
    /// [`SimulatorError::Url`].
    pub fn new(connect: &str, public: Option<&str>) -> Result<Self, SimulatorError> {
        let first = base(connect)?;
        let public = public.map_or_else(|| Ok(first.clone()), base)?;
        Ok(Self { public, instances: Arc::new(Mutex::new(vec![first])) })
    }

    /// One more instance that answers for the same public URL; each request goes to one of them.
    ///
    /// # Errors
    /// [`SimulatorError::Url`].
    pub fn and(self, connect: &str) -> Result<Self, SimulatorError> {
        let further = base(connect)?;
        self.lock().push(further);
        Ok(self)
    }

    /// An instance, counted from 0, came back at another address.
    ///
    /// # Errors
    /// [`SimulatorError::Url`].
    pub fn moves(&self, instance: usize, connect: &str) -> Result<(), SimulatorError> {
        let address = base(connect)?;
        if let Some(known) = self.lock().get_mut(instance) {
            *known = address;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Url>> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The public URL of a path such as `/twilio/voice`; a whole URL stays as it is.
    ///
    /// # Errors
    /// [`SimulatorError::Url`].
    pub fn resolve(&self, path: &str) -> Result<Url, SimulatorError> {
        if path.starts_with('/') {
            let text = format!("{}{path}", self.public.as_str().trim_end_matches('/'));
            return Url::parse(&text).map_err(|_| SimulatorError::Url(text));
        }
        base(path)
    }

    /// Whether a URL is one of the service's.
    pub(in crate::simulator) fn answers_for(&self, url: &Url) -> bool {
        url.origin() == self.public.origin()
    }

    /// Whether the service answers on this machine only.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.lock().iter().all(is_loopback)
    }

    /// Where the service listens (the instance that is not this machine, if there is one), without a final slash.
    #[must_use]
    pub fn address(&self) -> String {
        let instances = self.lock();
        let stranger = instances.iter().find(|url| !is_loopback(url)).or_else(|| instances.first());
        stranger.map_or_else(String::new, |url| url.as_str().trim_end_matches('/').to_owned())
    }

    fn instance(&self, turn: usize) -> Option<Url> {
        let instances = self.lock();
        instances.get(turn.checked_rem(instances.len())?).cloned()
    }

    /// `turn` says which instance.
    pub(super) fn way_to(&self, url: &Url, turn: usize) -> Option<Way> {
        if url.origin() != self.public.origin() {
            return None;
        }
        self.way(url, turn)
    }

    /// The same for a socket: its URL is `wss://` (given here as https) even where the service is known by a plain one.
    pub(super) fn way_to_socket(&self, url: &Url, turn: usize) -> Option<Way> {
        if authority(url) != authority(&self.public) {
            return None;
        }
        let mut url = url.clone();
        let _ = url.set_scheme(self.public.scheme());
        self.way(&url, turn)
    }

    fn way(&self, url: &Url, turn: usize) -> Option<Way> {
        let mut there = self.instance(turn)?;
        if self.public == there {
            return Some(Way { url: url.clone(), proxied: None });
        }
        let prefix = self.public.path().trim_end_matches('/');
        let path = url.path().strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(url.path());
        let path = format!("{}{path}", there.path().trim_end_matches('/'));
        there.set_path(&path);
        there.set_query(url.query());
        Some(Way { url: there, proxied: Some((authority(&self.public), self.public.scheme().to_owned())) })
    }
}

fn base(text: &str) -> Result<Url, SimulatorError> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| SimulatorError::Url(text.to_owned()))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Host and, unless it is the scheme's own, port.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// What Twilio signs of a URL (PROTOCOL.md 1.3): no fragment, no user, and over https no port.
pub(super) fn signed(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if url.scheme() == "https" {
        let _ = url.set_port(None);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(connect: &str, public: &str, url: &str) -> Option<(String, Option<(String, String)>)> {
        let target = Target::new(connect, Some(public)).unwrap();
        target.way_to(&Url::parse(url).unwrap(), 0).map(|way| (way.url.to_string(), way.proxied))
    }

    #[test]
    fn a_public_url_is_reached_as_behind_a_proxy() {
        let proxied = Some(("voice.example.net".to_owned(), "https".to_owned()));
        assert_eq!(
            way("http://127.0.0.1:8080", "https://voice.example.net", "https://voice.example.net/a?b=1"),
            Some(("http://127.0.0.1:8080/a?b=1".to_owned(), proxied.clone()))
        );
        assert_eq!(
            way("http://127.0.0.1:8080/", "https://voice.example.net/pbx", "https://voice.example.net/pbx/a"),
            Some(("http://127.0.0.1:8080/a".to_owned(), proxied))
        );
        assert_eq!(way("http://127.0.0.1:1", "https://voice.example.net", "https://elsewhere.example/a"), None);
        assert_eq!(
            way("http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:1/a"),
            Some(("http://127.0.0.1:1/a".to_owned(), None))
        );
    }

    #[test]
    fn a_socket_is_reached_where_the_service_listens_whatever_its_scheme() {
        let way = |connect: &str, public: Option<&str>, url: &str| {
            let target = Target::new(connect, public).unwrap();
            target.way_to_socket(&Url::parse(url).unwrap(), 0).map(|way| way.url.to_string())
        };
        let there = Some("http://127.0.0.1:8080/ws/1".to_owned());
        assert_eq!(way("http://127.0.0.1:8080", Some("https://h.example"), "https://h.example/ws/1"), there);
        assert_eq!(way("http://127.0.0.1:8080", None, "https://127.0.0.1:8080/ws/1"), there);
        assert_eq!(way("http://127.0.0.1:8080", Some("http://h.example"), "https://h.example/ws/1"), there);
        assert_eq!(way("http://127.0.0.1:8080", None, "https://127.0.0.1:8081/ws/1"), None);
    }

    #[test]
    fn instances_take_turns() {
        let target = Target::new("http://127.0.0.1:1", Some("https://voice.example.net")).unwrap();
        let target = target.and("http://127.0.0.1:2").unwrap().and("http://127.0.0.1:3").unwrap();
        let url = Url::parse("https://voice.example.net/a").unwrap();
        let port = |turn| target.way_to(&url, turn).unwrap().url.port().unwrap();
        assert_eq!([0, 1, 2, 3, 4].map(port), [1, 2, 3, 1, 2]);
        target.moves(1, "http://127.0.0.1:9").unwrap();
        assert_eq!([0, 1, 2].map(port), [1, 9, 3]);
        assert!(target.is_loopback() && !target.and("http://192.0.2.1").unwrap().is_loopback());
    }

    #[test]
    fn paths_belong_to_the_public_base() {
        let target = Target::new("http://127.0.0.1:1", Some("https://voice.example.net/pbx/")).unwrap();
        assert_eq!(target.resolve("/twilio/voice").unwrap().as_str(), "https://voice.example.net/pbx/twilio/voice");
        assert_eq!(target.resolve("https://other.example/x").unwrap().as_str(), "https://other.example/x");
        assert!(target.resolve("twilio/voice").is_err());
        assert!(Target::new("ftp://x", None).is_err());
    }

    #[test]
    fn over_https_the_port_is_not_signed() {
        let said = |url: &str| signed(&Url::parse(url).unwrap()).to_string();
        assert_eq!(said("https://u:p@h.example:8443/x?a=1#rc=2"), "https://h.example/x?a=1");
        assert_eq!(said("http://h.example:8080/x"), "http://h.example:8080/x");
    }
}
