//! The neutral words between a stream and whatever talks on it, whoever made that.
//!
//! Sound is mu-law, 8 kHz, mono: eight bytes a millisecond. Times are milliseconds of the stream's own clock
//! ([`Ms`]), which the stream passes in; nothing here asks for the time.

mod from_agent;
mod opening;
mod to_agent;
mod tool;
mod when;

pub use from_agent::{BargeIn, Cause, Failure, FromAgent, Next, Ready, Say};
pub use opening::Opening;
pub use to_agent::{Cut, During, Ended, Interrupted, Stats, ToAgent, Why};
pub use tool::{Paged, Refusal, Tool, ToolCall, ToolResult};
pub use when::When;

use std::fmt;

/// How long the carrier's voices take to say a text, in milliseconds: about fourteen letters a second. Only an estimate: the
/// carrier need not say when it has finished.
#[must_use]
pub fn speaking_ms(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX).saturating_mul(70)
}

/// Milliseconds since the link was opened by its stream; never goes back.
pub type Ms = u64;

/// What the agent says in one go. Numbered from 1 in order of opening; played in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utt(pub u32);

impl fmt::Display for Utt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the caller says in one go, numbered from 1 by the stream.
pub type Speech = u32;

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The person on the telephone.
    Caller,
    /// Whatever answers.
    Agent,
}

/// Words of either side. Masking digits is for whoever stores or shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// Who said it.
    pub who: Who,
    /// The words; of the agent only what was heard.
    pub text: String,
    /// No more words follow for this stretch of speech.
    pub last: bool,
    /// The utterance, for the agent's words.
    pub utt: Option<Utt>,
    /// When it began, where known.
    pub start_ms: Option<Ms>,
    /// When it ended, where known.
    pub end_ms: Option<Ms>,
    /// The agent was cut off: `text` is what the caller can have heard.
    pub interrupted: bool,
}
