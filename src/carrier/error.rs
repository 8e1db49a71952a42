//! What can go wrong with the carrier: whose fault it is, whether it was done, and whether to try again.

use super::wire::Refusal;

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

/// Whether the carrier did what it was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processed {
    /// It did not: asking again doubles nothing.
    No,
    /// It did, but its answer could not be used.
    Yes,
    /// Nobody knows: look it up before asking again.
    Unknown,
}

/// A request to the carrier that did not work out. The texts hold no URL of ours, credential or unmasked number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// A SID that no carrier would give: it would change the path of the URL.
    #[error("not a SID")]
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
    #[error("the carrier refused the request ({0})")]
    Refused(Box<Refusal>),
    /// Its own fault.
    #[error("the carrier has a fault of its own (HTTP {status})")]
    Broken {
        /// 5xx.
        status: u16,
        /// Seconds from its `Retry-After`.
        retry_after_s: Option<u64>,
    },
    /// A redirect without a target, to another scheme, or a second one.
    #[error("the carrier redirects to nowhere")]
    Redirect,
    /// A success whose body is not what was asked for.
    #[error("the carrier's answer cannot be read: {0}")]
    Unreadable(&'static str),
    /// Asked, but no answer in time.
    #[error("the carrier did not answer in time")]
    Timeout,
    /// Asked, but the connection broke before the answer was complete.
    #[error("the connection to the carrier broke")]
    Cut,
    /// No connection: nothing was asked.
    #[error("the carrier cannot be reached")]
    Unreachable,
    /// A purchase, call or message that may or may not have come about. Look it up by its tag; do not ask again.
    #[error("it is not known whether the carrier did it: {0}")]
    Unknown(Box<CarrierError>),
}

impl CarrierError {
    /// The verdict on an answer that is neither a success nor a redirect.
    pub(super) fn of(refusal: Refusal, retry_after_s: Option<u64>) -> Self {
        match refusal.status {
            401 => Self::Unauthorized(401),
            404 | 410 if !refusal.is_page => Self::NotFound,
            429 => Self::SlowDown { retry_after_s },
            status @ 500.. => Self::Broken { status, retry_after_s },
            _ => Self::Refused(Box::new(refusal)),
        }
    }

    /// Who can mend it.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Refused(refusal) if refusal.status == 403 || refusal.is_page => Blame::Settings,
            Self::BadSid | Self::NotFound | Self::Refused(_) => Blame::Us,
            Self::Unusable(_) | Self::Unauthorized(_) => Blame::Settings,
            Self::SlowDown { .. } | Self::Broken { .. } | Self::Redirect | Self::Unreadable(_) => Blame::Carrier,
            Self::Timeout | Self::Cut | Self::Unreachable => Blame::Network,
            Self::Unknown(cause) => cause.blame(),
        }
    }

    /// Whether the carrier did it all the same.
    #[must_use]
    pub fn processed(&self) -> Processed {
        match self {
            Self::BadSid
            | Self::Unusable(_)
            | Self::Unauthorized(_)
            | Self::NotFound
            | Self::SlowDown { .. }
            | Self::Refused(_)
            | Self::Unreachable => Processed::No,
            Self::Unreadable(_) => Processed::Yes,
            Self::Broken { .. } | Self::Redirect | Self::Timeout | Self::Cut => Processed::Unknown,
            Self::Unknown(cause) => cause.processed(),
        }
    }

    /// Whether the same request may be sent again, later, and may work then.
    #[must_use]
    pub const fn may_retry(&self) -> bool {
        matches!(self, Self::SlowDown { .. } | Self::Broken { .. } | Self::Timeout | Self::Cut | Self::Unreachable)
    }

    /// The carrier's own number for the error, like 21422.
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Unknown(cause) => cause.code(),
            _ => None,
        }
    }

    /// How long the carrier asks us to wait, if it says so.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::SlowDown { retry_after_s } | Self::Broken { retry_after_s, .. } => *retry_after_s,
            Self::Unknown(cause) => cause.retry_after_s(),
            _ => None,
        }
    }
}

impl From<reqwest::Error> for CarrierError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_builder() {
            return Self::Unusable(error.without_url().to_string());
        }
        match (error.is_connect(), error.is_timeout()) {
            (true, _) => Self::Unreachable,
            (false, true) => Self::Timeout,
            (false, false) => Self::Cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_verdict() {
        for (status, blame, processed, may_retry) in [
            (400, Blame::Us, Processed::No, false),
            (401, Blame::Settings, Processed::No, false),
            (403, Blame::Settings, Processed::No, false),
            (404, Blame::Us, Processed::No, false),
            (416, Blame::Us, Processed::No, false),
            (429, Blame::Carrier, Processed::No, true),
            (500, Blame::Carrier, Processed::Unknown, true),
            (503, Blame::Carrier, Processed::Unknown, true),
        ] {
            let error = CarrierError::of(Refusal::read(status, b""), None);
            assert_eq!(
                (error.blame(), error.processed(), error.may_retry()),
                (blame, processed, may_retry),
                "{status}"
            );
        }
    }

    #[test]
    fn a_web_page_is_not_the_api_saying_that_it_has_nothing() {
        let error = CarrierError::of(Refusal::read(404, b"<html>"), None);
        assert_eq!((error.blame(), error == CarrierError::NotFound), (Blame::Settings, false));
    }

    #[test]
    fn what_may_have_come_about_is_never_asked_for_again() {
        for cause in
            [CarrierError::Timeout, CarrierError::Cut, CarrierError::Broken { status: 500, retry_after_s: None }]
        {
            let unknown = CarrierError::Unknown(Box::new(cause));
            assert_eq!((unknown.processed(), unknown.may_retry()), (Processed::Unknown, false));
        }
    }
}
