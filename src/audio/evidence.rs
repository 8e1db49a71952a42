//! From the network's opinion of each frame to a decision.

/// No frame, however clear, counts for more.
const MOST: f32 = 6.0;
/// Quiet frames in a row after which the next utterance may be told.
const REARM: u16 = 12;

/// Adds up log-odds: each frame of speech adds, each other frame takes away.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evidence {
    sum: f32,
    told: bool,
    quiet: u16,
}

impl Evidence {
    /// One frame; true on the one where there is enough evidence, once an utterance.
    pub(super) fn weigh(&mut self, log_odds: f32, enough: f32) -> bool {
        self.sum = (self.sum + log_odds.clamp(-MOST, MOST)).min(enough.max(0.0) + MOST).max(0.0);
        self.quiet = if log_odds < 0.0 { self.quiet.saturating_add(1) } else { 0 };
        if self.quiet >= REARM {
            self.told = false;
        }
        let decided = self.sum >= enough && !self.told;
        self.told |= decided;
        decided
    }

    /// Silence: there is nothing to weigh.
    pub(super) fn rest(&mut self) {
        self.sum = 0.0;
        self.quiet = self.quiet.saturating_add(1);
        if self.quiet >= REARM {
            self.told = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_utterance_is_told_once() {
        let mut evidence = Evidence::default();
        let mut told = |log_odds: f32, frames: usize| (0..frames).filter(|_| evidence.weigh(log_odds, 6.0)).count();
        assert_eq!([told(-3.0, 20), told(2.0, 2), told(2.0, 30), told(-1.0, 5), told(3.0, 30)], [0, 0, 1, 0, 0]);
        assert_eq!([told(-3.0, 12), told(9.0, 1), told(9.0, 1)], [0, 1, 0]);
    }
}
