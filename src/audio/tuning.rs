//! How eager an ear is.

use std::fmt;
use std::str::FromStr;

/// A named operating point. docs/BARGE_IN.md has the rates measured for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preset {
    /// Stops the prompt soonest, and for nothing a little more often.
    Fast,
    /// What fits most lines.
    #[default]
    Balanced,
    /// For noisy callers and prompts that must not be cut: waits for more evidence.
    Calm,
}

impl Preset {
    /// All of them, the most eager first.
    pub const ALL: [Self; 3] = [Self::Fast, Self::Balanced, Self::Calm];

    /// The numbers behind the name.
    #[must_use]
    pub fn tuning(self) -> Tuning {
        let evidence = match self {
            Self::Fast => 3.0,
            Self::Balanced => 5.0,
            Self::Calm => 9.0,
        };
        Tuning { evidence, speaking_after: 5, silent_after: 25 }
    }

    /// The name, as configuration and `--preset` spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Balanced => "balanced",
            Self::Calm => "calm",
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(text: &str) -> Result<Self, UnknownPreset> {
        Self::ALL.into_iter().find(|preset| preset.name() == text).ok_or(UnknownPreset)
    }
}

/// No preset has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("presets are fast, balanced and calm")]
pub struct UnknownPreset;

/// What an ear decides by. Start from a [`Preset`], and change what a line needs otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuning {
    /// Evidence of speech that makes an interruption. Each frame of clear speech adds a few; more is slower and surer.
    pub evidence: f32,
    /// Frames (20 ms) of voice that make speech while nothing plays.
    pub speaking_after: u16,
    /// Frames of quiet after which a caller has stopped speaking.
    pub silent_after: u16,
}

impl Default for Tuning {
    fn default() -> Self {
        Preset::default().tuning()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_presets() {
        for preset in Preset::ALL {
            assert_eq!(preset.to_string().parse(), Ok(preset));
        }
        assert_eq!("eager".parse::<Preset>(), Err(UnknownPreset));
    }
}
