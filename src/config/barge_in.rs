//! How soon a caller's voice counts, a line: `[lines.barge_in]`, or one word in `[lines.agent]`.

/// A named operating point. docs/BARGE_IN.md has the rates measured for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BargeInPreset {
    /// Sooner, with more false alarms.
    Fast,
    /// Between.
    #[default]
    Balanced,
    /// Later, with fewer.
    Calm,
}

impl BargeInPreset {
    /// All of them, the most eager first.
    pub const ALL: [Self; 3] = [Self::Fast, Self::Balanced, Self::Calm];

    /// As the file writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Balanced => "balanced",
            Self::Calm => "calm",
        }
    }

    /// The numbers behind the name.
    #[must_use]
    pub const fn numbers(self) -> BargeIn {
        let evidence = match self {
            Self::Fast => 3,
            Self::Balanced => 5,
            Self::Calm => 9,
        };
        BargeIn { preset: self, evidence, speech_ms: 100, silence_ms: 500 }
    }
}

/// What a line listens by: a preset's numbers, and what is written otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BargeIn {
    /// Where the numbers come from that are not written.
    pub preset: BargeInPreset,
    /// Evidence of speech, in units of log-odds, that interrupts a prompt: more is slower and surer. 1 to 30.
    pub evidence: u8,
    /// Voice that makes speech while nothing plays. 20 to 1000, in steps of 20.
    pub speech_ms: u32,
    /// Quiet after which the caller has stopped, and an answer is due. 100 to 3000, in steps of 20.
    pub silence_ms: u32,
}

impl Default for BargeIn {
    fn default() -> Self {
        BargeInPreset::default().numbers()
    }
}
