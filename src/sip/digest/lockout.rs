//! Sources that guess passwords. Only digests that were wrong count: never syntax, never a stale nonce, and never a source
//! that the file names.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Guesses that anybody may make.
const FREE: u32 = 5;
/// The first lock; each guess behind it doubles the next.
const FIRST: Duration = Duration::from_secs(30);
/// The longest; also how long a guess is remembered.
const LONGEST: Duration = Duration::from_secs(3600);
/// Sources remembered.
const SOURCES: usize = 10_000;

/// Who guessed, how often, and until when they are locked out.
#[derive(Debug, Default)]
pub struct Lockout {
    sources: HashMap<IpAddr, Guesses>,
}

#[derive(Debug)]
struct Guesses {
    count: u32,
    last: Instant,
    until: Instant,
}

impl Lockout {
    /// A digest was wrong. True when that locks its source out.
    pub fn failed(&mut self, source: IpAddr, now: Instant) -> bool {
        if self.sources.len() >= SOURCES && !self.sources.contains_key(&source) {
            self.sources.retain(|_, guesses| now.saturating_duration_since(guesses.last) < LONGEST);
            if self.sources.len() >= SOURCES {
                return false;
            }
        }
        let guesses = self.sources.entry(source).or_insert(Guesses { count: 0, last: now, until: now });
        if now.saturating_duration_since(guesses.last) >= LONGEST {
            guesses.count = 0;
        }
        (guesses.count, guesses.last) = (guesses.count.saturating_add(1), now);
        let Some(over) = guesses.count.checked_sub(FREE) else { return false };
        guesses.until = now + LONGEST.min(FIRST * 2u32.saturating_pow(over.min(16)));
        true
    }

    /// A password was known: what was before is forgotten.
    pub fn proved(&mut self, source: IpAddr) {
        self.sources.remove(&source);
    }

    /// Whether this source is locked out.
    #[must_use]
    pub fn holds(&self, source: IpAddr, now: Instant) -> bool {
        self.sources.get(&source).is_some_and(|guesses| now < guesses.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_guess_locks_and_each_one_more_doubles() {
        let (mut lockout, start) = (Lockout::default(), Instant::now());
        let source = "192.0.2.66".parse().expect("an address");
        let at = |s: u64| start + Duration::from_secs(s);
        (0..4).for_each(|n| assert!(!lockout.failed(source, at(n))));
        assert!(!lockout.holds(source, at(4)));
        assert!(lockout.failed(source, at(4)));
        assert!(lockout.holds(source, at(33)) && !lockout.holds(source, at(34)));
        assert!(lockout.failed(source, at(40)));
        assert!(lockout.holds(source, at(99)) && !lockout.holds(source, at(100)));
        lockout.proved(source);
        assert!(!lockout.failed(source, at(101)), "what was before is forgotten");
        assert!(!lockout.failed(source, at(5_000)));
    }
}
