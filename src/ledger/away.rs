//! A call that is not let in: what is stored and said of it.

use super::unit::{CallChange, TurnedAway, Unit, Webhook};

/// Stands for the answer of a line that wants a plain HTTP 429 instead of TwiML.
pub const STATUS_429: &[u8] = b"HTTP 429 Too Many Requests";

impl Unit {
    /// What is stored and answered when the caller is not let in, `cause` being why: `over the limit by caller`.
    /// `None` on every webhook that does not open a call: a running call is never refused.
    #[must_use]
    pub fn turned_away(&self, cause: &str) -> Option<Self> {
        let TurnedAway { action, outcome, facts, answer } = self.busy.as_deref()?.clone();
        let call = self.call.clone();
        Some(Self {
            call: call.map(|call| CallChange { outcome: Some(outcome), reason: Some(cause.to_owned()), ..call }),
            webhook: Webhook { decision: format!("{cause}: {action}"), ..self.webhook.clone() },
            facts,
            answer,
            limits: Vec::new(),
            busy: None,
            ..self.clone()
        })
    }
}
