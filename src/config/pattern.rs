//! Callers by their number.

use crate::base::E164;
use std::fmt;

/// A caller, or all whose number begins so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// `+15875550100`, `sip:ana@pbx.example`, `client:ana`: as the carrier sends it.
    Caller(String),
    /// `+1587555*`.
    Prefix(String),
}

impl Pattern {
    /// What somebody wrote who wants to name a caller: a number, the beginning of numbers with `*` behind it, `sip:…`,
    /// `client:…`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(prefix) = text.strip_suffix('*') {
            let digits = prefix.strip_prefix('+')?;
            let sound = (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            return sound.then(|| Self::Prefix(prefix.to_owned()));
        }
        let named = text.starts_with("sip:") || text.starts_with("client:");
        if named && text.len() <= 255 && !text.contains(char::is_control) {
            return Some(Self::Caller(text.to_owned()));
        }
        E164::parse(text).ok().map(|number| Self::Caller(number.to_string()))
    }

    /// The number, or its beginning.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Caller(text) | Self::Prefix(text) => text,
        }
    }

    /// Whether a caller is meant, by the `From` of the carrier.
    #[must_use]
    pub fn matches(&self, from: &str) -> bool {
        match self {
            Self::Caller(caller) => from == caller,
            Self::Prefix(prefix) => from.starts_with(prefix),
        }
    }
}

impl fmt::Display for Pattern {
    /// As the file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller(caller) => f.write_str(caller),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
        }
    }
}
