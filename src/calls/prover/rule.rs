//! What every flow keeps, and how a breach is mended.

use serde::Serialize;
use std::fmt;

/// A rule that every flow keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Every document for somebody who listens leads on, or hangs up on purpose.
    DeadEnd,
    /// No way round without a key or a word of the caller.
    EndlessLoop,
    /// No call that makes another call to this service, which makes another.
    CallsItself,
    /// Who was not put through is not hung up on.
    HungUpOn,
    /// Who is asked for a key before he gets a call does not get it without.
    NotAccepted,
    /// A call for help rings the emergency number.
    EmergencyUnheard,
    /// A consent row stands before, or beside, every verb that captures a voice.
    RecordingBeforeConsent,
    /// Whoever records tells us what became of it.
    RecordingUntold,
    /// A stream has an action or a verb behind it.
    StreamWithoutNext,
    /// The carrier transcribes at most 120 s.
    CarrierTranscription,
    /// Every URL leads to a route of ours.
    UnknownRoute,
    /// Every answer is TwiML that the carrier executes in full.
    Unreadable,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 12] = [
        Self::DeadEnd,
        Self::EndlessLoop,
        Self::CallsItself,
        Self::HungUpOn,
        Self::NotAccepted,
        Self::EmergencyUnheard,
        Self::RecordingBeforeConsent,
        Self::RecordingUntold,
        Self::StreamWithoutNext,
        Self::CarrierTranscription,
        Self::UnknownRoute,
        Self::Unreadable,
    ];

    /// What is demanded, in a sentence.
    #[must_use]
    pub const fn demands(self) -> &'static str {
        match self {
            Self::DeadEnd => "whatever happens, a verb follows or the call ends on purpose",
            Self::EndlessLoop => "nothing goes round by itself for a caller who is silent",
            Self::CallsItself => "no lines ring each other without the caller's doing",
            Self::HungUpOn => "a caller whom nobody took is led on, not hung up on",
            Self::NotAccepted => "a mailbox that picks up is not connected: it presses no key",
            Self::EmergencyUnheard => "words that call for help ring the emergency number",
            Self::RecordingBeforeConsent => "a voice is captured only behind a stored consent",
            Self::RecordingUntold => "the carrier tells us what became of every recording",
            Self::StreamWithoutNext => "a live stream has something behind it",
            Self::CarrierTranscription => "the carrier transcribes nothing longer than 120 s",
            Self::UnknownRoute => "URLs are ours; those of streams are wss:// without a query",
            Self::Unreadable => "answers are TwiML that the carrier executes whole, under 64 kB",
        }
    }

    /// How to mend a breach.
    #[must_use]
    pub const fn mend(self) -> &'static str {
        match self {
            Self::DeadEnd => "lead on to a menu, a dial or voicemail, or say goodbye with `hangup`",
            Self::EndlessLoop => "let `otherwise` lead to voicemail, a dial or `hangup`",
            Self::CallsItself => "dial a person, or lead there with { menu = \"…\" }",
            Self::HungUpOn => "lead on to voicemail, another target or a menu",
            Self::NotAccepted => "connect on the key alone, and hang up the leg otherwise",
            Self::EmergencyUnheard => "ring [lines.emergency] number for these words, before anything else",
            Self::RecordingBeforeConsent => {
                "store the consent in an earlier webhook, or with the document that records"
            }
            Self::RecordingUntold => "give the recording a status callback of ours",
            Self::StreamWithoutNext => "give `<Connect>` an action, or a verb behind it",
            Self::CarrierTranscription => "set `transcript = \"real-time\"`, or `max_s` to 120 or less",
            Self::UnknownRoute => "hand out absolute URLs of our own routes only",
            Self::Unreadable => "shorten the line's texts; the carrier takes documents of at most 64 kB",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DeadEnd => "dead end",
            Self::EndlessLoop => "endless loop",
            Self::CallsItself => "calls itself",
            Self::HungUpOn => "hung up on",
            Self::NotAccepted => "connected without a key",
            Self::EmergencyUnheard => "call for help unheard",
            Self::RecordingBeforeConsent => "recording before consent",
            Self::RecordingUntold => "recording nobody is told of",
            Self::StreamWithoutNext => "stream with nothing behind it",
            Self::CarrierTranscription => "carrier transcription over 120 s",
            Self::UnknownRoute => "URL that leads nowhere",
            Self::Unreadable => "unreadable answer",
        })
    }
}
