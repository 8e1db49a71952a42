//! Verbs that end a call or move it on.

use super::{Method, RejectReason};
use crate::twiml::xml::{choice, element};

element! {
    /// Goes on with another document.
    #[derive(Default)]
    Redirect "Redirect" [
        /// Its URL; empty: the current one.
        url: String
    ] {
        /// How it is requested (POST).
        method: Method = "method",
    }

    /// Turns the call away, unanswered and free of charge if it is the first verb.
    #[derive(Default)]
    Reject "Reject" {
        /// What the caller hears (rejected).
        reason: RejectReason = "reason",
    }

    /// Ends the call.
    #[derive(Default)]
    Hangup "Hangup" {}

    /// Leaves the queue; only in a document of an Enqueue's `waitUrl`.
    #[derive(Default)]
    Leave "Leave" {}

    /// Hands a SIP call to another address.
    Refer "Refer" [
        /// Where to; exactly one.
        target: ReferTarget
    ] {
        /// Where the call goes on afterwards.
        action: String = "action",
        /// How `action` is requested (POST).
        method: Method = "method",
    }

    /// Sends a text (legacy: the REST API does it better).
    #[derive(Default)]
    Sms "Sms" [
        /// The text.
        text: String
    ] {
        /// To (the caller).
        to: String = "to",
        /// From (the number called).
        from: String = "from",
        /// Where the call goes on afterwards.
        action: String = "action",
        /// How `action` is requested (POST).
        method: Method = "method",
        /// Told what became of it.
        status_callback: String = "statusCallback",
    }
}

choice! {
    /// What a Refer names.
    ReferTarget { ReferSip }
}

element! {
    /// A SIP address to refer to.
    #[derive(Default)]
    ReferSip "Sip" [
        /// `sip:user@host`.
        uri: String
    ] {}
}

impl Redirect {
    /// Goes on with the document at `url`.
    #[must_use]
    pub fn to(url: impl Into<String>) -> Self {
        Self { url: url.into(), method: None }
    }
}

impl Reject {
    /// The caller hears a busy tone.
    #[must_use]
    pub const fn busy() -> Self {
        Self { reason: Some(RejectReason::Busy) }
    }
}

impl Refer {
    /// Hands the call to a SIP URI.
    #[must_use]
    pub fn to(uri: impl Into<String>) -> Self {
        Self { target: ReferSip { uri: uri.into() }.into(), action: None, method: None }
    }
}

impl Sms {
    /// Sends `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}
