//! What is done about a call for help.

/// How surely it is a call for help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Ask once: "Is this an emergency?"
    AskOnce,
    /// Go to a person at once.
    Immediate,
}
