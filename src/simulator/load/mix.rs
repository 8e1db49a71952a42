//! Who calls, and what they do.

use crate::simulator::SimulatorError;
use crate::simulator::act::Act;
use crate::simulator::script::{Callee, Script};
use std::time::Duration;

/// A kind of caller. The keys are those of the built-in line; on another line they are whatever they are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Presses 1 and talks to somebody.
    Dial,
    /// Presses 2, nobody answers, leaves a message.
    NoAnswer,
    /// Presses 9 and leaves a message.
    Voicemail,
    /// Says and presses nothing.
    Silence,
    /// Presses a key that leads nowhere, twice.
    WrongKeys,
    /// Hangs up while the menu is read.
    HangUp,
    /// Presses 0 to refuse being recorded, then talks to somebody.
    Refuse,
    /// Presses 3 for a conversation with the machine, interrupts it twice, and leaves a message. On a chaotic day they
    /// have enough of it at once.
    Talk,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Dial,
        Self::NoAnswer,
        Self::Voicemail,
        Self::Silence,
        Self::WrongKeys,
        Self::HangUp,
        Self::Refuse,
        Self::Talk,
    ];

    /// The name in a mix.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dial => "dial",
            Self::NoAnswer => "no-answer",
            Self::Voicemail => "voicemail",
            Self::Silence => "silence",
            Self::WrongKeys => "wrong-keys",
            Self::HangUp => "hang-up",
            Self::Refuse => "refuse",
            Self::Talk => "talk",
        }
    }

    /// What such a caller does.
    #[must_use]
    pub fn script(self) -> Script {
        let keys = |keys: &str| Script { acts: keys.chars().map(Act::Key).collect(), ..Script::default() };
        match self {
            Self::Dial => Script { callees: vec![Callee::ANSWERS], ..keys("1") },
            Self::NoAnswer => Script { callees: vec![Callee::NoAnswer], ..keys("2") },
            Self::Voicemail => keys("9"),
            Self::Silence => keys(""),
            Self::WrongKeys => keys("55"),
            Self::Refuse => Script { callees: vec![Callee::ANSWERS], ..keys("01") },
            // Live streams take real time: a short one.
            Self::Talk => Script { acts: TALK.to_vec(), ..Script::default() },
            Self::HangUp => Script { hang_up_after: Duration::from_secs(2), ..keys("") },
        }
    }
}

const TALK: [Act; 3] = [Act::Key('3'), Act::Wait(Duration::from_millis(300)), Act::Key('#')];

/// A conversation in which the line is interrupted twice, after it has been heard for one to four seconds each time.
pub(super) fn talk(chance: u64) -> Vec<Act> {
    let pause = |bits: u32| Act::Wait(Duration::from_millis(1000 + (chance >> bits) % 3000));
    vec![Act::Key('3'), pause(0), Act::Speak, pause(12), Act::Speak, pause(24), Act::Key('#')]
}

/// Scenarios by weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix(Vec<(Scenario, u64)>);

impl Default for Mix {
    fn default() -> Self {
        Self(vec![
            (Scenario::Dial, 5),
            (Scenario::NoAnswer, 2),
            (Scenario::Voicemail, 1),
            (Scenario::Silence, 1),
            (Scenario::WrongKeys, 1),
            (Scenario::HangUp, 1),
        ])
    }
}

impl Mix {
    /// All kinds of callers, for a chaotic day.
    #[must_use]
    pub fn everybody() -> Self {
        let weight = |scenario| match scenario {
            Scenario::Dial | Scenario::NoAnswer | Scenario::Voicemail => 3,
            _ => 1,
        };
        Self(Scenario::ALL.into_iter().map(|scenario| (scenario, weight(scenario))).collect())
    }

    /// Reads `dial=5,voicemail=2`.
    ///
    /// # Errors
    /// [`SimulatorError::Mix`].
    pub fn parse(text: &str) -> Result<Self, SimulatorError> {
        let part = |part: &str| {
            let (name, weight) = part.trim().split_once('=')?;
            let scenario = Scenario::ALL.into_iter().find(|each| each.as_str() == name)?;
            Some((scenario, weight.parse::<u32>().ok()?.into()))
        };
        let parts: Option<Vec<_>> = text.split(',').map(part).collect();
        let sound = parts.filter(|parts| parts.iter().any(|(_, weight)| *weight > 0));
        sound.map(Self).ok_or_else(|| {
            let names: Vec<_> = Scenario::ALL.iter().map(|each| each.as_str()).collect();
            SimulatorError::Mix(text.to_owned(), names.join(", "))
        })
    }

    /// The scenario that `chance` falls on.
    #[must_use]
    pub fn pick(&self, chance: u64) -> Scenario {
        let total: u64 = self.0.iter().map(|(_, weight)| weight).sum();
        let mut left = chance % total.max(1);
        for (scenario, weight) in &self.0 {
            if left < *weight {
                return *scenario;
            }
            left -= weight;
        }
        Scenario::Dial
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_gives_each_scenario_its_weight() {
        let mix = Mix::parse("dial=3, hang-up=1,silence=0").unwrap();
        let picked: Vec<_> = (0..4).map(|chance| mix.pick(chance).as_str()).collect();
        assert_eq!(picked, ["dial", "dial", "dial", "hang-up"]);
        for bad in ["", "dial", "dial=x", "sing=1", "dial=0"] {
            assert!(Mix::parse(bad).is_err(), "{bad}");
        }
    }
}
