//! What the agent tells a stream.

use super::{Speech, ToolCall, Transcript, Utt, When};
use bytes::Bytes;

/// One word of the agent to the stream.
#[derive(Clone, Debug, PartialEq)]
pub enum FromAgent {
    /// It can talk now. The first word, but for [`FromAgent::Failed`].
    Ready(Ready),
    /// Sound to play, any length; a new `utt` is a new utterance behind those that wait.
    Audio {
        /// Which utterance.
        utt: Utt,
        /// Mu-law.
        data: Bytes,
        /// The caller may cut it. The first word of an utterance decides.
        interruptible: bool,
    },
    /// The utterance is complete.
    AudioEnd {
        /// Which one.
        utt: Utt,
    },
    /// An utterance as text: the house's speech engine says it, or the carrier does.
    Say(Say),
    /// An utterance that the carrier fetches and plays. Only where the carrier speaks.
    Play {
        /// Which utterance.
        utt: Utt,
        /// Where the sound is: `https://…`.
        url: String,
        /// The caller may cut it.
        interruptible: bool,
    },
    /// Hear and speak another language from here on. Only where the carrier does both.
    Language {
        /// BCP 47.
        language: String,
    },
    /// Drop one utterance, or all; answered by [`super::ToAgent::Interrupted`].
    Clear {
        /// Which one.
        utt: Option<Utt>,
    },
    /// Tell when what was given so far has been heard.
    Mark {
        /// Comes back in [`super::ToAgent::Mark`].
        name: String,
    },
    /// Whether a speech is an interruption ([`BargeIn::Ask`]).
    Verdict {
        /// Which speech.
        speech: Speech,
        /// Cut, or go on where playback was held.
        confirm: bool,
    },
    /// The agent's own ears decided that the caller interrupts (the line trusts them): cut now, as for speech.
    BargeIn,
    /// Words, for the timeline and for emergency words.
    Transcript(Transcript),
    /// The agent wants something done. Already checked: the tool is offered, its target is known.
    ToolCall(ToolCall),
    /// An answer is due and late: play the line's "one moment", if nothing is playing.
    Late,
    /// The agent gives the call back.
    Stop {
        /// What follows.
        next: Next,
        /// When.
        when: When,
    },
    /// It is over: the line's next step, at once. The last word.
    Failed(Failure),
}

/// Text for the speech engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// Which utterance.
    pub utt: Utt,
    /// The words.
    pub text: String,
    /// A voice of the engine's; the line's when absent.
    pub voice: Option<String>,
    /// BCP 47; the line's when absent.
    pub language: Option<String>,
    /// The caller may cut it.
    pub interruptible: bool,
    /// Nothing more follows. Only where the carrier speaks an utterance may come in pieces.
    pub last: bool,
}

/// What a ready agent is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// It says the first word, unasked.
    pub speaks_first: bool,
    /// Who decides that the caller interrupts.
    pub barge_in: BargeIn,
    /// It sends text only and wants no sound.
    pub text_only: bool,
    /// What it calls itself, for the timeline.
    pub name: String,
}

/// Who decides that the caller interrupts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BargeIn {
    /// The stream.
    #[default]
    House,
    /// The stream holds playback and asks; no answer is a yes.
    Ask,
    /// The agent, by [`FromAgent::Clear`] or [`FromAgent::BargeIn`].
    Agent,
}

/// What follows when the agent gives the call back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The line's next step behind a conversation.
    Line,
    /// The mailbox.
    Voicemail,
    /// The end of the call.
    Hangup,
}

/// Why an agent is of no use any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In a word.
    pub cause: Cause,
    /// For the log and the timeline: no secret, no number, no word of the caller.
    pub detail: String,
}

/// Why an agent failed, in a word that counters and events carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// It failed so often that it is not asked for a while.
    Resting,
    /// No connection, or no socket on it.
    Refused,
    /// Not ready, or no sound, or no answer in time.
    Late,
    /// It closed, or the connection broke.
    Closed,
    /// It stopped in the middle of an utterance.
    Dry,
    /// No sign of life.
    Dead,
    /// It does not read what it is told.
    Stalled,
    /// It breaks the protocol.
    Malformed,
    /// It refuses us: key, credit, version.
    Denied,
    /// It says so itself, or it is full.
    Declined,
    /// The line names no agent that this process can open.
    Unusable,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Resting,
        Self::Refused,
        Self::Late,
        Self::Closed,
        Self::Dry,
        Self::Dead,
        Self::Stalled,
        Self::Malformed,
        Self::Denied,
        Self::Declined,
        Self::Unusable,
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resting => "resting",
            Self::Refused => "refused",
            Self::Late => "late",
            Self::Closed => "closed",
            Self::Dry => "dry",
            Self::Dead => "dead",
            Self::Stalled => "stalled",
            Self::Malformed => "malformed",
            Self::Denied => "denied",
            Self::Declined => "declined",
            Self::Unusable => "unusable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::AGENT_CAUSES;

    #[test]
    fn every_cause_is_counted_by_its_own_name() {
        assert_eq!(Cause::ALL.map(Cause::as_str), AGENT_CAUSES[..AGENT_CAUSES.len() - 1]);
    }
}
