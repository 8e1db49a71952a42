//! Which fault strikes which request: the first that waits for it, or else chance.

use super::fault::Fault;
use super::kind::FaultKind;
use sha2::{Digest, Sha256};

/// A fault in waiting.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) id: u64,
    pub(crate) fault: Fault,
    /// Matching requests so far.
    pub(crate) met: u32,
    /// Requests that failed so far.
    pub(crate) struck: u32,
}

/// All faults of a twin.
#[derive(Debug)]
pub(crate) struct Desk {
    seed: u64,
    /// How often chance was asked.
    drawn: u64,
    by_chance: f64,
    last: u64,
    waiting: Vec<Pending>,
}

impl Desk {
    /// `by_chance`: the share of all requests that fail in one way or another.
    pub(crate) const fn new(seed: u64, by_chance: f64) -> Self {
        Self { seed, drawn: 0, by_chance, last: 0, waiting: Vec::new() }
    }

    pub(crate) fn add(&mut self, fault: Fault) -> u64 {
        self.last += 1;
        self.waiting.push(Pending { id: self.last, fault, met: 0, struck: 0 });
        self.last
    }

    pub(crate) fn waiting(&self) -> &[Pending] {
        &self.waiting
    }

    /// Takes one fault away; whether there was one.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|pending| pending.id != id);
        self.waiting.len() < before
    }

    /// Takes all away, and chance with them.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.by_chance = 0.0;
    }

    /// What happens to this request.
    pub(crate) fn draw(&mut self, operation: &str, path: &str) -> Option<Fault> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut struck = None;
        for pending in waiting.iter_mut().filter(|pending| pending.fault.is_meant_for(operation, path)) {
            pending.met += 1;
            if struck.is_none() && self.strikes(pending) {
                struck = Some(pending.fault.clone());
            }
        }
        self.waiting = waiting;
        struck.or_else(|| self.by_chance())
    }

    fn strikes(&mut self, pending: &mut Pending) -> bool {
        let due = pending.met > pending.fault.skip && pending.fault.times.is_none_or(|times| pending.struck < times);
        let strikes = due && (pending.fault.probability >= 1.0 || self.chance() < pending.fault.probability);
        pending.struck += u32::from(strikes);
        strikes
    }

    fn by_chance(&mut self) -> Option<Fault> {
        if self.by_chance <= 0.0 || self.chance() >= self.by_chance {
            return None;
        }
        let kinds = FaultKind::BY_CHANCE;
        let at = usize::try_from(self.number() % kinds.len() as u64).unwrap_or_default();
        kinds.get(at).map(|kind| Fault::next("*", *kind))
    }

    /// From 0 up to 1.
    fn chance(&mut self) -> f64 {
        let few = u32::try_from(self.number() >> 32).unwrap_or_default();
        f64::from(few) / 4_294_967_296.0
    }

    fn number(&mut self) -> u64 {
        self.drawn += 1;
        let hash =
            Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(self.drawn.to_be_bytes()).finalize();
        hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(desk: &mut Desk, n: usize) -> Vec<String> {
        let draw = |desk: &mut Desk| desk.draw("Calls.create", "/x").map_or_else(String::new, |f| f.kind.to_string());
        (0..n).map(|_| draw(desk)).collect()
    }

    #[test]
    fn the_nth_request_fails_and_no_other() {
        let mut desk = Desk::new(1, 0.0);
        desk.add(Fault::nth("Calls.*", 3, FaultKind::CutAfter));
        assert_eq!(row(&mut desk, 5), ["", "", "cut-after", "", ""]);
        desk.add(Fault::always("*", FaultKind::Status(500)));
        assert_eq!(row(&mut desk, 2), ["500", "500"]);
        assert!(desk.remove(2) && !desk.remove(2));
        assert_eq!(row(&mut desk, 1), [""]);
    }

    #[test]
    fn chance_follows_from_the_seed() {
        let (a, b, c) = (Desk::new(7, 0.2), Desk::new(7, 0.2), Desk::new(8, 0.2));
        let [a, b, c] = [a, b, c].map(|mut desk| row(&mut desk, 500));
        assert_eq!(a, b);
        assert_ne!(a, c);
        let struck = a.iter().filter(|kind| !kind.is_empty()).count();
        assert!((60..140).contains(&struck), "{struck}");
    }
}
