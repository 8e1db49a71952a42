//! Strangers: unsigned and forged requests get a problem document and are counted; nothing else is stored.

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

/// Why a request is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// No `X-Twilio-Signature`.
    Missing,
    /// It does not match.
    Wrong,
    /// Too many refused requests from this address.
    Flood,
}

impl Reason {
    /// The rule's name in `rate_limit_rejections`.
    const fn rule(self) -> &'static str {
        match self {
            Self::Missing => "signature.missing",
            Self::Wrong => "signature.wrong",
            Self::Flood => "address.flood",
        }
    }
}

/// Refused requests an address may make at once, and a minute.
const BURST: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");

/// Wrong signatures a second whose cause is looked for, over all addresses: it costs a millisecond of the time that
/// callers need.
const DIAGNOSES: NonZeroU32 = NonZeroU32::new(10).expect("10 is not 0");

/// Limits refused requests by address and sums them up. Signed requests never come here.
#[derive(Debug)]
pub struct Refusals {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    diagnoses: DefaultDirectRateLimiter,
    counts: Mutex<BTreeMap<&'static str, i64>>,
}

impl Default for Refusals {
    fn default() -> Self {
        let limiter = RateLimiter::keyed(Quota::per_minute(BURST).allow_burst(BURST));
        let diagnoses = RateLimiter::direct(Quota::per_second(DIAGNOSES).allow_burst(BURST));
        Self { limiter, diagnoses, counts: Mutex::default() }
    }
}

impl Refusals {
    /// Counts a refused request; `Err` carries the seconds to wait when its address made too many.
    pub(super) fn admit(&self, address: IpAddr, reason: Reason) -> Result<(), u64> {
        let admitted = self.limiter.check_key(&sender(address));
        let counted = if admitted.is_ok() { reason } else { Reason::Flood };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(counted.rule()).or_default() += 1;
        admitted.map_err(|later| later.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
    }

    /// Whether there is time to look for the cause of a wrong signature.
    pub(super) fn may_diagnose(&self) -> bool {
        self.diagnoses.check().is_ok()
    }

    /// What was counted since the last call, by rule. A worker writes it down once a second.
    #[must_use]
    pub fn take_counts(&self) -> BTreeMap<&'static str, i64> {
        std::mem::take(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets addresses that have been quiet for a minute.
    pub fn sweep(&self) {
        self.limiter.retain_recent();
    }
}

/// Whom an address belongs to: whoever has one IPv6 address has the whole /64, and could send from each once.
fn sender(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_at_once_then_wait() {
        let refusals = Refusals::default();
        let address = IpAddr::from([203, 0, 113, 9]);
        for _ in 0..60 {
            assert!(refusals.admit(address, Reason::Wrong).is_ok());
        }
        assert!(refusals.admit(address, Reason::Wrong).is_err_and(|wait| (1..=2).contains(&wait)));
        assert!(refusals.admit(IpAddr::from([203, 0, 113, 10]), Reason::Missing).is_ok());
        let counts = refusals.take_counts();
        assert_eq!(counts.get("signature.wrong"), Some(&60));
        assert_eq!(counts.get("address.flood"), Some(&1));
        assert!(refusals.take_counts().is_empty());
    }

    #[test]
    fn many_addresses_together_cannot_buy_more_diagnoses_than_one() {
        let refusals = Refusals::default();
        let bought = (0..1000).filter(|_| refusals.may_diagnose()).count();
        assert!((60..200).contains(&bought), "{bought}");
    }

    #[test]
    fn a_whole_ipv6_network_is_one_sender() {
        let refusals = Refusals::default();
        let from = |network: u16, host: u16| Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, 0, host).into();
        assert!((0..60).all(|host| refusals.admit(from(1, host), Reason::Wrong).is_ok()));
        assert!(refusals.admit(from(1, 60), Reason::Wrong).is_err());
        assert!(refusals.admit(from(2, 60), Reason::Wrong).is_ok());
    }
}
