//! Deadlines of a conversation: what is late, what has failed.

use crate::agents::port::Ms;
use crate::config::agent::Patience;

/// "One moment" is said again after this long: it lasts about a second, and nobody shall hear nothing for two.
const AGAIN_MS: Ms = 2_800;
/// An utterance that was begun and does not go on is given up after this long.
pub(in crate::agents) const DRY_MS: Ms = 1_500;

/// What time brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agents) enum Due {
    /// Somebody waits for a voice: say "one moment".
    Late,
    /// The agent has failed to answer.
    Failed,
}

/// Who waits for what.
#[derive(Debug)]
pub(in crate::agents) struct Vigil {
    patience: Patience,
    /// When the next "one moment" is due, and when waiting ends.
    waits: Option<(Ms, Ms)>,
    /// The caller speaks.
    speaking: bool,
}

impl Vigil {
    pub(in crate::agents) const fn new(patience: Patience) -> Self {
        Self { patience, waits: None, speaking: false }
    }

    /// The first word is the agent's, from now.
    pub(in crate::agents) fn first(&mut self, at: Ms) {
        self.wait(at, self.patience.first_fail_ms);
    }

    pub(in crate::agents) const fn speech_started(&mut self) {
        (self.speaking, self.waits) = (true, None);
    }

    /// The caller's last voice was at `at`, and the agent shall answer.
    pub(in crate::agents) fn speech_ended(&mut self, at: Ms, answer_expected: bool) {
        self.speaking = false;
        if answer_expected {
            self.wait(at, self.patience.answer_fail_ms);
        }
    }

    /// The agent works on an answer: the clock of its failure begins anew, that of the caller's silence does not.
    pub(in crate::agents) fn working(&mut self, at: Ms) {
        if let Some((_, fails)) = &mut self.waits {
            *fails = at + Ms::from(self.patience.answer_fail_ms);
        } else if !self.speaking {
            self.wait(at, self.patience.answer_fail_ms);
        }
    }

    /// The agent has answered, or nobody waits any more.
    pub(in crate::agents) const fn answered(&mut self) {
        self.waits = None;
    }

    pub(in crate::agents) const fn is_waiting(&self) -> bool {
        self.waits.is_some()
    }

    pub(in crate::agents) const fn is_speaking(&self) -> bool {
        self.speaking
    }

    fn wait(&mut self, at: Ms, fail_ms: u32) {
        self.waits = Some((at + Ms::from(self.patience.answer_ms), at + Ms::from(fail_ms)));
    }

    pub(in crate::agents) fn tick(&mut self, at: Ms) -> Option<Due> {
        let (late, fails) = self.waits.as_mut()?;
        if at >= *fails {
            self.waits = None;
            return Some(Due::Failed);
        }
        if at >= *late {
            *late = at + AGAIN_MS;
            return Some(Due::Late);
        }
        None
    }

    pub(in crate::agents) fn wakes(&self) -> Option<Ms> {
        self.waits.map(|(late, fails)| late.min(fails))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(vigil: &mut Vigil, until: Ms) -> Vec<(Ms, Due)> {
        (0..until).filter_map(|at| vigil.tick(at).map(|due| (at, due))).collect()
    }

    #[test]
    fn a_late_answer_is_bridged_and_then_given_up() {
        let mut vigil = Vigil::new(Patience::default());
        vigil.speech_ended(1_000, true);
        let late = [(2_800, Due::Late), (5_600, Due::Late), (8_400, Due::Late), (9_000, Due::Failed)];
        assert_eq!(seen(&mut vigil, 60_000), late);
        vigil.first(0);
        assert_eq!(seen(&mut vigil, 60_000), [(1_800, Due::Late), (4_600, Due::Late), (5_000, Due::Failed)]);
    }

    #[test]
    fn who_answers_or_is_spoken_to_is_not_late() {
        let mut vigil = Vigil::new(Patience::default());
        vigil.first(0);
        vigil.answered();
        assert_eq!(seen(&mut vigil, 10_000), []);
        vigil.first(0);
        vigil.speech_started();
        vigil.speech_ended(5_000, false);
        assert_eq!(seen(&mut vigil, 20_000), []);
    }
}
