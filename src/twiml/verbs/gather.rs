//! Gather: keys and words of the caller (PROTOCOL.md 3.3).

use super::{GatherInput, Method, Prompted};
use crate::twiml::xml::{Read, Value, element};
use std::borrow::Cow;

element! {
    /// Listens for keys or words while it plays what stands inside. Without input the next verb runs.
    #[derive(Default)]
    Gather "Gather" [
        /// What plays meanwhile.
        prompts: Vec<Prompted>
    ] {
        /// Where the input goes (the current document: a loop).
        action: String = "action",
        /// How `action` is requested (POST).
        method: Method = "method",
        /// What counts (dtmf).
        input: GatherInput = "input",
        /// Seconds of silence after the prompt or the last key (5).
        timeout: u32 = "timeout",
        /// Ends after so many keys (no limit).
        num_digits: u32 = "numDigits",
        /// One of `0-9 * #` ends it; empty: none does (`#`).
        finish_on_key: String = "finishOnKey",
        /// Request `action` even without input (false).
        action_on_empty_result: bool = "actionOnEmptyResult",
        /// Silence that ends speech (`timeout`).
        speech_timeout: SpeechTimeout = "speechTimeout",
        /// `default`, `phone_call`, `googlev2_telephony`, `deepgram_nova-3` and more.
        speech_model: String = "speechModel",
        /// BCP 47 (en-US).
        language: String = "language",
        /// Expected phrases, separated by commas: at most 500, of 100 characters.
        hints: String = "hints",
        /// Swear words become asterisks (true).
        profanity_filter: bool = "profanityFilter",
        /// Deprecated by `speech_model`.
        enhanced: bool = "enhanced",
        /// Told of words as they come.
        partial_result_callback: String = "partialResultCallback",
        /// How it is requested (POST).
        partial_result_callback_method: Method = "partialResultCallbackMethod",
        /// Keys or words stop the prompt (true).
        barge_in: bool = "bargeIn",
        /// Longest speech, seconds (60).
        max_speech_time: u32 = "maxSpeechTime",
        /// Undocumented.
        debug: bool = "debug",
    }
}

impl Gather {
    /// Nothing set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a prompt at the end.
    #[must_use]
    pub fn then(mut self, prompt: impl Into<Prompted>) -> Self {
        self.prompts.push(prompt.into());
        self
    }
}

/// How long a silence ends speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpeechTimeout {
    /// The recogniser decides; not together with a chosen `speechModel`.
    Auto,
    /// Seconds.
    Seconds(u32),
}

impl Value for SpeechTimeout {
    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Auto => Cow::Borrowed("auto"),
            Self::Seconds(seconds) => Cow::Owned(seconds.to_string()),
        }
    }

    fn read(text: &str) -> Read<Self> {
        match text.parse() {
            Ok(seconds) => Read::Whole(Self::Seconds(seconds)),
            Err(_) if text == "auto" => Read::Whole(Self::Auto),
            Err(_) => Read::Nothing,
        }
    }
}
