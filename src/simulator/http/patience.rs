//! Connection overrides: `#ct=500&rc=2&rp=all` behind a webhook's URL says how patient the carrier is with it. They are
//! neither sent nor signed (PROTOCOL.md 2.11).

use reqwest::Url;
use std::time::Duration;

/// Why a request may be made once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No connection: TCP or TLS.
    Connect,
    /// Nothing came in time.
    Read,
    /// An answer 4xx.
    Refused,
    /// An answer 5xx.
    Broken,
    /// The connection broke before there was an answer.
    Cut,
}

impl Trouble {
    /// What an answer of this status is.
    pub(super) const fn of_status(status: u16) -> Option<Self> {
        match status {
            400..=499 => Some(Self::Refused),
            500..=599 => Some(Self::Broken),
            _ => None,
        }
    }
}

/// How long one webhook may take, and what is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    /// `ct`: until there is a connection.
    pub(super) connect: Duration,
    /// `rt`: until the first byte, and from one packet to the next.
    pub(super) read: Duration,
    /// `tt`: everything together, retries included.
    pub(super) total: Duration,
    /// `rc`: how often it is tried again.
    pub(super) retries: u32,
    /// `rp`: after what.
    retry_on: Vec<Trouble>,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(15),
            total: Duration::from_secs(15),
            retries: 1,
            retry_on: vec![Trouble::Connect],
        }
    }
}

impl Patience {
    /// What the URL's fragment asks for. Values outside Twilio's ranges count as the nearest inside, words that
    /// nobody knows as nothing.
    pub(super) fn of(url: &Url) -> Self {
        let mut patience = Self::default();
        for (key, value) in url.fragment().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')) {
            let time = |longest| value.parse().ok().map(|ms: u64| Duration::from_millis(ms.clamp(100, longest)));
            match key {
                "ct" => patience.connect = time(10_000).unwrap_or(patience.connect),
                "rt" => patience.read = time(15_000).unwrap_or(patience.read),
                "tt" => patience.total = time(15_000).unwrap_or(patience.total),
                "rc" => patience.retries = value.parse().map_or(patience.retries, |count: u32| count.min(5)),
                "rp" => patience.retry_on = policy(value),
                _ => {}
            }
        }
        patience
    }

    /// Whether a request that met `trouble` is made once more.
    pub(super) fn retries_after(&self, trouble: Trouble) -> bool {
        self.retry_on.contains(&trouble)
    }
}

fn policy(list: &str) -> Vec<Trouble> {
    let each = |word: &str| match word {
        "ct" => vec![Trouble::Connect],
        "rt" => vec![Trouble::Read],
        "4xx" => vec![Trouble::Refused],
        "5xx" => vec![Trouble::Broken],
        "all" => vec![Trouble::Connect, Trouble::Read, Trouble::Refused, Trouble::Broken, Trouble::Cut],
        _ => Vec::new(),
    };
    list.split(',').flat_map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fragment: &str) -> Patience {
        Patience::of(&Url::parse(&format!("https://voice.example.net/a?b=1#{fragment}")).unwrap())
    }

    #[test]
    fn without_a_word_it_is_twilios_default() {
        assert_eq!(of(""), Patience::default());
        assert_eq!(of("top&x=1&e=ashburn&sni=n"), Patience::default());
        assert!(of("").retries_after(Trouble::Connect) && !of("").retries_after(Trouble::Read));
    }

    #[test]
    fn overrides_are_kept_within_twilios_ranges() {
        let asked = of("ct=1&rt=99999&tt=2500&rc=9&rp=5xx,rt");
        assert_eq!((asked.connect, asked.read), (Duration::from_millis(100), Duration::from_secs(15)));
        assert_eq!((asked.total, asked.retries), (Duration::from_millis(2500), 5));
        assert!(asked.retries_after(Trouble::Broken) && asked.retries_after(Trouble::Read));
        assert!(!asked.retries_after(Trouble::Connect) && !asked.retries_after(Trouble::Refused));
        assert!(of("rp=all").retries_after(Trouble::Cut));
        assert_eq!(of("rc=x&tt=").retries, 1);
    }
}
