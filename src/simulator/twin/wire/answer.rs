//! Answers as Twilio writes them.

use super::refusal::Refusal;
use crate::base::Time;
use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use serde_json::{Value, json};

/// An answer before it is sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    content_type: &'static str,
    pub(crate) body: Vec<u8>,
    /// Seconds for `Retry-After`.
    pub(crate) retry_after: Option<u32>,
}

impl Answer {
    /// 200 with a document.
    pub(crate) fn ok(value: &Value) -> Self {
        Self::json(200, value)
    }

    /// 201 with a document.
    pub(crate) fn created(value: &Value) -> Self {
        Self::json(201, value)
    }

    /// 202 with a document.
    pub(crate) fn accepted(value: &Value) -> Self {
        Self::json(202, value)
    }

    /// 204.
    pub(crate) const fn gone() -> Self {
        Self { status: 204, content_type: "", body: Vec::new(), retry_after: None }
    }

    pub(crate) const fn bytes(content_type: &'static str, body: Vec<u8>) -> Self {
        Self { status: 200, content_type, body, retry_after: None }
    }

    fn json(status: u16, value: &Value) -> Self {
        Self { status, content_type: "application/json", body: value.to_string().into_bytes(), retry_after: None }
    }

    /// SID of what was made, if something was.
    pub(crate) fn made(&self) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.body).ok().filter(|_| matches!(self.status, 201 | 202))?;
        let sid = body.get("sid").or_else(|| body.get("port_in_request_sid"))?;
        sid.as_str().map(str::to_owned)
    }

    /// The response, all at once.
    pub(crate) fn into_response(self) -> Response<Body> {
        let body = Body::from(self.body.clone());
        self.with_body(body)
    }

    /// The response, with the body coming in another way.
    pub(crate) fn with_body(&self, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if !self.content_type.is_empty() {
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(self.content_type));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let Refusal { status, code, message } = refusal;
        let more_info = format!("https://www.twilio.com/docs/errors/{code}");
        Self::json(status, &json!({ "code": code, "message": message, "more_info": more_info, "status": status }))
    }
}

/// `Fri, 20 Nov 2026 16:00:00 +0000`, as 2010-04-01 dates.
pub(crate) fn date(at: Time) -> String {
    at.to_rfc2822()
}
