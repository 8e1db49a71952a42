//! Events of the server, as far as they matter. All other events and fields are nothing.

use serde::Deserialize;
use std::borrow::Cow;

/// Fields of all events: flat, because a tagged enum would buffer each event first, and deltas are long.
#[derive(Debug, Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) item_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) response_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) call_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) arguments: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) delta: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) transcript: Option<Cow<'a, str>>,
    pub(super) content_index: Option<u32>,
    #[serde(borrow)]
    pub(super) response: Option<Response<'a>>,
    #[serde(borrow)]
    pub(super) session: Option<Session<'a>>,
    #[serde(borrow)]
    pub(super) error: Option<Fault<'a>>,
    #[serde(borrow)]
    pub(super) rate_limits: Option<Vec<RateLimit<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Response<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) status_details: Option<Details<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Details<'a> {
    #[serde(borrow)]
    pub(super) error: Option<Fault<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Fault<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) code: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) event_id: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RateLimit<'a> {
    #[serde(borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) reset_seconds: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Session<'a> {
    pub(super) expires_at: Option<i64>,
    #[serde(borrow)]
    pub(super) audio: Option<Audio<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Audio<'a> {
    #[serde(borrow)]
    pub(super) input: Option<Side<'a>>,
    #[serde(borrow)]
    pub(super) output: Option<Side<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Side<'a> {
    #[serde(borrow)]
    pub(super) format: Option<Format<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Format<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Cow<'a, str>>,
    pub(super) rate: Option<u32>,
}

/// Whether trying again is of no use: the account, the key.
pub(super) const FATAL: [&str; 4] =
    ["insufficient_quota", "invalid_api_key", "account_deactivated", "billing_hard_limit_reached"];

/// Codes that are counted by name.
const KNOWN: [&str; 8] = [
    "response_cancel_not_active",
    "conversation_already_has_active_response",
    "input_audio_buffer_commit_empty",
    "invalid_tool_call_id",
    "invalid_value",
    "rate_limit_exceeded",
    "inference_rate_limit_exceeded",
    "session_expired",
];

impl Fault<'_> {
    /// A word for the log; never what the server made up from what people said.
    pub(super) fn word(&self) -> &'static str {
        let said = [self.code.as_deref(), self.kind.as_deref()];
        let known = |word: &str| FATAL.iter().chain(&KNOWN).find(|known| **known == word).copied();
        said.into_iter().flatten().find_map(known).unwrap_or("other")
    }

    pub(super) fn is_fatal(&self) -> bool {
        FATAL.contains(&self.word())
    }
}

impl Format<'_> {
    /// The format, if we can speak it.
    pub(super) fn sound(&self) -> Option<crate::agents::sound::Format> {
        use crate::agents::sound::Format as Sound;
        match (self.kind.as_deref()?, self.rate) {
            ("audio/pcmu", _) => Some(Sound::Mulaw),
            ("audio/pcm", rate) => {
                let rate = rate.unwrap_or(24_000);
                matches!(rate, 8_000 | 16_000 | 24_000 | 48_000).then_some(Sound::Pcm(rate))
            }
            _ => None,
        }
    }
}
