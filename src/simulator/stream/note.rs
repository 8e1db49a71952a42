//! What is worth telling of a stream while it runs.

use std::time::Duration;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::simulator) struct Note {
    /// Since the stream began.
    pub(in crate::simulator) at: Duration,
    pub(in crate::simulator) what: Event,
}

/// What.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::simulator) enum Event {
    /// The line is heard after a silence; how long after the caller fell silent, if it was the caller's turn.
    Heard { after: Option<Duration> },
    /// The caller begins to speak; what, if that is known.
    Speaks { words: Option<&'static str>, over_the_line: bool },
    /// The caller has spoken.
    Silent,
    /// The caller presses a key.
    Presses(char),
    /// The caller puts the phone down.
    HangsUp,
    /// The server drops what has not been played.
    Cleared(Clear),
    /// The caller spoke over the line, and nothing was dropped.
    Missed,
    /// Twilio would log a warning.
    Warned { code: u32, why: String },
}

/// A `clear`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::simulator) struct Clear {
    /// Why it came, as far as it can be told from outside.
    pub(in crate::simulator) cause: Cause,
    /// What was dropped.
    pub(in crate::simulator) dropped: Duration,
    /// Marks that came back with it.
    pub(in crate::simulator) marks: usize,
    /// How long the line had been heard.
    pub(in crate::simulator) heard: Duration,
}

/// Why a `clear` came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Cause {
    /// The caller's voice, so long before.
    Voice { after: Duration },
    /// A key, so long before.
    Key { after: Duration },
    /// Nothing the caller did.
    Nothing,
}

impl Clear {
    /// As a transcript tells it.
    pub(in crate::simulator) fn words(&self) -> String {
        let after = match self.cause {
            Cause::Voice { after } => format!("stops {} ms after the caller's first sound", after.as_millis()),
            Cause::Key { after } => format!("stops {} ms after the key", after.as_millis()),
            Cause::Nothing => "stops by itself".to_owned(),
        };
        let seconds = |time: Duration| time.as_secs_f64();
        let (heard, dropped) = (seconds(self.heard), seconds(self.dropped));
        format!("{after}: heard for {heard:.1} s, {dropped:.2} s dropped, marks back: {}", self.marks)
    }
}
