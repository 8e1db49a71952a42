//! What the REST API asks of a call that runs (PROTOCOL.md 7.8).

use crate::twiml::Method;
use reqwest::Url;

/// Goes before everything the call is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Order {
    /// The call ends.
    HangUp,
    /// The call goes on with the document at this URL.
    Fetch(Url, Method),
    /// The call goes on with this document.
    Document(String),
}
