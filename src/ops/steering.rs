//! What live calls are steered with.

use crate::base::E164;
use crate::ledger::Ledger;
use std::fmt;
use std::pin::Pin;

/// Writes down what an operator wants, and knows where callers are sent to.
pub struct Steering {
    /// Where it is written down.
    pub ledger: Ledger,
    /// The URL of ours that sends a caller there.
    pub url: Box<dyn Fn(&Destination<'_>) -> String + Send + Sync>,
    /// Has this instance look at once at what the tables say; the others look within two seconds.
    pub look: Box<dyn Fn() -> Look + Send + Sync>,
}

/// A look that is on its way.
pub type Look = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where a caller is to go.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// `tr_…`
    pub transfer_id: &'a str,
    /// Name of the line.
    pub line: &'a str,
    /// Step of the call from which it goes on.
    pub step: u32,
    /// What the caller said to being recorded, as far as a row says so.
    pub consent: Option<bool>,
    /// Whom to ring; `None`: the mailbox.
    pub to: Option<&'a E164>,
}

impl fmt::Debug for Steering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Steering").finish_non_exhaustive()
    }
}
