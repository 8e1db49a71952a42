//! ConversationRelay: Twilio hears and speaks, the socket carries words (PROTOCOL.md 5.1).

use super::{Interruption, Parameter, RelayDebugs, Sensitivity, TextNormalization};
use crate::twiml::xml::{choice, element};

choice! {
    /// What may stand in a ConversationRelay.
    RelayNoun { Language, Parameter }
}

element! {
    /// A conversation in text; Twilio transcribes and speaks.
    #[derive(Default)]
    ConversationRelay "ConversationRelay" [
        /// Languages it may change to, and what the socket is told.
        nouns: Vec<RelayNoun>
    ] {
        /// `wss://`.
        url: String = "url",
        /// Said first.
        welcome_greeting: String = "welcomeGreeting",
        /// What interrupts the greeting (any).
        welcome_greeting_interruptible: Interruption = "welcomeGreetingInterruptible",
        /// BCP 47, both ways (en-US).
        language: String = "language",
        /// Of what is spoken.
        tts_language: String = "ttsLanguage",
        /// `Google`, `Amazon`, `ElevenLabs` (ElevenLabs).
        tts_provider: String = "ttsProvider",
        /// The provider's name of it.
        voice: String = "voice",
        /// Of what is heard.
        transcription_language: String = "transcriptionLanguage",
        /// `Google`, `Deepgram` (Deepgram).
        transcription_provider: String = "transcriptionProvider",
        /// The provider's name of it.
        speech_model: String = "speechModel",
        /// What interrupts the agent (any).
        interruptible: Interruption = "interruptible",
        /// How easily (high).
        interrupt_sensitivity: Sensitivity = "interruptSensitivity",
        /// Report keys (false).
        dtmf_detection: bool = "dtmfDetection",
        /// What is reported while the agent speaks (none).
        report_input_during_agent_speech: Interruption = "reportInputDuringAgentSpeech",
        /// A new text cuts off the one being spoken (false).
        preemptible: bool = "preemptible",
        /// Expected phrases, separated by commas.
        hints: String = "hints",
        /// Extra messages.
        debug: RelayDebugs = "debug",
        /// Spell out numbers first (off).
        elevenlabs_text_normalization: TextNormalization = "elevenlabsTextNormalization",
        /// Conversational Intelligence service.
        intelligence_service: String = "intelligenceService",
        /// Swear words become asterisks.
        profanity_filter: bool = "profanityFilter",
        /// Send what is heard as it comes.
        partial_prompts: bool = "partialPrompts",
    }

    /// A language with its voice and recogniser; does not select it.
    #[derive(Default)]
    Language "Language" {
        /// BCP 47.
        code: String = "code",
        /// As in [`ConversationRelay`].
        tts_provider: String = "ttsProvider",
        /// The provider's name of it.
        voice: String = "voice",
        /// As in [`ConversationRelay`].
        transcription_provider: String = "transcriptionProvider",
        /// The provider's name of it.
        speech_model: String = "speechModel",
    }
}

impl ConversationRelay {
    /// Talks with the socket at `url`.
    #[must_use]
    pub fn to(url: impl Into<String>) -> Self {
        Self::default().url(url)
    }

    /// Adds a language or a parameter at the end.
    #[must_use]
    pub fn then(mut self, noun: impl Into<RelayNoun>) -> Self {
        self.nouns.push(noun.into());
        self
    }
}
