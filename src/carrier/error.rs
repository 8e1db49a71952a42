//! What can go wrong with the carrier: whose fault it is, and whether to try again.

/// Who can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// We asked for something that makes no sense.
    Us,
    /// The settings: account, token or base URL.
    Settings,
    /// The carrier.
    Carrier,
    /// The way there.
    Network,
}

/// A request to the carrier that did not work out. The texts hold no URL, credential or number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// A SID that no carrier would give: it would change the path of the URL.
    #[error("not a recording SID")]
    BadSid,
    /// The base URL or another part of the request does not parse.
    #[error("the request could not be built: {0}")]
    Unusable(String),
    /// Account and token are not accepted.
    #[error("the carrier does not accept TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (HTTP {0})")]
    Unauthorized(u16),
    /// The carrier does not have it (any more, or not yet).
    #[error("the carrier does not have it")]
    NotFound,
    /// Too many requests.
    #[error("the carrier asks us to slow down")]
    SlowDown {
        /// Seconds from its `Retry-After`.
        retry_after_s: Option<u64>,
    },
    /// Refused for another reason.
    #[error("the carrier refused the request (HTTP {0})")]
    Refused(u16),
    /// Its own fault.
    #[error("the carrier has a fault of its own (HTTP {0})")]
    Broken(u16),
    /// A redirect without a target, to another scheme, or a second one.
    #[error("the carrier redirects to nowhere")]
    Redirect,
    /// No answer in time.
    #[error("the carrier did not answer in time")]
    Timeout,
    /// No connection, or it broke.
    #[error("the carrier cannot be reached")]
    Unreachable,
}

impl CarrierError {
    /// Reads the status of an answer that is neither a success nor a redirect.
    pub(super) const fn of_status(status: u16, retry_after_s: Option<u64>) -> Self {
        match status {
            401 | 403 => Self::Unauthorized(status),
            404 | 410 => Self::NotFound,
            429 => Self::SlowDown { retry_after_s },
            500.. => Self::Broken(status),
            _ => Self::Refused(status),
        }
    }

    /// Who can mend it.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        match self {
            Self::BadSid | Self::NotFound | Self::Refused(_) => Blame::Us,
            Self::Unusable(_) | Self::Unauthorized(_) => Blame::Settings,
            Self::SlowDown { .. } | Self::Broken(_) | Self::Redirect => Blame::Carrier,
            Self::Timeout | Self::Unreachable => Blame::Network,
        }
    }

    /// Whether the same request may work later.
    #[must_use]
    pub const fn may_retry(&self) -> bool {
        matches!(self, Self::SlowDown { .. } | Self::Broken(_) | Self::Timeout | Self::Unreachable)
    }
}

impl From<reqwest::Error> for CarrierError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        if error.is_builder() {
            return Self::Unusable(error.without_url().to_string());
        }
        Self::Unreachable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_verdict() {
        for (status, blame, may_retry) in [
            (400, Blame::Us, false),
            (401, Blame::Settings, false),
            (403, Blame::Settings, false),
            (404, Blame::Us, false),
            (416, Blame::Us, false),
            (429, Blame::Carrier, true),
            (500, Blame::Carrier, true),
            (503, Blame::Carrier, true),
        ] {
            let error = CarrierError::of_status(status, None);
            assert_eq!((error.blame(), error.may_retry()), (blame, may_retry), "{status}");
        }
    }
}
