//! What can go wrong with a bucket: who can mend it, and whether to try again.

/// A request to the store that did not work out. The texts hold no address, key or signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketError {
    /// The address or the client does not work at all.
    #[error("the store of recordings cannot be used: {0}")]
    Unusable(&'static str),
    /// Keys, their rights, or the clock.
    #[error("the store of recordings refuses us ({0}): {mend}", mend = mend(.0))]
    Denied(String),
    /// There is no such bucket.
    #[error("the store of recordings has no such bucket: mend `bucket` or `endpoint` of [recordings.s3], or make it")]
    NoBucket,
    /// The bucket is elsewhere. A redirect is not followed: it would carry our signature to another host.
    #[error("the bucket is in another region or at another address: mend `region` or `endpoint` of [recordings.s3]")]
    Moved,
    /// It asks for time.
    #[error("the store of recordings asks us to slow down")]
    SlowDown {
        /// Seconds from its `Retry-After`.
        retry_after_s: Option<u64>,
    },
    /// Its own fault.
    #[error("the store of recordings has a fault of its own (HTTP {0})")]
    Broken(u16),
    /// Refused for another reason.
    #[error("the store of recordings refuses the request (HTTP {status}, {code})")]
    Refused {
        /// The status.
        status: u16,
        /// The store's word for it.
        code: String,
    },
    /// A success whose body is not what was asked for.
    #[error("the answer of the store of recordings cannot be read")]
    Unreadable,
    /// No answer, or nothing more of it, in time.
    #[error("the store of recordings did not answer in time")]
    Timeout,
    /// The connection broke before the answer was complete.
    #[error("the connection to the store of recordings broke")]
    Cut,
    /// No connection.
    #[error("the store of recordings cannot be reached")]
    Unreachable,
    /// The draft could not be read.
    #[error("the draft of a recording cannot be read: {0}")]
    Draft(std::io::ErrorKind),
}

/// What to do about a refusal.
fn mend(code: &str) -> &'static str {
    match code {
        "RequestTimeTooSkewed" | "RequestExpired" => "set this machine's clock",
        "AuthorizationHeaderMalformed" => "mend `region` of [recordings.s3]",
        "InvalidAccessKeyId" | "SignatureDoesNotMatch" => "mend S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY",
        _ => "the key needs leave to get, put and delete objects and to list the bucket",
    }
}

impl BucketError {
    /// The verdict on an answer that is no success, from its status and the store's word for it.
    pub(super) fn of(status: u16, code: &str, retry_after_s: Option<u64>) -> Self {
        match (status, code) {
            (_, "NoSuchBucket") => Self::NoBucket,
            (_, "SlowDown" | "TooManyRequests" | "ThrottlingException") | (429, _) => Self::SlowDown { retry_after_s },
            // A socket that was quiet for long: S3 says so with a 400.
            (_, "RequestTimeout") => Self::Timeout,
            (_, "AuthorizationHeaderMalformed" | "RequestTimeTooSkewed") | (401 | 403, _) => {
                Self::Denied(code.to_owned())
            }
            (300..=399, _) => Self::Moved,
            // 501 is an answer about what was asked, not a fault that passes.
            (501, _) => Self::Refused { status, code: code.to_owned() },
            (503, _) => Self::SlowDown { retry_after_s },
            (500.., _) => Self::Broken(status),
            _ => Self::Refused { status, code: code.to_owned() },
        }
    }

    /// Whether the same request may work in a moment. All of ours are harmless twice.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::SlowDown { .. } | Self::Broken(_) | Self::Timeout | Self::Cut | Self::Unreachable)
            || matches!(self, Self::Refused { status: 409, .. })
    }

    /// Seconds that the store asked for.
    #[must_use]
    pub const fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::SlowDown { retry_after_s } => *retry_after_s,
            _ => None,
        }
    }
}

impl From<reqwest::Error> for BucketError {
    /// The URL in it is not taken over.
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::Timeout
        } else if error.is_connect() {
            Self::Unreachable
        } else if error.is_builder() {
            Self::Unusable("the request could not be built")
        } else {
            Self::Cut
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_follow_status_and_word() {
        for (status, code, passes) in [
            (500, "InternalError", true),
            (503, "SlowDown", true),
            (503, "", true),
            (429, "", true),
            (400, "RequestTimeout", true),
            (409, "OperationAborted", true),
            (403, "SignatureDoesNotMatch", false),
            (403, "AccessDenied", false),
            (404, "NoSuchBucket", false),
            (301, "PermanentRedirect", false),
            (307, "TemporaryRedirect", false),
            (400, "BadDigest", false),
            (501, "NotImplemented", false),
        ] {
            assert_eq!(BucketError::of(status, code, None).may_pass(), passes, "{status} {code}");
        }
        assert_eq!(BucketError::of(503, "SlowDown", Some(3)).retry_after_s(), Some(3));
        let skewed = BucketError::of(403, "RequestTimeTooSkewed", None).to_string();
        assert!(skewed.contains("clock"), "{skewed}");
    }
}
