//! The document and its verbs.

use super::permit::Permitted;
use super::verbs::*;
use super::xml::{Element, Xml, choice, element};

element! {
    /// A TwiML document: its verbs run from top to bottom, then the call ends.
    #[derive(Default)]
    Response "Response" [
        /// The verbs, in order.
        verbs: Vec<Verb>
    ] {}
}

choice! {
    /// What Twilio can be told to do (PROTOCOL.md 3.2).
    Verb {
        Say, PlayDigits, Play, Pause, Gather, Record as Permitted<Record>, Dial, Redirect, Reject, Hangup, Leave, Enqueue, Connect, Start,
        Stop, Refer, Pay, Sms,
    }
}

impl From<Prompted> for Verb {
    fn from(prompted: Prompted) -> Self {
        match prompted {
            Prompted::Say(say) => Self::Say(say),
            Prompted::Play(play) => Self::Play(play),
            Prompted::Pause(pause) => Self::Pause(pause),
        }
    }
}

impl Response {
    /// A document without verbs: the call ends, or, for a status callback, nothing happens.
    #[must_use]
    pub const fn new() -> Self {
        Self { verbs: Vec::new() }
    }

    /// Adds a verb at the end.
    #[must_use]
    pub fn then(mut self, verb: impl Into<Verb>) -> Self {
        self.verbs.push(verb.into());
        self
    }

    /// The document as it goes over the wire: prolog at byte 0, attributes in the order of our tables, nothing
    /// indented. Characters that XML cannot hold are left out.
    #[must_use]
    pub fn render(&self) -> String {
        let mut xml = Xml::document();
        self.write(&mut xml);
        xml.finish()
    }
}
