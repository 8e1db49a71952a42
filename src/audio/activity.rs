//! Whether a caller is speaking: four states, counted in frames.

/// What a caller is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Voice {
    /// Nothing that sounds like speech.
    #[default]
    Silent,
    /// It may be speech: playback can be held, and go on if it was not.
    Suspected,
    /// The caller speaks.
    Speaking,
    /// The caller has paused, and may go on.
    Trailing,
}

/// The four states, moved on by one verdict a frame.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Activity {
    voice: Voice,
    /// Frames in a row that spoke against the present state.
    against: u16,
    /// Frames in a row that sounded like speech.
    heard: u16,
}

/// How many frames make a state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Frames of sound until it is speech.
    pub(super) speaking: u16,
    /// Frames of quiet until a caller has stopped.
    pub(super) silent: u16,
}

impl Activity {
    pub(super) fn voice(&self) -> Voice {
        self.voice
    }

    /// One frame: whether it sounds like speech, and whether that is beyond doubt.
    pub(super) fn step(&mut self, sounds: bool, certain: bool, patience: Patience) {
        let sounds = sounds || certain;
        self.heard = if sounds { self.heard.saturating_add(1) } else { 0 };
        self.against = if sounds { 0 } else { self.against.saturating_add(1) };
        let speaking = certain || self.heard >= patience.speaking;
        self.voice = match self.voice {
            Voice::Silent | Voice::Suspected if speaking => Voice::Speaking,
            Voice::Silent | Voice::Suspected if sounds => Voice::Suspected,
            Voice::Silent | Voice::Suspected => Voice::Silent,
            Voice::Speaking | Voice::Trailing if sounds => Voice::Speaking,
            Voice::Speaking | Voice::Trailing if self.against >= patience.silent => Voice::Silent,
            Voice::Speaking | Voice::Trailing => Voice::Trailing,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { speaking: 3, silent: 4 };

    fn walk(frames: &str) -> String {
        let mut activity = Activity::default();
        let step = |frame| {
            activity.step(frame != '.', frame == '!', PATIENCE);
            match activity.voice() {
                Voice::Silent => '-',
                Voice::Suspected => '?',
                Voice::Speaking => 'S',
                Voice::Trailing => 't',
            }
        };
        frames.chars().map(step).collect()
    }

    #[test]
    fn states_follow_the_frames() {
        assert_eq!(walk("..xx..xxxx..x....x"), "--??--??SSttSttt-?");
        assert_eq!(walk("!...."), "Sttt-");
    }
}
