//! Ports for sound: even, picked at random, and not used again until late packets of the call before are gone.

use std::collections::{HashSet, VecDeque};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a port rests.
const REST: Duration = Duration::from_secs(5);

/// All of them, for everybody in this process who needs one. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ports {
    first: u16,
    /// How many there are.
    count: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    used: HashSet<u16>,
    resting: VecDeque<(Instant, u16)>,
}

/// One of them, open. It rests when this is dropped.
#[derive(Debug)]
pub(in crate::paging) struct Port {
    number: u16,
    ports: Ports,
}

impl Ports {
    /// Those of a range that are even.
    #[must_use]
    pub fn new(range: &RangeInclusive<u16>) -> Self {
        let first = range.start().saturating_add(range.start() % 2);
        let count = range.end().checked_sub(first).map_or(0, |span| span / 2 + 1);
        Self { first, count, state: Arc::default() }
    }

    /// Opens one. `None`: all are taken, or none can be opened.
    pub(in crate::paging) fn open(&self, ip: IpAddr, random: u64, now: Instant) -> Option<(Port, UdpSocket)> {
        let mut state = self.state();
        while let Some((since, port)) = state.resting.front().copied() {
            if now.saturating_duration_since(since) < REST {
                break;
            }
            state.resting.pop_front();
            state.used.remove(&port);
        }
        let begin = u16::try_from(random % u64::from(self.count.max(1))).unwrap_or(0);
        let order = (begin..self.count).chain(0..begin).map(|n| self.first.saturating_add(2 * n));
        for number in order {
            if state.used.contains(&number) {
                continue;
            }
            // Another program may have it.
            let Ok(socket) = UdpSocket::bind(SocketAddr::new(ip, number)) else { continue };
            socket.set_nonblocking(true).ok()?;
            state.used.insert(number);
            return Some((Port { number, ports: self.clone() }, socket));
        }
        None
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.ports.state().resting.push_back((Instant::now(), self.number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_even_run_out_and_rest() {
        let (ports, now) = (Ports::new(&(40_001..=40_006)), Instant::now());
        let ip = "127.0.0.1".parse().expect("an address");
        let open = |at: Instant| ports.open(ip, 7, at);
        let all: Vec<_> = (0..3).map_while(|_| open(now)).collect();
        let mut numbers: Vec<u16> = all.iter().map(|(port, _)| port.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [40_002, 40_004, 40_006]);
        assert!(open(now).is_none());
        drop(all);
        assert!(open(now).is_none(), "they rest");
        assert!(open(now + 2 * REST).is_some());
    }
}
