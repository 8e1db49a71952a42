//! What a stream tells the agent.

use super::{Speech, ToolResult, Transcript, Utt};
use bytes::Bytes;

/// One word of the stream to the agent.
#[derive(Clone, Debug, PartialEq)]
pub enum ToAgent {
    /// The caller has reached the conversation: an agent that speaks first speaks now. The first word.
    Begin,
    /// Sound of the caller, always, also while the agent speaks. Streams use [`crate::agents::Link::audio`].
    Audio {
        /// Mu-law, any length.
        data: Bytes,
        /// Sound that was lost before it: by the carrier, or because the agent reads too slowly.
        gap_ms: u32,
    },
    /// The caller began to speak.
    SpeechStarted {
        /// Which speech.
        speech: Speech,
        /// What was being heard meanwhile.
        during: Option<During>,
        /// The agent is asked whether this is an interruption ([`super::BargeIn::Ask`]); silence until then is a yes.
        decide_within_ms: Option<u32>,
    },
    /// The caller has stopped speaking.
    SpeechEnded {
        /// Which speech.
        speech: Speech,
        /// From its first to its last voiced frame.
        duration_ms: u32,
        /// How long ago the last voiced frame was, when this was decided.
        quiet_ms: u32,
    },
    /// Playback was cut.
    Interrupted(Interrupted),
    /// The carrier confirmed the first sound of an utterance.
    Playing {
        /// Which one.
        utt: Utt,
    },
    /// The end of an utterance: all of it was confirmed, or what came was.
    Played(Ended),
    /// Answer to [`super::FromAgent::Mark`].
    Mark {
        /// Its name.
        name: String,
        /// `false`: it was cleared before it was heard.
        heard: bool,
    },
    /// The caller pressed a key.
    Dtmf {
        /// `0-9 * # A-D`.
        digit: char,
    },
    /// Words from the house's own recognition.
    Transcript(Transcript),
    /// What became of a tool call.
    ToolResult(ToolResult),
    /// The conversation is over. The last word.
    Stop {
        /// Why.
        why: Why,
        /// What it came to.
        stats: Stats,
    },
}

/// What was playing when the caller began to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct During {
    /// The utterance.
    pub utt: Utt,
    /// How much of it was heard.
    pub heard_ms: u32,
}

/// Playback was cut: the truth for an agent's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interrupted {
    /// The utterance that was audible.
    pub utt: Utt,
    /// Confirmed by the carrier's marks plus the time since the last one, at most what was sent, rounded down.
    pub heard_ms: u32,
    /// What left for the carrier.
    pub sent_ms: u32,
    /// All sound that there is of it by now; of a [`super::FromAgent::Say`], what the speech engine made.
    pub given_ms: u32,
    /// The words that were heard of it, where the carrier speaks and says so.
    pub heard_text: Option<String>,
    /// Utterances that waited and will never be heard.
    pub dropped: Vec<Utt>,
    /// Who or what cut it.
    pub why: Cut,
}

/// What cut playback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The caller's voice.
    Speech,
    /// A key.
    Dtmf,
    /// [`super::FromAgent::Clear`].
    AgentClear,
    /// Emergency words.
    Emergency,
    /// An operator.
    Operator,
}

/// The end of an utterance that nobody cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which one.
    pub utt: Utt,
    /// How much was heard.
    pub heard_ms: u32,
    /// All that the agent gave was heard.
    pub complete: bool,
}

/// Why a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The caller hung up.
    CallerHangup,
    /// Put through to somebody.
    Transferred,
    /// On to the mailbox.
    Message,
    /// We hung up, as a tool asked.
    HungUp,
    /// The agent gave the call back.
    AgentStop,
    /// Emergency words.
    Emergency,
    /// The longest call.
    Limit,
    /// The agent failed.
    AgentFailed,
    /// An operator.
    Operator,
    /// This process stops.
    Shutdown,
}

impl Why {
    /// The word on the wire and in the timeline.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CallerHangup => "caller_hangup",
            Self::Transferred => "transferred",
            Self::Message => "message",
            Self::HungUp => "hung_up",
            Self::AgentStop => "agent_stop",
            Self::Emergency => "emergency",
            Self::Limit => "limit",
            Self::AgentFailed => "agent_failed",
            Self::Operator => "operator",
            Self::Shutdown => "shutdown",
        }
    }
}

/// A conversation in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Turns of the caller.
    pub turns: u32,
    /// Interruptions.
    pub interrupts: u32,
    /// Sound of the agent that was heard.
    pub heard_ms: u64,
}
