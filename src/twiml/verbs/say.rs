//! What a caller hears: Say, Play, Pause.

use super::ssml::Speech;
use crate::twiml::xml::{choice, element};

element! {
    /// Speaks.
    #[derive(Default)]
    Say "Say" [
        /// The words, with SSML where the voice knows it (`man` and `woman` do not).
        speech: Vec<Speech>
    ] {
        /// `man`, `woman`, `alice`, `Polly.…`, `Google.…` (the account's).
        voice: String = "voice",
        /// BCP 47 (`en-US`).
        language: String = "language",
        /// Times; 0 is until the caller hangs up, at most 1000 (1).
        loops: u32 = "loop",
    }

    /// Plays a sound file.
    #[derive(Default)]
    Play "Play" [
        /// Where it is: mpeg, wav, aiff, gsm or ulaw.
        url: String
    ] {
        /// Times; 0 is until the caller hangs up, at most 1000 (1).
        loops: u32 = "loop",
    }

    /// Presses keys; not inside a Gather.
    #[derive(Default)]
    PlayDigits "Play" with "digits" {
        /// `0-9 A-D * #`; `w` waits half a second, `W` a second.
        digits: String = "digits",
        /// Times; 0 is until the caller hangs up, at most 1000 (1).
        loops: u32 = "loop",
    }

    /// Waits in silence.
    #[derive(Default)]
    Pause "Pause" {
        /// Seconds (1).
        length: u32 = "length",
    }
}

choice! {
    /// What may stand in a Gather or a Prompt: words, sounds, silence; nothing that presses keys.
    Prompted { Say, Play, Pause }
}

impl Say {
    /// Speaks `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { speech: vec![Speech::Text(text.into())], ..Self::default() }
    }

    /// Adds words or SSML at the end.
    #[must_use]
    pub fn then(mut self, more: impl Into<Speech>) -> Self {
        self.speech.push(more.into());
        self
    }

    /// The words without their SSML.
    #[must_use]
    pub fn words(&self) -> String {
        Speech::words(&self.speech)
    }
}

impl Play {
    /// Plays what is at `url`.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), loops: None }
    }
}

impl PlayDigits {
    /// Presses `digits`.
    #[must_use]
    pub fn new(digits: impl Into<String>) -> Self {
        Self { digits: Some(digits.into()), loops: None }
    }
}

impl Pause {
    /// Waits `length` seconds.
    #[must_use]
    pub const fn seconds(length: u32) -> Self {
        Self { length: Some(length) }
    }
}
