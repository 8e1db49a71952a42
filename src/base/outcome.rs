//! Where a call stands and how it ended: one vocabulary for logs, tables, views and events.

use serde::{Deserialize, Serialize};

/// Twilio's CallStatus (PROTOCOL.md 2.4), in the order a call can go. A state never moves to a lower rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallState {
    /// Accepted by the carrier, not yet dialled.
    Queued,
    /// Being dialled (status callbacks only).
    Initiated,
    /// Ringing; the first webhook of an inbound call says so.
    Ringing,
    /// Somebody, or our TwiML, talks.
    InProgress,
    /// Ended after it was answered.
    Completed,
    /// The called party was busy.
    Busy,
    /// It could not be connected.
    Failed,
    /// Nobody answered.
    NoAnswer,
    /// Taken back before it was answered.
    Canceled,
}

impl CallState {
    /// All states, lowest rank first.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Initiated,
        Self::Ringing,
        Self::InProgress,
        Self::Completed,
        Self::Busy,
        Self::Failed,
        Self::NoAnswer,
        Self::Canceled,
    ];

    /// Reads a `CallStatus` or `DialCallStatus` word; `answered` is another name of `in-progress`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        if word == "answered" {
            return Some(Self::InProgress);
        }
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Twilio's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
        }
    }

    /// The rung of the one-way ladder: all final states share the highest, so the first one stays.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Queued => 0,
            Self::Initiated => 1,
            Self::Ringing => 2,
            Self::InProgress => 3,
            Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled => 4,
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        self.rank() == 4
    }
}

/// What became of a call, as far as the caller cares. The highest rank that was reached stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The caller hung up, or the call ended, before anything was reached.
    Abandoned,
    /// Turned away: unknown number, limit, or the line's own `hangup`.
    Rejected,
    /// The mailbox was reached.
    Voicemail,
    /// A person or an agent was reached.
    Answered,
    /// An emergency word was heard and acted on.
    Emergency,
}

impl Outcome {
    /// All outcomes, lowest rank first.
    pub const ALL: [Self; 5] = [Self::Abandoned, Self::Rejected, Self::Voicemail, Self::Answered, Self::Emergency];

    /// Place in the order above; a later fact of lower rank changes nothing.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Abandoned => 0,
            Self::Rejected => 1,
            Self::Voicemail => 2,
            Self::Answered => 3,
            Self::Emergency => 4,
        }
    }

    /// The word in tables and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Abandoned => "abandoned",
            Self::Rejected => "rejected",
            Self::Voicemail => "voicemail",
            Self::Answered => "answered",
            Self::Emergency => "emergency",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_final_states_share_a_rank() {
        for state in CallState::ALL {
            assert_eq!(CallState::parse(state.as_str()), Some(state));
            assert_eq!(state.is_final(), state >= CallState::Completed);
        }
        assert_eq!(CallState::parse("answered"), Some(CallState::InProgress));
        assert_eq!(CallState::parse("cancelled"), None);
    }
}
