//! What a Gather heard (PROTOCOL.md 2.6).

use super::call::Call;
use super::field::webhook;

webhook! {
    /// A Gather's action. With `actionOnEmptyResult` it also comes when nothing was heard: then `digits` is empty or
    /// missing, so is `speech`.
    GatherResult {
        /// The call.
        call: Call<'a>,
        /// Keys, without the one that ended it.
        digits: Option<&'a str> = "Digits",
        /// Words.
        speech: Option<&'a str> = "SpeechResult",
        /// How sure the recogniser is, 0 to 1; may be missing.
        confidence: Option<f64> = "Confidence",
        /// BCP 47.
        language: Option<&'a str> = "Language",
        /// The key that ended it, or empty. Undocumented.
        finished_on_key: Option<&'a str> = "FinishedOnKey",
        /// `Gather End`. Undocumented.
        message: Option<&'a str> = "msg",
    }

    /// Words as they come (`partialResultCallback`).
    GatherPartial {
        /// The call.
        call: Call<'a>,
        /// Words that may still change.
        unstable: Option<&'a str> = "UnstableSpeechResult",
        /// Words that will not.
        stable: Option<&'a str> = "StableSpeechResult",
        /// How stable the unstable ones are, 0 to 1.
        stability: Option<f64> = "Stability",
        /// Place in the order; arrival may be in another.
        sequence: Option<u32> = "SequenceNumber",
    }
}

impl<'a> GatherResult<'a> {
    /// The keys, if any were pressed.
    #[must_use]
    pub fn keys(&self) -> Option<&'a str> {
        self.digits.filter(|digits| !digits.is_empty())
    }

    /// The words, if any were said.
    #[must_use]
    pub fn words(&self) -> Option<&'a str> {
        self.speech.filter(|speech| !speech.trim().is_empty())
    }
}
