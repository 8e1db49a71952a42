//! What this room finds out by itself, as a row of the call's timeline: where a webhook would have told, a finding does.

use crate::base::{CallSid, Time};
use crate::ledger::{CallChange, CallFact, Facts, Unit, Webhook};
use bytes::Bytes;
use sha2::{Digest, Sha256};

/// Something that was found out about a call. It changes nothing of the call itself.
pub(super) struct Finding<'a> {
    /// What was found of what: the same text twice is one finding.
    pub named: String,
    pub call_sid: &'a str,
    pub webhook: Webhook,
    pub facts: Facts,
}

impl Finding<'_> {
    /// As the ledger takes it. `None`: the call has no SID that can be one.
    pub(super) fn unit(self, now: Time) -> Option<Unit> {
        let key = Sha256::digest(self.named).get(..16)?.try_into().ok()?;
        let (fact, state, outcome, reason, duration_s) = (CallFact::default(), None, None, None, None);
        let call = CallChange { sid: CallSid::parse(self.call_sid)?, fact, state, outcome, reason, duration_s };
        let (parent, limits, busy, answer) = (None, Vec::new(), None, Bytes::new());
        let Self { webhook, facts, .. } = self;
        Some(Unit { key, at: now, call: Some(call), parent, limits, busy, webhook, facts, answer })
    }
}
