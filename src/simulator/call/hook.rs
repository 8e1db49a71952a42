//! Webhooks before they are sent.

use crate::simulator::http::Fields;
use crate::twiml::Method;
use reqwest::Url;

/// A webhook that is to be sent, now or later.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    pub(super) purpose: &'static str,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) fields: Fields,
}

impl Hook {
    pub(super) const fn post(purpose: &'static str, url: Url, fields: Fields) -> Self {
        Self { purpose, method: Method::Post, url, fields }
    }
}
