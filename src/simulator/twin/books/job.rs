//! What a request sets going: it is done after the answer, as Twilio does.

use crate::simulator::call::Outbound;
use crate::simulator::http::Fields;
use crate::twiml::Method;
use reqwest::Url;

/// A URL and how it is asked.
pub(crate) type Way = (Url, Method);

/// Something to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// A call is placed.
    Call {
        account_sid: String,
        /// The document it begins with, unless the plan has one.
        voice: Option<Way>,
        fallback: Option<Way>,
        plan: Box<Outbound>,
    },
    /// Reports are sent, one after the other.
    Reports { account_sid: String, to: Way, reports: Vec<Fields> },
}

impl Job {
    pub(crate) fn account_sid(&self) -> &str {
        match self {
            Self::Call { account_sid, .. } | Self::Reports { account_sid, .. } => account_sid,
        }
    }
}
