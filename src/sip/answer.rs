//! Answers, written.

use super::echo::Echo;
use std::fmt::Write;

/// An answer, before it is written for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 100 to 699.
    pub code: u16,
    reason: Option<&'static str>,
    headers: Vec<(&'static str, String)>,
    sdp: Option<String>,
}

impl Answer {
    /// An answer with the usual phrase.
    #[must_use]
    pub const fn new(code: u16) -> Self {
        Self { code, reason: None, headers: Vec::new(), sdp: None }
    }

    /// 400, and what is wrong.
    #[must_use]
    pub const fn bad(reason: &'static str) -> Self {
        Self { code: 400, reason: Some(reason), headers: Vec::new(), sdp: None }
    }

    /// With one more header. Its value must not be a caller's own words.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a description of the session.
    #[must_use]
    pub fn with_sdp(mut self, sdp: String) -> Self {
        self.sdp = Some(sdp);
        self
    }

    /// Whether it ends the transaction.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.code >= 200
    }

    /// Written for one request; `tag` is put behind To where that has none yet.
    #[must_use]
    pub fn write(&self, echo: &Echo, tag: &str) -> Vec<u8> {
        let mut text = format!("SIP/2.0 {} {}\r\n", self.code, self.reason.unwrap_or_else(|| phrase(self.code)));
        let mut line = |name: &str, value: &str| {
            let _ = write!(text, "{name}: {value}\r\n");
        };
        echo.vias.iter().for_each(|via| line("Via", via));
        // A dialog's route set is made of these (12.1.1).
        if (180..300).contains(&self.code) {
            echo.record_routes.iter().for_each(|route| line("Record-Route", route));
        }
        line("From", &echo.from);
        if echo.to_has_tag || self.code == 100 {
            line("To", &echo.to);
        } else {
            line("To", &format!("{};tag={tag}", echo.to));
        }
        line("Call-ID", &echo.call_id);
        line("CSeq", &echo.cseq);
        self.headers.iter().for_each(|(name, value)| line(name, value));
        let body = self.sdp.as_deref().unwrap_or_default();
        if self.sdp.is_some() {
            line("Content-Type", "application/sdp");
        }
        line("Content-Length", &body.len().to_string());
        text.push_str("\r\n");
        text.push_str(body);
        text.into_bytes()
    }
}

const fn phrase(code: u16) -> &'static str {
    match code {
        100 => "Trying",
        180 => "Ringing",
        200 => "OK",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        422 => "Session Interval Too Small",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "Version Not Supported",
        603 => "Decline",
        _ => "Refused",
    }
}
