//! Whether a socket lives: a ping every five seconds, and any frame counts.

use crate::agents::port::Ms;

const EVERY_MS: Ms = 5_000;
const ANSWER_MS: Ms = 2_000;

/// Signs of life of one socket.
#[derive(Debug)]
pub(in crate::agents) struct Life {
    ping_at: Ms,
    /// When an answer is missed.
    missed_at: Option<Ms>,
    misses: u32,
}

/// What time brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agents) enum Sign {
    Ping,
    Dead,
}

impl Life {
    /// A socket that opened just now.
    pub(in crate::agents) const fn new(at: Ms) -> Self {
        Self { ping_at: at + EVERY_MS, missed_at: None, misses: 0 }
    }

    /// A frame came.
    pub(in crate::agents) const fn heard(&mut self) {
        (self.missed_at, self.misses) = (None, 0);
    }

    /// Two missed answers are death; one, while a caller waits for an answer.
    pub(in crate::agents) fn tick(&mut self, at: Ms, waited_for: bool) -> Option<Sign> {
        if self.missed_at.is_some_and(|missed| at >= missed) {
            self.missed_at = None;
            self.misses += 1;
            if waited_for || self.misses >= 2 {
                return Some(Sign::Dead);
            }
        }
        if at < self.ping_at {
            return None;
        }
        self.ping_at = at + EVERY_MS;
        self.missed_at = self.missed_at.or(Some(at + ANSWER_MS));
        Some(Sign::Ping)
    }

    pub(in crate::agents) fn wakes(&self) -> Ms {
        self.missed_at.map_or(self.ping_at, |missed| missed.min(self.ping_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_missed_answers_are_death_and_one_while_somebody_waits() {
        for (waits, dead_at) in [(false, 12_000), (true, 7_000)] {
            let mut life = Life::new(0);
            let mut at = 0;
            while life.tick(at, waits) != Some(Sign::Dead) {
                at = life.wakes();
            }
            assert_eq!(at, dead_at);
        }
    }

    #[test]
    fn any_frame_counts() {
        let mut life = Life::new(0);
        for at in (0..60_000).step_by(20) {
            assert_ne!(life.tick(at, true), Some(Sign::Dead), "{at}");
            if at % 1_500 == 0 {
                life.heard();
            }
        }
    }
}
