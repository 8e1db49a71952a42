//! What goes wrong over HTTP, told as RFC 9457 asks. Data only: rooms at the edge turn it into an answer.

use serde::{Serialize, Serializer, ser::SerializeStruct};
use std::borrow::Cow;

/// Media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The kinds of trouble a client can meet. Each has one status, one title and one `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// 400: a parameter or body does not parse.
    BadRequest,
    /// 401: no usable credentials.
    Unauthorized,
    /// 401: a webhook without a signature.
    SignatureMissing,
    /// 403: the role does not reach this far.
    Forbidden,
    /// 403: a webhook whose signature does not fit.
    SignatureMismatch,
    /// 404: there is no such thing.
    NotFound,
    /// 405: the thing exists, the method does not.
    MethodNotAllowed,
    /// 409: not in its present state, or the same request is still running.
    Conflict,
    /// 413: the body is over the limit.
    TooLarge,
    /// 422: understood, but it contradicts an earlier request or a rule.
    Unprocessable,
    /// 429: over a limit; say when to come back.
    TooManyRequests,
    /// 500: a fault of ours.
    Internal,
    /// 501: promised for a later version.
    NotBuilt,
    /// 502: the carrier answered with something unusable.
    CarrierFault,
    /// 503: the database is away, or the process is stopping.
    Unavailable,
}

impl ProblemKind {
    /// All kinds.
    pub const ALL: [Self; 15] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::SignatureMissing,
        Self::Forbidden,
        Self::SignatureMismatch,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooLarge,
        Self::Unprocessable,
        Self::TooManyRequests,
        Self::Internal,
        Self::NotBuilt,
        Self::CarrierFault,
        Self::Unavailable,
    ];

    /// Status, last part of the `type` URN, and title.
    const fn words(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::BadRequest => (400, "bad-request", "The request cannot be understood"),
            Self::Unauthorized => (401, "unauthorized", "Credentials are needed"),
            Self::SignatureMissing => (401, "signature-missing", "The request is not signed"),
            Self::Forbidden => (403, "forbidden", "Not allowed"),
            Self::SignatureMismatch => (403, "signature-mismatch", "The signature does not fit"),
            Self::NotFound => (404, "not-found", "There is no such thing"),
            Self::MethodNotAllowed => (405, "method-not-allowed", "Not with this method"),
            Self::Conflict => (409, "conflict", "Not in its present state"),
            Self::TooLarge => (413, "too-large", "The body is too large"),
            Self::Unprocessable => (422, "unprocessable", "Understood, but it cannot be done"),
            Self::TooManyRequests => (429, "too-many-requests", "Too many requests"),
            Self::Internal => (500, "internal", "A fault on our side"),
            Self::NotBuilt => (501, "not-built", "Comes with a later version"),
            Self::CarrierFault => (502, "carrier-fault", "The carrier did not deliver"),
            Self::Unavailable => (503, "unavailable", "Not possible right now"),
        }
    }

    /// HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.words().0
    }

    /// Short name; `urn:switchboard:problem:` and this name is the `type`.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        self.words().1
    }

    /// The same words for every problem of this kind.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.words().2
    }
}

/// One problem document, with the headers that belong to it. Never holds a secret or an unmasked number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of trouble.
    pub kind: ProblemKind,
    /// What happened this time, and how to mend it.
    pub detail: Cow<'static, str>,
    /// Path of the request, without its query.
    pub instance: Option<String>,
    /// Seconds for `Retry-After`.
    pub retry_after_s: Option<u64>,
    /// Value of `WWW-Authenticate`.
    pub challenge: Option<&'static str>,
}

impl Problem {
    /// A problem with its explanation.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), instance: None, retry_after_s: None, challenge: None }
    }

    /// Names the request it is about.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.instance = Some(path.into());
        self
    }

    /// Says when to come back.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Says which credentials would do.
    #[must_use]
    pub const fn challenge(mut self, scheme: &'static str) -> Self {
        self.challenge = Some(scheme);
        self
    }

    /// The document.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("Problem", 5)?;
        document.serialize_field("type", &format_args!("urn:switchboard:problem:{}", self.kind.slug()))?;
        document.serialize_field("title", self.kind.title())?;
        document.serialize_field("status", &self.kind.status())?;
        document.serialize_field("detail", &self.detail)?;
        match &self.instance {
            Some(path) => document.serialize_field("instance", path)?,
            None => document.skip_field("instance")?,
        }
        document.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_the_five_members() {
        let problem = Problem::new(ProblemKind::NotFound, "no call CA1").at("/api/calls/CA1");
        assert_eq!(
            String::from_utf8(problem.to_json()).unwrap(),
            r#"{"type":"urn:switchboard:problem:not-found","title":"There is no such thing","status":404,"detail":"no call CA1","instance":"/api/calls/CA1"}"#
        );
    }

    #[test]
    fn slugs_are_unique_and_statuses_are_errors() {
        let mut slugs: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), ProblemKind::ALL.len());
        assert!(ProblemKind::ALL.iter().all(|kind| (400..600).contains(&kind.status())));
    }
}
