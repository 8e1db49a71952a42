//! Where a conversation leads when somebody ends it, whoever hears and speaks for us.

use super::minutes::hidden;
use crate::agents::port::{Failure, Next, Refusal, Tool, Why};
use crate::config::line::Line;
use crate::ledger::{StreamEnd, StreamNext};
use std::collections::BTreeMap;

/// Notes that a call can have.
const MOST_TAGS: usize = 32;

/// A conversation that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Over {
    /// Where the caller goes, and why.
    pub end: StreamEnd,
    /// What the agent is told.
    pub why: Why,
}

impl Over {
    pub(super) fn new(next: StreamNext, why: Why, reason: impl Into<String>) -> Self {
        Self { end: StreamEnd { next, reason: reason.into(), say: None }, why }
    }

    /// With words of the agent's that are said before the next step.
    fn saying(mut self, words: Option<&String>) -> Self {
        self.end.say = words.filter(|words| !words.trim().is_empty()).cloned();
        self
    }

    /// The agent gives the call back.
    pub(super) fn of_stop(next: Next) -> Self {
        let (next, reason) = match next {
            Next::Line => (StreamNext::Line, "the agent gave the call back"),
            Next::Voicemail => (StreamNext::Voicemail, "the agent sent the caller to the mailbox"),
            Next::Hangup => (StreamNext::Hangup, "the agent ended the call"),
        };
        Self::new(next, Why::AgentStop, reason)
    }

    /// The agent is of no use any more.
    pub(super) fn of_failure(failure: &Failure) -> Self {
        let reason = format!("the agent failed ({}): {}", failure.cause.as_str(), failure.detail);
        Self::new(StreamNext::Failed, Why::AgentFailed, reason)
    }

    /// What a tool of the agent's leads to, if it ends the conversation.
    pub(super) fn of_tool(tool: &Tool, line: &Line) -> Option<Self> {
        Some(match tool {
            Tool::Transfer { name, announce, .. } => {
                let reason = format!("the agent puts the caller through to {name}");
                Self::new(StreamNext::Transfer { to: name.clone() }, Why::Transferred, reason).saying(announce.as_ref())
            }
            Tool::TakeMessage { prompt } => {
                Self::new(StreamNext::Voicemail, Why::Message, "the agent takes a message").saying(prompt.as_ref())
            }
            Tool::HangUp => Self::new(StreamNext::Hangup, Why::HungUp, "the agent ends the call"),
            Tool::Emergency { reason } => Self::emergency(line, reason, "the agent heard an emergency"),
            Tool::SetTag { .. } | Tool::Page { .. } | Tool::SendDigits { .. } => return None,
        })
    }

    /// Words of the caller that call for help, or what an agent made of them.
    pub(super) fn emergency(line: &Line, said: &str, reason: &str) -> Self {
        Self::new(StreamNext::Emergency { said: hidden(line, said) }, Why::Emergency, reason)
    }
}

/// Puts a note on a call.
pub(super) fn tag(tags: &mut BTreeMap<String, String>, key: String, value: String) -> Result<(), Refusal> {
    if tags.len() >= MOST_TAGS && !tags.contains_key(&key) {
        let message = format!("a call has at most {MOST_TAGS} tags");
        return Err(Refusal::new("tool_failed", message));
    }
    tags.insert(key, value);
    Ok(())
}
