//! Who may speak. A stranger who sprays sound at our ports must not come out of the ceiling, so the source of a leg is
//! strict, is learned once, and stays.
//!
//! 1. The signalling names an address and a port: that is the source.
//! 2. Behind a NAT the port, or the address, is another one: for the first two seconds also the networks that the leg
//!    allows (where its signalling came from, the carrier's media).
//! 3. Learned from four packets in a row, of one stream. Until then they are kept, not played; then nothing of them is
//!    lost.
//! 4. From there on everything else is dropped and counted. Only a new offer begins anew.

use super::packet::Header;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// How long others than the named source may be learned.
const OPEN: Duration = Duration::from_secs(2);
/// Packets in a row that make a source.
const ROW: usize = 4;
/// Sources that may try at a time.
const CANDIDATES: usize = 4;

/// Where the sound of a leg may come from.
#[derive(Clone, Debug)]
pub struct Sources {
    /// What the signalling named.
    pub named: SocketAddr,
    /// Networks that are allowed too, at the beginning.
    pub allowed: Vec<IpNet>,
}

/// Why a packet was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// From where nothing may come.
    Stranger,
    /// From where it might have come, had another not been learned, or in time.
    TooLate,
}

/// What is to be done with a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Learned {
    /// Drop it.
    Refused(Refusal),
    /// Nothing yet; it is kept.
    Waiting,
    /// The source is learned: these are its packets so far, with the times at which they came.
    Source(Vec<(Instant, Box<[u8]>)>),
    /// From the source.
    Known,
}

/// Learns the source of a leg.
#[derive(Clone, Debug)]
pub struct Latch {
    sources: Sources,
    opened: Instant,
    source: Option<(SocketAddr, u32)>,
    candidates: Vec<Candidate>,
}

#[derive(Clone, Debug)]
struct Candidate {
    from: SocketAddr,
    ssrc: u32,
    next: u16,
    kept: Vec<(Instant, Box<[u8]>)>,
}

impl Latch {
    /// A leg whose offer or answer was agreed on `now`.
    #[must_use]
    pub const fn new(sources: Sources, now: Instant) -> Self {
        Self { sources, opened: now, source: None, candidates: Vec::new() }
    }

    /// Where the sound comes from, once that is known.
    #[must_use]
    pub fn source(&self) -> Option<SocketAddr> {
        self.source.map(|(from, _)| from)
    }

    /// Judges a packet: `bytes` begin with `header`.
    pub fn judge(&mut self, from: SocketAddr, header: Header, bytes: &[u8], now: Instant) -> Learned {
        // What came in over an IPv6 socket may be an IPv4 sender.
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
        match self.source {
            Some((known, ssrc)) if known == from && ssrc == header.ssrc => return Learned::Known,
            // A new stream from the same source has to prove itself again.
            Some((known, _)) if known == from => {}
            Some(_) if self.may_come_from(from.ip()) => return Learned::Refused(Refusal::TooLate),
            Some(_) => return Learned::Refused(Refusal::Stranger),
            None => {
                if let Some(refusal) = self.refusal(from, now) {
                    return Learned::Refused(refusal);
                }
            }
        }
        self.learn(from, header, bytes, now)
    }

    fn refusal(&self, from: SocketAddr, now: Instant) -> Option<Refusal> {
        if from == self.sources.named {
            return None;
        }
        match (self.may_come_from(from.ip()), now.saturating_duration_since(self.opened) < OPEN) {
            (true, true) => None,
            (true, false) => Some(Refusal::TooLate),
            (false, _) => Some(Refusal::Stranger),
        }
    }

    fn may_come_from(&self, ip: IpAddr) -> bool {
        ip == self.sources.named.ip().to_canonical() || self.sources.allowed.iter().any(|net| net.contains(&ip))
    }

    fn learn(&mut self, from: SocketAddr, header: Header, bytes: &[u8], now: Instant) -> Learned {
        let candidate = self.candidate(from, header);
        if header.sequence != candidate.next {
            candidate.kept.clear();
        }
        candidate.next = header.sequence.wrapping_add(1);
        candidate.kept.push((now, bytes.into()));
        if candidate.kept.len() < ROW {
            return Learned::Waiting;
        }
        let kept = std::mem::take(&mut candidate.kept);
        self.source = Some((from, header.ssrc));
        self.candidates.clear();
        Learned::Source(kept)
    }

    /// The one that this packet speaks for. Where all places are taken, the one that has shown least gives way, and the
    /// named source never does.
    fn candidate(&mut self, from: SocketAddr, header: Header) -> &mut Candidate {
        let same = |candidate: &Candidate| candidate.from == from && candidate.ssrc == header.ssrc;
        let at = self.candidates.iter().position(same).unwrap_or_else(|| {
            if self.candidates.len() >= CANDIDATES {
                let named = self.sources.named;
                let weakest = (0..self.candidates.len())
                    .min_by_key(|at| self.candidates.get(*at).map(|c| (c.from == named, c.kept.len())));
                self.candidates.swap_remove(weakest.unwrap_or(0));
            }
            let kept = Vec::with_capacity(ROW);
            self.candidates.push(Candidate { from, ssrc: header.ssrc, next: header.sequence, kept });
            self.candidates.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found, or pushed just now")]
        &mut self.candidates[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "192.0.2.7:4000";
    const STRANGER: &str = "198.51.100.9:4000";

    struct Stand {
        latch: Latch,
        start: Instant,
    }

    impl Stand {
        fn new(allowed: &[&str]) -> Self {
            let start = Instant::now();
            let allowed = allowed.iter().map(|net| net.parse().expect("a network")).collect();
            let sources = Sources { named: PHONE.parse().expect("an address"), allowed };
            Self { latch: Latch::new(sources, start), start }
        }

        fn hears(&mut self, from: &str, sequence: u16, ssrc: u32, ms: u64) -> Learned {
            let header = Header { payload_type: 0, marker: false, sequence, timestamp: 0, ssrc };
            let now = self.start + Duration::from_millis(ms);
            self.latch.judge(from.parse().expect("an address"), header, &header.write(), now)
        }
    }

    #[test]
    fn four_in_a_row_are_learned_and_none_is_lost() {
        let mut stand = Stand::new(&[]);
        for n in 0..3 {
            assert_eq!(stand.hears(PHONE, 65_534_u16.wrapping_add(n), 5, 20 * u64::from(n)), Learned::Waiting);
        }
        let Learned::Source(kept) = stand.hears(PHONE, 1, 5, 60) else { panic!("not learned") };
        let after: Vec<_> = kept.iter().map(|(at, _)| at.duration_since(stand.start).as_millis()).collect();
        assert_eq!(after, [0, 20, 40, 60]);
        assert_eq!(stand.hears(PHONE, 2, 5, 80), Learned::Known);
    }

    #[test]
    fn a_stranger_is_never_heard_before_or_after() {
        let mut stand = Stand::new(&["203.0.113.0/24"]);
        for n in 0..50 {
            assert_eq!(stand.hears(STRANGER, n, 9, u64::from(n)), Learned::Refused(Refusal::Stranger));
        }
        (0..4).for_each(|n| drop(stand.hears(PHONE, n, 5, 100)));
        assert_eq!(stand.hears(STRANGER, 4, 5, 180), Learned::Refused(Refusal::Stranger));
        assert_eq!(stand.hears("203.0.113.4:9", 4, 5, 180), Learned::Refused(Refusal::TooLate));
        assert_eq!(stand.latch.source(), PHONE.parse().ok());
    }

    #[test]
    fn behind_a_nat_the_first_two_seconds_count() {
        let nat = "203.0.113.4:31000";
        let mut early = Stand::new(&["203.0.113.0/24"]);
        (0..4).for_each(|n| drop(early.hears(nat, n, 5, 1_900)));
        assert_eq!(early.hears(nat, 4, 5, 5_000), Learned::Known);
        let mut late = Stand::new(&["203.0.113.0/24"]);
        assert_eq!(late.hears(nat, 0, 5, 2_000), Learned::Refused(Refusal::TooLate));
        assert_eq!(late.hears("192.0.2.7:4001", 0, 5, 2_000), Learned::Refused(Refusal::TooLate), "another port");
        (0..4).for_each(|n| drop(late.hears(PHONE, n, 5, 9_000)));
        assert_eq!(late.hears(PHONE, 4, 5, 9_020), Learned::Known, "the named source may come late");
    }

    #[test]
    fn a_row_that_breaks_begins_anew() {
        let mut stand = Stand::new(&[]);
        for sequence in [1, 2, 3, 7, 8, 9, 2] {
            assert_eq!(stand.hears(PHONE, sequence, 5, 0), Learned::Waiting);
        }
        (3..5).for_each(|n| drop(stand.hears(PHONE, n, 5, 0)));
        assert!(matches!(stand.hears(PHONE, 5, 5, 0), Learned::Source(kept) if kept.len() == 4));
    }

    #[test]
    fn a_new_stream_of_the_source_proves_itself_and_many_senders_do_not_crowd_it_out() {
        let mut stand = Stand::new(&["203.0.113.0/24"]);
        for n in 0..4 {
            for port in 1..40 {
                drop(stand.hears(&format!("203.0.113.4:{port}"), 0, port, 0));
            }
            assert_eq!(matches!(stand.hears(PHONE, n, 5, 0), Learned::Source(_)), n == 3);
        }
        assert_eq!(stand.hears(PHONE, 70, 6, 100), Learned::Waiting);
        (71..74).for_each(|n| drop(stand.hears(PHONE, n, 6, 100)));
        assert_eq!(stand.hears(PHONE, 74, 6, 100), Learned::Known);
    }
}
