//! What an agent may ask the house to do.

use super::{Utt, When};
use crate::config::line::Target;

/// A checked call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// Names the call in its [`ToolResult`]s. Each id arrives once, however often the agent repeats it.
    pub id: String,
    /// What is wanted.
    pub tool: Tool,
    /// When. After the decision nothing takes it back, not even the agent's end.
    pub when: When,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Tool {
    /// Put the caller through.
    Transfer {
        /// The name in the line's `targets`, or the number as the line lists it.
        name: String,
        /// Where that leads.
        to: Target,
        /// Said to the caller when the conversation is over, in the line's voice.
        announce: Option<String>,
    },
    /// On to the mailbox.
    TakeMessage {
        /// Said before the mailbox's greeting, which says that the message is recorded.
        prompt: Option<String>,
    },
    /// Page a zone.
    Page {
        /// The zone's extension.
        zone: String,
        /// What is paged.
        what: Paged,
    },
    /// End the call when the last word was heard.
    HangUp,
    /// A note on the call.
    SetTag {
        /// At most 64 bytes.
        key: String,
        /// At most 256 bytes.
        value: String,
    },
    /// A person, at once.
    Emergency {
        /// What the agent heard.
        reason: String,
    },
    /// Keys, to the other side.
    SendDigits {
        /// `0-9 w # *`.
        digits: String,
    },
}

/// What a page says.
#[derive(Clone, Debug, PartialEq)]
pub enum Paged {
    /// Words for the speech engine.
    Text(String),
    /// An utterance that the agent gave.
    Utterance(Utt),
}

impl Tool {
    /// The tool's name on every wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Transfer { .. } => "transfer",
            Self::TakeMessage { .. } => "take_message",
            Self::Page { .. } => "page",
            Self::HangUp => "hangup_after_speech",
            Self::SetTag { .. } => "set_tag",
            Self::Emergency { .. } => "emergency",
            Self::SendDigits { .. } => "send_digits",
        }
    }
}

/// What became of a tool call. Whoever does not answer within 5 s is answered for, with a timeout.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolResult {
    /// [`ToolCall::id`].
    pub id: String,
    /// What to tell the agent: accepted (`{"when":"after_speech"}`), or why not.
    pub outcome: Result<serde_json::Value, Refusal>,
    /// `false`: progress, more follows.
    pub last: bool,
}

/// Why a tool call has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `tool_unknown`, `tool_denied`, `tool_failed` or `timeout`.
    pub code: &'static str,
    /// For the agent, in a sentence.
    pub message: String,
    /// In a word, where programs may want to tell one reason from another.
    pub reason: Option<&'static str>,
}

impl Refusal {
    /// A refusal without more to tell.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), reason: None }
    }
}
