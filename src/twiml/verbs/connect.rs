//! Connect: the call waits while a socket has it.

use super::{ConversationRelay, Method, Stream};
use crate::twiml::xml::{choice, element};

choice! {
    /// What has the call meanwhile.
    Noun { Stream, ConversationRelay }
}

element! {
    /// Hands the call to a socket; goes on with `action` or the next verb when the socket closes.
    Connect "Connect" [
        /// To whom; exactly one.
        noun: Noun
    ] {
        /// Where the call goes on afterwards (the next verb).
        action: String = "action",
        /// How `action` is requested (POST).
        method: Method = "method",
    }
}

impl Connect {
    /// Hands the call to `noun`.
    #[must_use]
    pub fn new(noun: impl Into<Noun>) -> Self {
        Self { noun: noun.into(), action: None, method: None }
    }
}
