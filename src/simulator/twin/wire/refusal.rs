//! Refusals, with Twilio's status, code and words (PROTOCOL.md 7.3).

/// Why a request has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: u32,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// A parameter is wrong.
    pub(crate) fn bad(code: u32, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, 20003, "Authenticate")
    }

    pub(crate) fn forbidden(message: &str) -> Self {
        Self::new(403, 20003, message)
    }

    /// Nothing there; `path` as it was asked for.
    pub(crate) fn not_found(path: &str) -> Self {
        Self::new(404, 20404, format!("The requested resource {path} was not found"))
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(405, 20004, "Method not allowed")
    }

    /// What Twilio says with a status of its own accord.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            401 => Self::unauthorized(),
            429 => Self::new(429, 20429, "Too Many Requests"),
            503 => Self::new(503, 20503, "Service is unavailable. Please try again."),
            500.. => Self::new(status, 20500, "An internal server error has occurred"),
            _ => Self::new(status, 20001, "Unknown error"),
        }
    }
}
