//! What can be wrong.

use std::fmt;

/// An invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// No caller is left without TwiML, by the carrier's rules: one retry, then the fallback URL.
    Answered,
    /// A call that was answered has a row.
    CallKept,
    /// A call ends once, as the carrier says.
    OneEnd,
    /// A webhook that was answered is in the timeline.
    StepKept,
    /// A webhook is in the timeline once, however often it came.
    StepOnce,
    /// Copies of a webhook are answered alike.
    SameAnswer,
    /// A message that the carrier made and reported is in the inbox.
    MessageKept,
    /// And once.
    MessageOnce,
    /// No message that the carrier does not know.
    MessageTrue,
    /// A recording verb stands on a consent row.
    Consent,
    /// What changed is told.
    EventKept,
    /// And once.
    EventOnce,
    /// `call.started` first, `call.ended` last of its call.
    EventOrder,
    /// The relay's numbers: every event, once, without a gap, in each call's order.
    EventNumber,
    /// A transaction that was promised is there.
    SagaKept,
    /// And nothing else is: the same wish twice is one.
    SagaOnce,
    /// It comes to an end.
    SagaEnded,
    /// Done, all of it works; rolled back, nothing of it is left.
    SagaWhole,
    /// It buys one number and makes one account at most, however often it had to ask.
    BilledOnce,
    /// What is paid for is what the tables say.
    Bill,
    /// A number that is paid for asks here.
    Reachable,
    /// What failed, or could not be taken back, is shown.
    UndoShown,
    /// Every consent is in the chain, and the chain is whole.
    Chain,
    /// No audio is kept without a consent.
    Audio,
}

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) rule: Rule,
    /// Number of the call, if it is about one.
    pub(crate) call: Option<u64>,
    pub(crate) text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.call {
            Some(call) => write!(f, "call {call}: {:?}: {}", self.rule, self.text),
            None => write!(f, "{:?}: {}", self.rule, self.text),
        }
    }
}
