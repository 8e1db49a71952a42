//! How much is read of an address that the file does not name. What is over that is dropped, and answered by nothing: an
//! answer would be worth as much to whoever sends it in another's name.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

/// Messages and connections that may come at once. A call with a password takes six.
const BURST: u32 = 60;
/// Between two more.
const EACH: Duration = Duration::from_millis(100);
/// Addresses that are remembered; those beyond share one bucket.
const SOURCES: usize = 10_000;
/// Where they share it.
const OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
/// Between two clearances of a full table.
const CLEARANCE: Duration = Duration::from_secs(1);

/// A bucket of tokens for each address: when it will be full again is all that has to be known of it.
#[derive(Debug, Default)]
pub(super) struct Quotas {
    full_at: HashMap<IpAddr, Instant>,
    cleared: Option<Instant>,
}

impl Quotas {
    /// Whether one more may be read.
    pub(super) fn take(&mut self, ip: IpAddr, now: Instant) -> bool {
        let source = self.place(network(ip), now);
        let full_at = self.full_at.entry(source).or_insert(now);
        let next = (*full_at).max(now) + EACH;
        let fits = next <= now + EACH * BURST;
        if fits {
            *full_at = next;
        }
        fits
    }

    fn place(&mut self, source: IpAddr, now: Instant) -> IpAddr {
        if self.full_at.len() < SOURCES || self.full_at.contains_key(&source) {
            return source;
        }
        // A full bucket is as good as none.
        if self.cleared.is_none_or(|before| now.saturating_duration_since(before) >= CLEARANCE) {
            self.cleared = Some(now);
            self.full_at.retain(|_, full_at| *full_at > now);
        }
        if self.full_at.len() < SOURCES { source } else { OTHERS }
    }
}

/// Whoever has one address of IPv6 has all of its network.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
        ip @ IpAddr::V4(_) => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(number: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(0xC633_0000 + number))
    }

    fn taken(quotas: &mut Quotas, ip: IpAddr, now: Instant) -> usize {
        (0..1_000).filter(|_| quotas.take(ip, now)).count()
    }

    #[test]
    fn a_burst_and_then_ten_a_second() {
        let (mut quotas, start) = (Quotas::default(), Instant::now());
        assert_eq!(taken(&mut quotas, v4(1), start), 60);
        assert_eq!(taken(&mut quotas, v4(2), start), 60, "each has his own");
        assert_eq!(taken(&mut quotas, v4(1), start + Duration::from_millis(99)), 0);
        assert_eq!(taken(&mut quotas, v4(1), start + Duration::from_secs(1)), 10);
        assert_eq!(taken(&mut quotas, v4(1), start + Duration::from_secs(3_600)), 60);
    }

    #[test]
    fn a_network_of_version_six_is_one_source() {
        let (mut quotas, now) = (Quotas::default(), Instant::now());
        let all: usize =
            (0..100).map(|n| taken(&mut quotas, format!("2001:db8::{n:x}").parse().expect("one"), now)).sum();
        assert_eq!(all, 60);
        assert_eq!(taken(&mut quotas, "2001:db8:0:1::1".parse().expect("another network"), now), 60);
        assert_eq!(taken(&mut quotas, "::ffff:198.51.100.1".parse().expect("version four"), now), 60);
        assert_eq!(taken(&mut quotas, "198.51.100.1".parse().expect("the same"), now), 0);
    }

    #[test]
    fn the_table_has_an_end_and_whoever_comes_later_is_not_shut_out() {
        let (mut quotas, start) = (Quotas::default(), Instant::now());
        for number in 0..20_000 {
            quotas.take(v4(number), start);
        }
        assert!(quotas.full_at.len() <= SOURCES + 1);
        assert_eq!(taken(&mut quotas, v4(30_000), start), 0, "ten thousand before him shared it");
        let later = start + Duration::from_secs(7);
        assert_eq!(taken(&mut quotas, v4(30_000), later), 60);
        assert_eq!(quotas.full_at.len(), 1, "and the others are forgotten");
    }
}
