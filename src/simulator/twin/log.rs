//! The requests that were made, as the twin saw them.

use super::faults::FaultKind;
use crate::base::Time;
use serde::Serialize;

/// One request to the REST API.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequestMade {
    /// When it came.
    pub at: Time,
    /// `GET`, `POST`, `DELETE`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// What it asks for, like `IncomingPhoneNumbers.create`.
    pub operation: String,
    /// What was posted, in order.
    pub form: Vec<(String, String)>,
    /// The status that was answered; `None` while it is held, and when nothing was answered.
    pub status: Option<u16>,
    /// SID of what it made, also where the answer was lost on the way.
    pub made: Option<String>,
    /// The fault that struck it.
    #[serde(serialize_with = "as_text")]
    pub fault: Option<FaultKind>,
}

fn as_text<S: serde::Serializer>(fault: &Option<FaultKind>, serializer: S) -> Result<S::Ok, S::Error> {
    match fault {
        Some(kind) => serializer.collect_str(kind),
        None => serializer.serialize_none(),
    }
}
